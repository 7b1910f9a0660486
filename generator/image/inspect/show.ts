/** What `inspect` does with images. */

import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { printContent, printLines } from '../../host/console/print-results.ts'
import { makeFolder, reasonOf } from '../../host/files/whole-file.ts'
import { readHardware } from '../hardware/read-hardware.ts'
import { sizeTable } from '../size-table.ts'
import { differenceOf } from './difference.ts'
import { cardLines, driverLines, driversIn, type PackedDriver } from './driven-cards.ts'
import { extract } from './extract.ts'
import { fileNamed } from './find-file.ts'
import { ImageFile } from './image-file.ts'
import { contentsAt, type ImagePart, readParts, unpackedEntries } from './image-reader.ts'
import { Limits } from './limits.ts'
import { entryLines, partName } from './listing.ts'
import { sizesOf, treeOf } from './tree.ts'

/** What is asked of `inspect`; without any of it, a listing. */
export interface InspectFlags {
  tree?: true
  sizes?: true
  diff?: true
  drivers?: true
  hardware?: string[]
  cat?: string
  extract?: string
  unpackedLimit?: number
  entryLimit?: number
}

/** Entries that the kernel passes over: counted, and told in a line for each reason. */
export class PassedOver {
  readonly #counts = new Map<string, number>()

  /** @param what what such an entry has, to complete `has …` */
  count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1)
  }

  tell(path: string): void {
    for (const [what, count] of this.#counts) {
      const entries = count === 1 ? 'an entry, which has' : `${count} entries, which have`
      process.stderr.write(`${shown(path)}: the kernel passes over ${entries} ${what}\n`)
    }
  }
}

async function newFolder(path: string): Promise<void> {
  try {
    makeFolder(resolve(path))
    if ((await readdir(path)).length === 0) return
  } catch (error) {
    throw new CommandError(`cannot extract to ${shown(path)}: ${reasonOf(error)}`, 'name a new folder')
  }
  throw new CommandError(
    `the folder ${shown(path)} is not empty`,
    'name a new folder, so that nothing of yours is lost',
  )
}

function* listing(parts: ImagePart[]): Generator<string> {
  yield* entryLines(parts)
  yield '\n'
  yield sizeTable(
    parts.map(({ entries, compressed, uncompressed }) => ({
      part: partName(entries),
      files: entries.length,
      compressed,
      uncompressed,
    })),
  )
}

/** So many of a list are named; of the others the count is told. */
const mostNamed = 10

async function extractTo(folder: string, file: ImageFile, parts: ImagePart[], limits: Limits): Promise<void> {
  await newFolder(folder)
  const { left } = await extract(file, unpackedEntries(parts), folder, limits)
  if (left.length === 0) return
  const named = left.slice(0, mostNamed).map(path => shown(path, 200))
  const more = left.length > mostNamed ? ` and ${left.length - mostNamed} more` : ''
  process.stderr.write(
    `left out, as devices need root, and pipes and sockets are not made: ${named.join(', ')}${more}\n`,
  )
}

async function look(file: ImageFile, flags: InspectFlags, limits: Limits): Promise<void> {
  const passedOver = new PassedOver()
  const parts = await readParts(file, { limits, tellPassedOver: what => passedOver.count(what) })
  passedOver.tell(file.path)
  if (flags.cat !== undefined) {
    const { file: wanted } = fileNamed(parts, flags.cat)
    for await (const { content } of contentsAt(file, [wanted.at], limits)) await printContent(content)
  } else if (flags.extract !== undefined) await extractTo(flags.extract, file, parts, limits)
  else if (flags.drivers === true) await printLines(driverLines(await driversIn(file, parts, limits)))
  else if (flags.hardware !== undefined) await tellCards(flags.hardware, await driversIn(file, parts, limits))
  else if (flags.tree === true) await printLines(treeOf(parts, limits.entries))
  else if (flags.sizes === true) await printLines(sizesOf(parts, limits.entries))
  else await printLines(listing(parts))
}

/** Tells the driver of each card. @throws CommandError where one has none */
async function tellCards(files: string[], drivers: PackedDriver[]): Promise<void> {
  const { lines, withoutDriver } = cardLines(drivers, readHardware(files))
  await printLines(lines)
  if (withoutDriver === 0) return
  throw new CommandError(
    `${withoutDriver} of ${lines.length} network cards ${withoutDriver === 1 ? 'has' : 'have'} no driver in this image`,
    'build --hardware with the same files packs those that the kernel has',
  )
}

async function compare(files: ImageFile[], limits: Limits): Promise<void> {
  const both: ImagePart[][] = []
  for (const file of files) {
    const passedOver = new PassedOver()
    both.push(
      await readParts(file, { limits, digests: true, tellPassedOver: what => passedOver.count(what) }),
    )
    passedOver.tell(file.path)
  }
  const [first = [], second = []] = both
  await printLines(differenceOf(first, second))
}

/** Prints what is asked, on standard output. @throws CommandError */
export async function showImages(images: string[], flags: InspectFlags): Promise<void> {
  const { unpackedLimit, entryLimit, ...modes } = flags
  const names = Object.keys(modes).map(flag => `--${flag}`)
  if (names.length > 1)
    throw new CommandError(`${names.join(' and ')} exclude each other`, 'give one of them', 2)
  const wanted = flags.diff === true ? 2 : 1
  if (images.length !== wanted) {
    throw new CommandError(
      wanted === 2 ? '--diff compares two images' : 'inspect looks at one image at a time',
      wanted === 2 ? 'aria2-initrd inspect --diff A B' : 'aria2-initrd inspect IMAGE',
      2,
    )
  }
  const limits = new Limits(unpackedLimit, entryLimit)
  const files: ImageFile[] = []
  try {
    for (const image of images) files.push(await ImageFile.open(image, limits))
    const [first] = files
    if (flags.diff === true) await compare(files, limits)
    else if (first !== undefined) await look(first, flags, limits)
  } finally {
    for (const file of files) await file.close()
  }
}
