import { join } from 'node:path'
import { readableSize } from '../host/console/progress.ts'
import type { LiveSeeder } from './live-seeder.ts'
import { areOnlyLinked, checkPieces, fingerprint } from './torrent-data.ts'
import type { Torrent } from './torrent-file.ts'
import type { FolderState, FoundTorrent } from './torrent-folder.ts'
import { closedTo, type User } from './unprivileged-user.ts'

interface Kept {
  found: FoundTorrent
  /** What the data looked like when they were last checked, or the check began. */
  mark: string
  /** Why it is not seeded, as it was last told. */
  problem: string
  check?: AbortController
}

/** The torrents that are there, by info hash: what the tracker knows. */
export type Catalogue = Map<string, FoundTorrent>

/** Keeps catalogue and seeder to what lies in the folder: a torrent is seeded as long as its data are what it says. */
export class TorrentKeeper {
  readonly #folder: string
  readonly #catalogue: Catalogue
  readonly #seeder: LiveSeeder
  readonly #say: (line: string) => void
  readonly #reader: User | undefined
  readonly #kept = new Map<string, Kept>()
  readonly #unreadable = new Map<string, string>()
  /** One check at a time, so that a disk reads in one place. */
  #checks = Promise.resolve()

  /** @param reader who the seeder runs as, when files may be closed to it that are open to us */
  constructor(
    folder: string,
    catalogue: Catalogue,
    seeder: LiveSeeder,
    say: (line: string) => void,
    reader?: User,
  ) {
    this.#folder = folder
    this.#catalogue = catalogue
    this.#seeder = seeder
    this.#say = say
    this.#reader = reader
  }

  /** Takes in what lies in the folder now. The answer is the torrents that were not there before. */
  async follow(state: FolderState): Promise<FoundTorrent[]> {
    this.#tellUnreadable(state.unreadable)
    // Two files may hold the same torrent, with other trackers: the first by name stands for both.
    const found = new Map([...state.found].reverse().map(each => [each.torrent.infoHash, each]))
    for (const [infoHash, kept] of this.#kept) {
      if (found.has(infoHash)) continue
      this.#leave(infoHash, kept)
      this.#kept.delete(infoHash)
      this.#catalogue.delete(infoHash)
      this.#say(`${kept.found.name}: gone, and no longer given out`)
    }
    const added: FoundTorrent[] = []
    for (const [infoHash, each] of [...found].reverse()) {
      this.#catalogue.set(infoHash, each)
      const kept = this.#kept.get(infoHash)
      if (kept !== undefined) {
        kept.found = each
        continue
      }
      this.#kept.set(infoHash, { found: each, mark: '', problem: '' })
      added.push(each)
      const { size, files } = each.torrent
      const many = files.length === 1 ? 'one file' : `${files.length} files`
      this.#say(`${each.name}: ${readableSize(size)} in ${many}, info hash ${infoHash}`)
    }
    for (const [infoHash, kept] of this.#kept) await this.#look(infoHash, kept)
    // Not waited for: a seeder that hangs must not keep the tracker from what is new.
    this.#seeder.tend()
    return added
  }

  /** Breaks off what is being checked. */
  close(): void {
    for (const { check } of this.#kept.values()) check?.abort()
  }

  /** Begins a check when the data have changed. */
  async #look(infoHash: string, kept: Kept): Promise<void> {
    const { name, torrent } = kept.found
    try {
      const mark = await fingerprint(torrent, this.#folder)
      if (mark === kept.mark) return
      const changed = kept.mark !== ''
      // Nodes that are fetching it have no other source: it is given out while it is checked.
      const isLinked = changed && areOnlyLinked(mark, kept.mark)
      if (isLinked) kept.check?.abort()
      else this.#leave(infoHash, kept)
      kept.mark = mark
      if (!isLinked) kept.problem = ''
      if (changed && !isLinked) this.#say(`${name}: its files have changed and are checked again`)
      const check = new AbortController()
      kept.check = check
      this.#checks = this.#checks.then(() => this.#check(infoHash, kept, mark, check.signal))
    } catch (error) {
      this.#refuse(infoHash, kept, error as Error)
      kept.mark = ''
    }
  }

  async #check(infoHash: string, kept: Kept, mark: string, signal: AbortSignal): Promise<void> {
    const { name, torrent, content } = kept.found
    try {
      await checkPieces(torrent, this.#folder, signal)
      await this.#requireReadable(torrent)
      // Changed meanwhile: the next look begins anew.
      if (signal.aborted || (await fingerprint(torrent, this.#folder)) !== mark) return
      if (this.#seeder.seeds(infoHash)) return
      this.#seeder.add(infoHash, content, this.#folder)
      await this.#seeder.tend()
      this.#say(`${name}: complete, and given out`)
    } catch (error) {
      if (!signal.aborted) this.#refuse(infoHash, kept, error as Error)
    }
  }

  async #requireReadable({ files }: Torrent): Promise<void> {
    if (this.#reader === undefined) return
    const places = files.map(({ path }) => join(this.#folder, path))
    const closed = await closedTo(this.#reader, places)
    if (closed === undefined) return
    const path = closed.slice(this.#folder.length + 1)
    throw new Error(`${path} is closed to the seeder, which runs as ${this.#reader.name}: chmod o+r it`)
  }

  #refuse(infoHash: string, kept: Kept, { message }: Error): void {
    this.#leave(infoHash, kept)
    if (kept.problem === message) return
    kept.problem = message
    this.#say(`${kept.found.name}: not seeded: ${message}`)
  }

  #leave(infoHash: string, kept: Kept): void {
    kept.check?.abort()
    this.#seeder.remove(infoHash)
  }

  #tellUnreadable(unreadable: FolderState['unreadable']): void {
    for (const { name, reason } of unreadable) {
      if (this.#unreadable.get(name) !== reason) this.#say(`${name}: not served as a torrent: ${reason}`)
    }
    this.#unreadable.clear()
    for (const { name, reason } of unreadable) this.#unreadable.set(name, reason)
  }
}
