import { constants } from 'node:fs'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readTorrent, type Torrent } from './torrent-file.ts'

/** A .torrent file of the served folder. */
export interface FoundTorrent {
  /** The file's name in the folder. */
  name: string
  content: Buffer
  torrent: Torrent
}

export interface FolderState {
  found: FoundTorrent[]
  /** Files that are no torrents although they are called so: their names, and why. */
  unreadable: { name: string; reason: string }[]
}

/** Beyond this it is no .torrent file, whatever its name says. */
const mostBytes = 32 * 1024 * 1024

/** Reads the torrents that lie in a folder itself; what has not changed since the last time is not read again. */
export class TorrentFolder {
  readonly folder: string
  #known = new Map<string, { mark: string; outcome: FoundTorrent | string }>()

  constructor(folder: string) {
    this.folder = folder
  }

  /** @throws NodeJS.ErrnoException when the folder is not there */
  async read(): Promise<FolderState> {
    const names = (await readdir(this.folder)).filter(name => name.endsWith('.torrent')).sort()
    const known = new Map<string, { mark: string; outcome: FoundTorrent | string }>()
    for (const name of names) known.set(name, await this.#readOne(name))
    this.#known = known
    const state: FolderState = { found: [], unreadable: [] }
    for (const [name, { outcome }] of known) {
      if (typeof outcome === 'string') state.unreadable.push({ name, reason: outcome })
      else state.found.push(outcome)
    }
    return state
  }

  async #readOne(name: string): Promise<{ mark: string; outcome: FoundTorrent | string }> {
    let mark = ''
    try {
      const file = await open(join(this.folder, name), constants.O_RDONLY | constants.O_NONBLOCK)
      try {
        const stat = await file.stat()
        const { dev, ino, size, mtimeMs, ctimeMs } = stat
        mark = `${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}`
        const before = this.#known.get(name)
        if (before?.mark === mark) return before
        if (!stat.isFile()) return { mark, outcome: 'not a file' }
        if (size > mostBytes) return { mark, outcome: `too big for a torrent (${size} bytes)` }
        const content = await file.readFile()
        return { mark, outcome: { name, content, torrent: readTorrent(content) } }
      } finally {
        await file.close()
      }
    } catch (error) {
      return { mark, outcome: (error as Error).message }
    }
  }
}
