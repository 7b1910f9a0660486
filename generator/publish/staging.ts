/** Files take their places together, when all of them are written. */
import { randomBytes } from 'node:crypto'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { makeFolder, reasonOf } from '../host/files/whole-file.ts'
import { Unfinished } from './unfinished.ts'

/**
 * Each file is written beside its place and takes it by `commit`; until then, and after `discard`, what was there
 * before is untouched and nothing new is seen.
 */
export class Staging {
  #pending: { beside: string; path: string }[] = []
  readonly #unfinished: Unfinished | undefined

  /** @param folder where the list of what is unfinished lies, for the case that this process is killed */
  constructor(folder?: string) {
    this.#unfinished = folder === undefined ? undefined : new Unfinished(folder)
  }

  async #open(path: string): Promise<{ beside: string; file: FileHandle }> {
    makeFolder(dirname(path))
    // Found out now and not in the middle of `commit`.
    const there = await stat(path).catch(() => undefined)
    if (there?.isDirectory()) {
      throw new CommandError(
        `cannot write ${path}: it is a folder`,
        'move that folder away, or choose another name',
      )
    }
    const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`
    await this.#unfinished?.add(beside)
    const file = await open(beside, 'wx', 0o644)
    this.#pending.push({ beside, path })
    return { beside, file }
  }

  /** Hands out a new file to write to. Tells where its content lies until `commit`, and what `fill` came to. */
  async write<Result>(
    path: string,
    fill: (file: FileHandle) => Promise<Result>,
  ): Promise<{ beside: string; result: Result }> {
    return await this.#naming(path, async () => {
      const { beside, file } = await this.#open(path)
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

  /** In the order in which they were written. */
  async commit(): Promise<void> {
    for (const { beside, path } of this.#pending) await this.#naming(path, () => rename(beside, path))
    this.#pending = []
  }

  /** To be called at the end, whatever it was. */
  async discard(): Promise<void> {
    for (const { beside } of this.#pending.splice(0)) await rm(beside, { force: true })
    await this.#unfinished?.close()
  }

  async #naming<Result>(path: string, act: () => Promise<Result>): Promise<Result> {
    try {
      return await act()
    } catch (error) {
      if (error instanceof CommandError || (error as NodeJS.ErrnoException).syscall === undefined) throw error
      throw new CommandError(
        `cannot write ${path}: ${reasonOf(error)}`,
        'make room there, or choose another folder with -o',
      )
    }
  }
}
