/** What `inspect` does with images. */
import { constants } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CommandError } from '../../command-error.ts'
import { terminalProgress } from '../../progress.ts'
import { sizeTable } from '../size-table.ts'
import { makeFolder, reasonOf } from '../whole-file.ts'
import { differenceOf } from './difference.ts'
import { extract } from './extract.ts'
import { type ImagePart, plainPath, readImage, unpackedEntries } from './image-reader.ts'
import { entryLines, partName, printable } from './listing.ts'
import { typeOf } from './newc-reader.ts'
import { sizesOf, treeOf } from './tree.ts'

/** What is asked of `inspect`; without any of it, a listing. */
export interface InspectFlags {
  tree?: true
  sizes?: true
  diff?: true
  cat?: string
  extract?: string
}

/** The bytes of one file, found as the booted machine would: a link is followed within the image. */
function fileIn(parts: ImagePart[], wanted: string): Buffer {
  const entries = new Map(unpackedEntries(parts).map(entry => [plainPath(entry.path), entry]))
  let path = plainPath(wanted)
  for (let links = 0; links < 8; links++) {
    const entry = entries.get(path)
    if (entry === undefined) {
      throw new CommandError(`the image has no /${path}`, 'inspect IMAGE lists what it has')
    }
    if (typeOf(entry) === constants.S_IFREG) return entry.content
    if (typeOf(entry) !== constants.S_IFLNK) break
    path = plainPath(resolve('/', path, '..', entry.content.toString()))
  }
  throw new CommandError(`/${plainPath(wanted)} in the image is no file`, 'inspect IMAGE lists what it has')
}

async function newFolder(path: string): Promise<void> {
  try {
    await makeFolder(resolve(path))
    if ((await readdir(path)).length === 0) return
  } catch (error) {
    throw new CommandError(`cannot extract to ${path}: ${reasonOf(error)}`, 'name a new folder')
  }
  throw new CommandError(
    `the folder ${path} is not empty`,
    'name a new folder, so that nothing of yours is lost',
  )
}

function listing(parts: ImagePart[]): string {
  const sizes = parts.map(({ entries, compressed, uncompressed }) => ({
    part: partName(entries),
    files: entries.length,
    compressed,
    uncompressed,
  }))
  return `${entryLines(parts)}\n${sizeTable(sizes)}`
}

/** Prints what is asked, on standard output. @throws CommandError */
export async function showImages(images: string[], flags: InspectFlags): Promise<void> {
  const modes = Object.keys(flags).map(flag => `--${flag}`)
  if (modes.length > 1)
    throw new CommandError(`${modes.join(' and ')} exclude each other`, 'give one of them', 2)
  const wanted = flags.diff === true ? 2 : 1
  if (images.length !== wanted) {
    throw new CommandError(
      wanted === 2 ? '--diff compares two images' : 'inspect looks at one image at a time',
      wanted === 2 ? 'aria2-initrd inspect --diff A B' : 'aria2-initrd inspect IMAGE',
      2,
    )
  }
  const progress = terminalProgress()
  const [parts = [], other = []] = await Promise.all(images.map(image => readImage(image, progress)))
  if (flags.cat !== undefined) process.stdout.write(fileIn(parts, flags.cat))
  else if (flags.extract !== undefined) {
    await newFolder(flags.extract)
    const { left } = await extract(unpackedEntries(parts), flags.extract)
    if (left.length > 0) {
      process.stderr.write(`left out, as devices need root: ${left.map(printable).join(', ')}\n`)
    }
  } else if (flags.diff === true) process.stdout.write(differenceOf(parts, other))
  else if (flags.tree === true) process.stdout.write(treeOf(parts))
  else if (flags.sizes === true) process.stdout.write(sizesOf(parts))
  else process.stdout.write(listing(parts))
}
