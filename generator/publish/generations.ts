/** Which generation counts, which are kept for nodes in the middle of a boot, and which are removed. */
import { lstat, readdir, readFile, readlink, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { generationName, isGenerationOf } from './generation-name.ts'
import { currentLink, LastingNames, lastingPlace, listsOf } from './lasting-names.ts'
import { filesIn, naming, syncFolder } from './served-folder.ts'
import { snippetKinds } from './snippets.ts'
import { Staging } from './staging.ts'
import type { Unfinished } from './unfinished.ts'

export class Generations {
  readonly #served: string
  readonly #name: string
  readonly #unfinished: Unfinished
  readonly #names: LastingNames

  constructor(unfinished: Unfinished) {
    this.#served = unfinished.served
    this.#name = unfinished.name
    this.#unfinished = unfinished
    this.#names = new LastingNames(unfinished)
  }

  /** The generation that counts; undefined for a publication that is new, or older than generations are. */
  async current(): Promise<string | undefined> {
    const target = await readlink(join(this.#served, currentLink(this.#name))).catch(() => undefined)
    return target !== undefined && isGenerationOf(this.#name, target) ? target : undefined
  }

  /** All that was staged counts from one moment on: that of the change of one link. */
  async change(staging: Staging, generation: string): Promise<void> {
    const insides = await filesIn(staging.folder)
    await this.#names.check(insides)
    if ((await this.current()) === undefined) await this.#takeOver()
    await staging.takePlace(generation)
    // Its name is that in the torrent: clients look for the files beside it.
    await staging.copy(`${generation}/${this.#name}.torrent`, `${generation}.torrent`)
    await this.#names.prepare(insides)
    await this.#point(generation)
    await this.#names.finish(insides)
  }

  /** Removes former generations but for the last `keep`; tells which. */
  async prune(keep: number): Promise<string[]> {
    const current = await this.current()
    const former: { entry: string; since: number }[] = []
    for (const entry of await readdir(this.#served)) {
      if (!isGenerationOf(this.#name, entry) || entry === current) continue
      const isOurs = await stat(join(this.#served, entry, `${this.#name}.torrent`)).catch(() => undefined)
      if (isOurs?.isFile()) former.push({ entry, since: (await stat(join(this.#served, entry))).mtimeMs })
    }
    const old = former.sort((a, b) => b.since - a.since || (a.entry < b.entry ? 1 : -1)).slice(keep)
    for (const { entry } of old) await this.#remove(entry)
    return old.map(({ entry }) => entry)
  }

  async #point(generation: string): Promise<void> {
    const now = new Date()
    // By this the former ones are told from older ones.
    await utimes(join(this.#served, generation), now, now)
    await this.#names.replaceLink(currentLink(this.#name), generation)
    await syncFolder(this.#served)
  }

  async #remove(generation: string): Promise<void> {
    const path = join(this.#served, generation)
    await naming(path, async () => {
      await rm(`${path}.torrent`, { force: true })
      const beside = await this.#unfinished.beside(join(this.#served, `.${generation}`))
      await rename(path, beside)
      await rm(beside, { recursive: true })
    })
  }

  /**
   * What publish wrote before it had generations becomes the first one: linked there, then each name to it. Whoever
   * fetches meanwhile sees the same file by both ways.
   */
  async #takeOver(): Promise<void> {
    const insides = await this.#older()
    if (insides.length === 0) return
    const staging = await Staging.begin(this.#unfinished)
    try {
      const contents: [string, string][] = []
      for (const inside of insides) {
        const path = join(this.#served, lastingPlace(this.#name, inside))
        await staging.take(path, inside)
        const { ino, mtimeMs, size } = await stat(path)
        contents.push([inside, `${ino} ${mtimeMs} ${size}`])
      }
      const generation = generationName(this.#name, contents)
      await staging.takePlace(generation)
      await this.#point(generation)
      for (const inside of insides) await this.#names.lead(inside)
    } finally {
      await staging.discard()
    }
  }

  /** The files of an older publication, by their paths in a generation; none where there is none. */
  async #older(): Promise<string[]> {
    const sums = await readFile(join(this.#served, this.#name, 'SHA256SUMS'), 'utf8').catch(() => '')
    const listed = [...sums.matchAll(/^[\da-f]{64} {2}(\S+)$/gm)].map(([, file = '']) => file)
    const insides = [
      ...[...listed, 'SHA256SUMS', ...listsOf(this.#name)],
      ...snippetKinds.map(({ file }) => `${this.#name}.boot/${file}`),
      ...['stage-one/vmlinuz', 'stage-one/initrd.img'],
    ]
    const isFile = async (inside: string) =>
      (await lstat(join(this.#served, lastingPlace(this.#name, inside))).catch(() => undefined))?.isFile()
    if (sums === '' || !(await isFile(`${this.#name}.torrent`))) return []
    const found = await Promise.all(insides.map(async inside => ((await isFile(inside)) ? [inside] : [])))
    return found.flat()
  }
}
