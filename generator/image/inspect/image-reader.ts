import { readFile } from 'node:fs/promises'
import { CommandError } from '../../command-error.ts'
import type { Progress } from '../../progress.ts'
import { reasonOf } from '../whole-file.ts'
import { type Compression, compressionAt, decompressPart } from './compressed-parts.ts'
import { isNewc, type ReadEntry, readNewc } from './newc-reader.ts'

/** A stretch of the image file: one compressed stream, or one bare archive. */
export interface ImagePart {
  compression: Compression
  /** Bytes of the image file that it takes. */
  compressed: number
  uncompressed: number
  entries: ReadEntry[]
}

/** The kernel passes over zeros between the parts of an image. */
function afterZeros(bytes: Buffer, offset: number): number {
  let position = offset
  while (bytes[position] === 0) position++
  return position
}

function archivesIn(content: Buffer): ReadEntry[] {
  const entries: ReadEntry[] = []
  let position = afterZeros(content, 0)
  while (position < content.length) {
    const archive = readNewc(content, position)
    entries.push(...archive.entries)
    position = afterZeros(content, archive.end)
  }
  return entries
}

/** Reads an initramfs as the kernel does: archives in newc, bare or compressed, one after another. */
export async function readImage(path: string, progress: Progress): Promise<ImagePart[]> {
  let image: Buffer
  try {
    image = await readFile(path)
  } catch (error) {
    throw new CommandError(
      `cannot read ${path}: ${reasonOf(error)}`,
      'name an image, such as output/initrd.img',
    )
  }
  const parts: ImagePart[] = []
  let position = afterZeros(image, 0)
  while (position < image.length) {
    const compression = compressionAt(image, position)
    if (compression === undefined) {
      throw new CommandError(
        `${path}: no archive begins at byte ${position}`,
        'inspect reads images in newc, bare or compressed with xz, gzip, zstd or lz4',
      )
    }
    if (compression === 'none') {
      const { entries, end } = readNewc(image, position)
      parts.push({ compression, compressed: end - position, uncompressed: end - position, entries })
      position = afterZeros(image, end)
      continue
    }
    const { content, end } = await decompressPart(image, position, compression, progress)
    if (!isNewc(content, afterZeros(content, 0))) {
      throw new CommandError(
        `${path}: what is compressed at byte ${position} is no archive`,
        'name another image',
      )
    }
    const entries = archivesIn(content)
    parts.push({ compression, compressed: end - position, uncompressed: content.length, entries })
    position = afterZeros(image, end)
  }
  if (parts.length === 0)
    throw new CommandError(`${path} is empty`, 'name an image, such as output/initrd.img')
  return parts
}

/** A path of an archive as we print and look it up: without `./` and leading slashes. */
export const plainPath = (path: string) => path.replace(/^(\.?\/)+/, '')

/** What the kernel has after unpacking: of two entries with one path the later one. Sorted by path. */
export function unpackedEntries(parts: ImagePart[]): ReadEntry[] {
  const last = new Map(
    parts.flatMap(({ entries }) => entries.map(entry => [plainPath(entry.path), entry] as const)),
  )
  return [...last]
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map(([, entry]) => entry)
}
