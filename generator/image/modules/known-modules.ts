/**
 * What compressed modules said of themselves, kept by the digests of their files: an image whose modules stay compressed
 * is made again without decompressing hundreds.
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { keepResult, keptResult } from '../../host/files/kept-record.ts'
import { type ModuleInfo, readModuleInfo } from './modinfo.ts'
import { decompressModule } from './module-file.ts'

/** Counts up with `ModuleInfo`. */
const format = 2

export class KnownModules {
  readonly #subject: string
  readonly #known: ReadonlyMap<string, ModuleInfo>
  readonly #used = new Map<string, ModuleInfo>()

  /** @param folder lib/modules/VERSION */
  constructor(folder: string) {
    this.#subject = `module-info ${format} ${basename(folder)}`
    this.#known = new Map(Object.entries((keptResult('modules', this.#subject) ?? {}) as object))
  }

  /** @param stored the content of the file at `path` */
  async infoOf(path: string, stored: Buffer): Promise<ModuleInfo> {
    const digest = createHash('sha256').update(stored).digest('hex')
    const info = this.#known.get(digest) ?? readModuleInfo(await decompressModule(path, stored), path)
    this.#used.set(digest, info)
    return info
  }

  /** Keeps what was asked for, where some of it was not known. */
  keep(): void {
    if ([...this.#used.keys()].every(digest => this.#known.has(digest))) return
    keepResult('modules', this.#subject, Object.fromEntries(this.#used))
  }
}
