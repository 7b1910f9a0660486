import { isUtf8 } from 'node:buffer'
import { constants, createWriteStream } from 'node:fs'
import { chmod, link, lstat, mkdir, symlink } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import { runCommand } from '../../host/processes/run-command.ts'
import { typeOf } from '../newc/newc-reader.ts'
import { nameBytes } from './entry-names.ts'
import type { ImageFile } from './image-file.ts'
import { contentsAt, type FileContent, type ReadEntry } from './image-reader.ts'
import { Limits } from './limits.ts'
import { isFile } from './listing.ts'

/** Never set-user-id: the file may come from anyone, and this may be root. */
const safeMode = ({ mode }: ReadEntry) => mode & 0o1777

const isFolder = (entry: ReadEntry) => typeOf(entry) === constants.S_IFDIR
const isDevice = (entry: ReadEntry) =>
  [constants.S_IFCHR, constants.S_IFBLK].some(type => type === typeOf(entry))

function refuse(path: string, why: string): CommandError {
  return new CommandError(
    `/${shown(path, 200)} in the image ${why}: nothing was extracted`,
    'do not trust this image; inspect IMAGE lists it, and --cat prints single files',
  )
}

/** Refuses what would be written outside of the folder, before anything is written. */
function check(entries: ReadEntry[]): void {
  const byPath = new Map(entries.map(entry => [entry.path, entry]))
  const checked = new Set<string>()
  for (const { path } of entries) {
    if (path.split('/').includes('..')) throw refuse(path, 'has a path that leads out of it')
    const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    if (checked.has(parent)) continue
    checked.add(parent)
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
      const above = byPath.get(path.slice(0, slash))
      if (above !== undefined && !isFolder(above)) throw refuse(path, 'lies below a link or a file')
    }
  }
}

/**
 * Writes the entries of an image below `folder`, which must be new or empty; never outside it, whatever the image says.
 * Names for one file become hard links, so that what is written is no more than what the image unpacks to.
 * @param entries as `unpackedEntries` gives them
 * @returns the paths that were left out: devices where this is not root, pipes and sockets
 */
export async function extract(
  file: ImageFile,
  entries: ReadEntry[],
  folder: string,
  limits = new Limits(),
): Promise<{ left: string[] }> {
  check(entries)
  try {
    return await write(new Target(folder), file, entries, limits)
  } catch (error) {
    if (error instanceof CommandError) throw error
    throw new CommandError(
      `cannot extract to ${shown(folder)}: ${reasonOf(error)}`,
      'name a new folder on a disk with room, whose file system takes such names',
    )
  }
}

async function write(
  target: Target,
  file: ImageFile,
  entries: ReadEntry[],
  limits: Limits,
): Promise<{ left: string[] }> {
  const named = entries.filter(({ path }) => path !== '')
  const folders = named.filter(isFolder)
  for (const { path } of folders) await target.makeFolder(path)
  await writeFiles(target, file, named.filter(isFile), limits)
  // Links are made when no file is written any more: nothing can lead through them.
  const left: string[] = []
  for (const entry of named) {
    if (isFile(entry) || isFolder(entry)) continue
    await target.makeFoldersAbove(entry.path)
    if (entry.target !== undefined) await symlink(nameBytes(entry.target), target.bytes(entry.path))
    else if (!isDevice(entry) || !(await target.makeDevice(entry))) left.push(entry.path)
  }
  // Last: a folder may be one that nobody may write to.
  for (const entry of folders.reverse()) await chmod(target.bytes(entry.path), safeMode(entry))
  return { left }
}

async function writeFiles(
  target: Target,
  file: ImageFile,
  files: ReadEntry[],
  limits: Limits,
): Promise<void> {
  const names = new Map<FileContent, ReadEntry[]>()
  for (const entry of files) {
    const same = names.get(entry.file)
    if (same === undefined) names.set(entry.file, [entry])
    else same.push(entry)
  }
  const byPlace = new Map([...names].map(([{ at }, same]) => [at, same]))
  for await (const { place, content } of contentsAt(file, [...byPlace.keys()], limits)) {
    const [first, ...others] = byPlace.get(place) ?? []
    if (first === undefined) continue
    await target.makeFoldersAbove(first.path)
    const path = target.bytes(first.path)
    await pipeline(content, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
    for (const other of others) {
      await target.makeFoldersAbove(other.path)
      await link(path, target.bytes(other.path))
    }
    await chmod(path, safeMode(others.at(-1) ?? first))
  }
}

/** The folder that is extracted to. */
class Target {
  readonly #root: Buffer
  readonly #made = new Set<string>([''])

  constructor(folder: string) {
    this.#root = Buffer.from(`${folder}/`)
  }

  /** Where a path of the image lies, in bytes: names need not be UTF-8. */
  bytes(path: string): Buffer {
    return Buffer.concat([this.#root, nameBytes(path)])
  }

  async makeFoldersAbove(path: string): Promise<void> {
    const above = path.slice(0, Math.max(0, path.lastIndexOf('/')))
    if (this.#made.has(above)) return
    for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
      await this.makeFolder(path.slice(0, slash))
  }

  /** Makes a folder, unless it is one already; through a link it never goes. */
  async makeFolder(path: string): Promise<void> {
    if (this.#made.has(path)) return
    await this.makeFoldersAbove(path)
    const there = await lstat(this.bytes(path)).catch(() => undefined)
    if (there === undefined) await mkdir(this.bytes(path))
    else if (!there.isDirectory()) throw refuse(path, 'is a folder and something else at once')
    this.#made.add(path)
  }

  /** Makes a device where that is allowed. For its owner alone: the image may come from anyone. */
  async makeDevice(entry: ReadEntry): Promise<boolean> {
    const path = this.bytes(entry.path)
    // A name that is not UTF-8 cannot be an argument.
    if (process.geteuid?.() !== 0 || !isUtf8(path)) return false
    const kind = typeOf(entry) === constants.S_IFCHR ? 'c' : 'b'
    const words = ['-m', '600', '--', path.toString(), kind, String(entry.major), String(entry.minor)]
    return (await runCommand('mknod', words)).status === 0
  }
}
