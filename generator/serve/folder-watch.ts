import { adviceOn } from './publication-advice.ts'
import type { Listening } from './served-addresses.ts'
import type { FolderState, TorrentFolder } from './torrent-folder.ts'
import type { TorrentKeeper } from './torrent-keeper.ts'

/** Milliseconds between two looks at the folder: so soon a new torrent is given out, and one that changed is not. */
const lookInterval = 1000

/** Looks at the folder again and again, until it is closed. */
export class FolderWatch {
  readonly #torrents: TorrentFolder
  readonly #keeper: TorrentKeeper
  readonly #listening: Listening
  readonly #say: (line: string) => void
  #timer: NodeJS.Timeout | undefined
  #looking = Promise.resolve()
  #closed = false
  #gone = false

  constructor(
    torrents: TorrentFolder,
    keeper: TorrentKeeper,
    listening: Listening,
    say: (line: string) => void,
  ) {
    this.#torrents = torrents
    this.#keeper = keeper
    this.#listening = listening
    this.#say = say
  }

  /** Looks now, and from now on. */
  async start(): Promise<void> {
    this.#looking = this.#look().catch((error: Error) =>
      this.#say(`cannot look at the folder: ${error.message}`),
    )
    await this.#looking
    if (!this.#closed) this.#timer = setTimeout(() => this.start(), lookInterval)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#keeper.close()
    await this.#looking
  }

  async #look(): Promise<void> {
    for (const found of await this.#keeper.follow(await this.#state()))
      for (const advice of await adviceOn(found, this.#torrents.folder, this.#listening))
        this.#say(`${found.name}: warning: ${advice}`)
  }

  async #state(): Promise<FolderState> {
    try {
      const state = await this.#torrents.read()
      if (this.#gone) this.#say('the folder is back')
      this.#gone = false
      return state
    } catch (error) {
      if (!this.#gone) this.#say(`the folder cannot be read: ${(error as Error).message}`)
      this.#gone = true
      return { found: [], unreadable: [] }
    }
  }
}
