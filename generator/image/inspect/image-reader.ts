import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FoundEntry, typeOf } from '../newc/newc-reader.ts'
import type { Compression } from './compression-kind.ts'
import { sortedByPath } from './entry-names.ts'
import { ImageFile } from './image-file.ts'
import { Limits } from './limits.ts'
import { openParts } from './open-parts.ts'

/** The bytes of a file, which several names may share. */
export interface FileContent {
  size: number
  /** The entry that has them. */
  at: EntryPlace
  /** In hex; where it was asked for. */
  sha256?: string
}

export interface EntryPlace {
  /** Where its part begins in the image file. */
  part: number
  /** Which one of the part's entries it is. */
  index: number
}

/** What is kept of an entry once it has been read. */
export type ReadEntry = Omit<FoundEntry, 'content' | 'size' | 'inode'> & { file: FileContent }

/** A stretch of the image file: one compressed stream, or one bare archive. */
export interface ImagePart {
  compression: Compression
  offset: number
  /** Bytes of the image file that it takes. */
  compressed: number
  uncompressed: number
  entries: ReadEntry[]
}

export interface ReadOptions {
  limits?: Limits
  /** Whether the digest of each file is wanted. */
  digests?: boolean
  /** Is told what an entry has that the kernel passes over. */
  tellPassedOver?: (what: string) => void
}

const linked = (entry: FoundEntry) => entry.nlink > 1 && typeOf(entry) === constants.S_IFREG

/** All of an image but what is in its files. */
export async function readParts(
  file: ImageFile,
  { limits = new Limits(), digests = false, tellPassedOver = () => {} }: ReadOptions = {},
): Promise<ImagePart[]> {
  const parts: ImagePart[] = []
  for await (const part of openParts(file, limits.budget(file.path), tellPassedOver)) {
    const entries: ReadEntry[] = []
    // Of several names for one file only one, usually the last, has the bytes.
    const links = new Map<string, FileContent>()
    for await (const entry of part.entries()) {
      const { content, size, inode, ...rest } = entry
      const at = { part: part.offset, index: entries.length }
      const known = linked(entry) ? links.get(inode) : undefined
      const own: FileContent = { size, at }
      if (digests && typeOf(entry) === constants.S_IFREG) own.sha256 = await digestOf(content())
      if (known !== undefined && size > 0) Object.assign(known, own)
      if (known === undefined && linked(entry)) links.set(inode, own)
      entries.push({ ...rest, file: known ?? own })
    }
    parts.push({ compression: part.compression, offset: part.offset, ...part.sizes(), entries })
  }
  return parts
}

async function digestOf(content: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256')
  for await (const piece of content) hash.update(piece)
  return hash.digest('hex')
}

/** The same for an image that is not read again. */
export async function readImage(path: string, options: ReadOptions = {}): Promise<ImagePart[]> {
  const file = await ImageFile.open(path, options.limits ?? new Limits())
  try {
    return await readParts(file, options)
  } finally {
    await file.close()
  }
}

/** What the kernel has after unpacking: of two entries with one path the later one. Sorted by path. */
export function unpackedEntries(parts: ImagePart[]): ReadEntry[] {
  const last = new Map<string, ReadEntry>()
  for (const { entries } of parts) for (const entry of entries) last.set(entry.path, entry)
  return sortedByPath(last.values())
}

/**
 * Reads an image a second time, for the content of some of its entries, in their order in the image. It ends with the last
 * of them.
 */
export async function* contentsAt(
  file: ImageFile,
  places: EntryPlace[],
  limits = new Limits(),
): AsyncGenerator<{ place: EntryPlace; content: AsyncGenerator<Buffer> }> {
  const wanted = new Map<number, Map<number, EntryPlace>>()
  for (const place of places) {
    const inPart = wanted.get(place.part) ?? new Map<number, EntryPlace>()
    wanted.set(place.part, inPart.set(place.index, place))
  }
  for (const [offset, inPart] of [...wanted].sort(([a], [b]) => a - b)) {
    for await (const part of openParts(file, limits.budget(file.path), () => {}, offset)) {
      let index = 0
      for await (const entry of part.entries()) {
        const place = inPart.get(index++)
        if (place === undefined) continue
        yield { place, content: entry.content() }
        inPart.delete(place.index)
        if (inPart.size === 0) break
      }
      break
    }
  }
}
