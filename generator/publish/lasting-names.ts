/** The names that stay from one generation to the next: links through NAME.current, so that all of them change when that one does. */
import { lstat, readdir, readlink, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { makeFolder } from '../host/files/whole-file.ts'
import { naming } from './served-folder.ts'
import type { Unfinished } from './unfinished.ts'

/** The link that leads to the generation which counts. */
export const currentLink = (name: string): string => `${name}.current`

/** What publish writes beside the files, into their folder. */
export const listsOf = (name: string): string[] =>
  ['torrent', 'magnet', 'meta4', 'manifest', 'manifest.sig'].map(kind => `${name}.${kind}`)

/** Where a file of a generation is found by a name that stays: the files in NAME/, all else where it was. */
export const lastingPlace = (name: string, inside: string): string =>
  inside.includes('/') || listsOf(name).includes(inside) ? inside : `${name}/${inside}`

export class LastingNames {
  readonly #served: string
  readonly #name: string
  readonly #unfinished: Unfinished

  constructor(unfinished: Unfinished) {
    this.#served = unfinished.served
    this.#name = unfinished.name
    this.#unfinished = unfinished
  }

  /** @throws CommandError where a folder, or a link to elsewhere, is in the way */
  async check(insides: string[]): Promise<void> {
    for (const inside of insides) {
      const place = lastingPlace(this.#name, inside)
      const found = await lstat(join(this.#served, place)).catch(() => undefined)
      if (found?.isDirectory()) throw inTheWay(join(this.#served, place), 'it is a folder')
      const folder = join(this.#served, dirname(place))
      if (place.includes('/') && (await lstat(folder).catch(() => undefined))?.isSymbolicLink())
        throw inTheWay(folder, 'it is a link')
    }
  }

  /** Before the change: names that are new lead nowhere until then, and what is linked already is left. */
  async prepare(insides: string[]): Promise<void> {
    for (const inside of insides) {
      const path = join(this.#served, lastingPlace(this.#name, inside))
      if ((await lstat(path).catch(() => undefined)) === undefined || (await this.#isSame(path, inside)))
        await this.lead(inside)
    }
  }

  /** After the change: names that are others' files until now, and names of what is no longer there. */
  async finish(insides: string[]): Promise<void> {
    for (const inside of insides) await this.lead(inside)
    const places = insides.map(inside => lastingPlace(this.#name, inside))
    for (const folder of ['', this.#name, `${this.#name}.boot`, 'stage-one']) {
      for (const entry of await readdir(join(this.#served, folder)).catch(() => [])) {
        const place = join(folder, entry)
        if (!places.includes(place) && (await this.#isOurs(place))) await rm(join(this.#served, place))
      }
    }
  }

  /** Makes one name lead through the current generation, whatever has it now. */
  async lead(inside: string): Promise<void> {
    const place = lastingPlace(this.#name, inside)
    await this.replaceLink(place, relative(dirname(place), join(currentLink(this.#name), inside)))
  }

  /** A link takes its place in one step. */
  async replaceLink(place: string, target: string): Promise<void> {
    const path = join(this.#served, place)
    if ((await readlink(path).catch(() => undefined)) === target) return
    await naming(path, async () => {
      makeFolder(dirname(path))
      const beside = await this.#unfinished.beside(path)
      await symlink(target, beside)
      await rename(beside, path)
    })
  }

  /** Whether it is the file itself that the current generation has: a change of names that was broken off. */
  async #isSame(path: string, inside: string): Promise<boolean> {
    const inCurrent = join(this.#served, currentLink(this.#name), inside)
    const [one, two] = await Promise.all([path, inCurrent].map(each => stat(each).catch(() => undefined)))
    return one !== undefined && one.ino === two?.ino && one.dev === two.dev
  }

  async #isOurs(place: string): Promise<boolean> {
    const target = await readlink(join(this.#served, place)).catch(() => '')
    return join(dirname(place), target).startsWith(`${currentLink(this.#name)}/`)
  }
}

const inTheWay = (path: string, why: string): CommandError =>
  new CommandError(`cannot write ${path}: ${why}`, 'move it away, or choose another name')
