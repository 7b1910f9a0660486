/** A generation is written in a hidden folder, and takes its place when it is whole and on the disk. */
import { copyFile, type FileHandle, link, lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { makeFolder } from '../host/files/whole-file.ts'
import { lastingPlace } from './lasting-names.ts'
import { filesIn, foldersIn, naming, syncFolder } from './served-folder.ts'
import type { Unfinished } from './unfinished.ts'

/** Until `takePlace`, and after `discard`, what was there before is untouched and nothing new is seen. */
export class Staging {
  /** Where the files lie until they take their place. */
  readonly folder: string
  readonly #served: string
  readonly #unfinished: Unfinished

  private constructor(folder: string, unfinished: Unfinished) {
    this.folder = folder
    this.#served = resolve(unfinished.served)
    this.#unfinished = unfinished
  }

  static async begin(unfinished: Unfinished): Promise<Staging> {
    const folder = await unfinished.beside(join(resolve(unfinished.served), `.${unfinished.name}`))
    await naming(folder, () => mkdir(folder, { mode: 0o755 }))
    return new Staging(folder, unfinished)
  }

  /** Hands out a new file to write to. Tells where its content lies until `takePlace`, and what `fill` came to. */
  async write<Result>(
    path: string,
    fill: (file: FileHandle) => Promise<Result>,
  ): Promise<{ beside: string; result: Result }> {
    const beside = join(this.folder, path)
    return await naming(join(this.#served, lastingPlace(this.#unfinished.name, path)), async () => {
      makeFolder(dirname(beside))
      const file = await open(beside, 'wx', 0o644)
      try {
        const result = await fill(file)
        // Whatever the umask says: a web server is to read it.
        await file.chmod(0o644)
        await file.sync()
        return { beside, result }
      } finally {
        await file.close()
      }
    })
  }

  /** Takes in a file of the served folder without a copy of it; false where that cannot be. */
  async link(from: string, path: string): Promise<boolean> {
    const beside = join(this.folder, path)
    makeFolder(dirname(beside))
    return await realpath(from)
      .then(file => link(file, beside))
      .then(
        () => true,
        () => false,
      )
  }

  /** Takes in a file that need not be read, with a copy where there is no other way. */
  async take(from: string, path: string): Promise<void> {
    if (await this.link(from, path)) return
    await this.write(path, async () => copyFile(from, join(this.folder, path)))
  }

  /** Into the served folder, as `generation`. Where that is there, what was damaged in it is made good. */
  async takePlace(generation: string): Promise<void> {
    const place = join(this.#served, generation)
    await naming(place, async () => {
      const found = await lstat(place).catch(() => undefined)
      if (found === undefined) {
        for (const folder of ['', ...(await foldersIn(this.folder))])
          await syncFolder(join(this.folder, folder))
        await rename(this.folder, place)
      } else {
        for (const folder of await foldersIn(this.folder)) makeFolder(join(place, folder))
        for (const file of await filesIn(this.folder))
          await rename(join(this.folder, file), join(place, file))
        await rm(this.folder, { recursive: true })
      }
      await syncFolder(this.#served)
    })
  }

  /** A copy of a published file at another place of the served folder. */
  async copy(from: string, to: string): Promise<void> {
    const place = join(this.#served, to)
    await naming(place, async () => {
      const beside = await this.#unfinished.beside(place)
      await copyFile(join(this.#served, from), beside)
      await syncFolder(beside)
      await rename(beside, place)
    })
  }

  /** To be called at the end, whatever it was. */
  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true })
  }
}
