import {
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import type { ArchiveEntry, ImagePath } from '../newc/entry.ts'
import { placeOf, splitAddition } from './addition.ts'
import { isElf, isForX86, readDynamic } from './elf.ts'
import { Room } from './file-size.ts'
import { librariesOf } from './libraries.ts'

export interface Added {
  /** What was asked for, in the order of the asking. */
  entries: ArchiveEntry[]
  /** What the programs among it need; gives way to what was asked for. */
  libraries: ArchiveEntry[]
}

/** Files that were added: what the image says of where they came from must not name folders of this machine. */
const originOf = (source: string) => `added (${basename(source)})`

function orSay<Result>(path: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(`cannot add ${path}: ${reasonOf(error)}`, 'see that it is there and may be read')
  }
}

const executable = ({ mode }: Stats) => (mode & 0o111) !== 0
const isScript = (content: Buffer) => content.toString('latin1', 0, 2) === '#!'

/** Collects what is added, with the modes that the rule gives: 0755 what may be run, and folders; else 0644. */
class Collection {
  readonly added: Added = { entries: [], libraries: [] }
  readonly #room = new Room()
  readonly #origin: string

  constructor(source: string) {
    this.#origin = originOf(source)
  }

  #libraries(file: string, path: ImagePath, content: Buffer): void {
    const dynamic = readDynamic(content, file)
    if (dynamic === undefined) return
    const origin = `${this.#origin}: needed by /${path}`
    for (const library of librariesOf(realpathSync(file), path, dynamic)) {
      this.#room.take(library.path, library.content.length)
      this.added.libraries.push({ kind: 'file', mode: 0o755, origin, ...library })
    }
  }

  /** @param named whether the file itself was named, and not a folder above it: then it must be what it looks like */
  file(file: string, path: ImagePath, named: boolean): void {
    const stats = statSync(file)
    this.#room.take(file, stats.size)
    const content = readFileSync(file)
    const runs = executable(stats)
    if (isForX86(content)) this.#libraries(file, path, content)
    else if (named && runs && isElf(content)) {
      throw new CommandError(
        `${file} is a program for another kind of machine than x86-64`,
        'add the one for x86-64',
      )
    } else if (named && runs && !isScript(content)) {
      throw new CommandError(
        `${file} may be executed, but is neither an ELF program nor a script`,
        `if it is data: chmod a-x, and add it again; a script begins with #! and its interpreter`,
      )
    }
    this.added.entries.push({ kind: 'file', path, mode: runs ? 0o755 : 0o644, content, origin: this.#origin })
  }

  folder(folder: string, path: ImagePath): void {
    if (path !== '') this.added.entries.push({ kind: 'directory', path, mode: 0o755, origin: this.#origin })
    for (const name of readdirSync(folder).sort()) {
      const from = join(folder, name)
      const to = path === '' ? name : `${path}/${name}`
      if (/[\p{Cc}\ufffd]/u.test(name)) {
        throw new CommandError(
          `cannot add ${JSON.stringify(from)}: its name is not UTF-8, or has control characters`,
          'rename it, or leave it out',
        )
      }
      orSay(from, () => this.#inFolder(from, to))
    }
  }

  #inFolder(from: string, to: ImagePath): void {
    const stats = lstatSync(from)
    if (stats.isDirectory()) this.folder(from, to)
    else if (stats.isSymbolicLink()) {
      this.added.entries.push({ kind: 'symlink', path: to, target: readlinkSync(from), origin: this.#origin })
    } else if (stats.isFile()) this.file(from, to, false)
    else throw new CommandError(`cannot add ${from}: it is a device, a socket or a pipe`, 'leave it out')
  }
}

/** Reads what `--add` names, each `SRC[:DEST]`; programs bring their libraries. Owners and times never come along. */
export function collectAdditions(texts: string[]): Added {
  const collected = texts.map(text => {
    const addition = splitAddition(text)
    const { source } = addition
    const collection = new Collection(source)
    orSay(source, () => {
      const stats = statSync(source)
      const path = placeOf(addition, stats.isDirectory())
      if (stats.isDirectory()) collection.folder(source, path)
      else if (stats.isFile()) collection.file(source, path, true)
      else throw new CommandError(`cannot add ${source}: it is a device, a socket or a pipe`, 'leave it out')
    })
    return collection.added
  })
  return {
    entries: collected.flatMap(({ entries }) => entries),
    libraries: collected.flatMap(({ libraries }) => libraries),
  }
}
