// Where a compressed stream ends when another part of the image follows it.
import { crc32 } from 'node:zlib'
import { CommandError } from '../../command-error.ts'

export function damaged(kind: string): CommandError {
  return new CommandError(
    `the image is damaged: its ${kind} part cannot be decompressed`,
    'build or copy it again',
  )
}

/**
 * Where an xz stream ends: nothing at its beginning tells, so its footer is looked for, which a checksum guards and
 * whose flags are the header's (xz-file-format, section 2.1.2).
 */
export function endOfXz(image: Buffer, offset: number): number {
  for (let end = offset + 32; end <= image.length; end += 4) {
    if (image[end - 2] !== 0x59 || image[end - 1] !== 0x5a) continue
    const sameFlags = image.readUInt16BE(end - 4) === image.readUInt16BE(offset + 6)
    if (sameFlags && crc32(image.subarray(end - 8, end - 2)) === image.readUInt32LE(end - 12)) return end
  }
  throw damaged('xz')
}

/** Where a zstd frame ends: its blocks have their sizes before them (RFC 8878, section 3.1.1). */
export function endOfZstd(image: Buffer, offset: number): number {
  const descriptor = image.readUInt8(offset + 4)
  const singleSegment = (descriptor >> 5) & 1
  const contentSize = [singleSegment, 2, 4, 8][descriptor >> 6] ?? 0
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0
  let position = offset + 5 + (1 - singleSegment) + dictionary + contentSize
  for (let last = false; !last; ) {
    const header = image.readUIntLE(position, 3)
    last = (header & 1) === 1
    const runLength = ((header >> 1) & 3) === 1
    position += 3 + (runLength ? 1 : header >> 3)
  }
  return position + ((descriptor >> 2) & 1 ? 4 : 0)
}

/** The magic numbers of lz4's two formats, little-endian. */
const lz4 = { legacy: 0x184c2102, frame: 0x184d2204 }

/** A block of the legacy format unpacks to 8 MiB at most; this is the most that incompressible data takes. */
const biggestLegacyBlock = (8 << 20) + Math.floor((8 << 20) / 255) + 16

/**
 * Where lz4's data ends. The legacy format, which the kernel reads, has a size before each block and no end of its own: it
 * ends with the image, at zeros, or where a size would be absurd. The frame format (lz4_Frame_format.md) says it all.
 */
export function endOfLz4(image: Buffer, offset: number): number {
  return image.readUInt32LE(offset) === lz4.frame
    ? endOfLz4Frame(image, offset)
    : endOfLz4Legacy(image, offset)
}

function endOfLz4Legacy(image: Buffer, offset: number): number {
  let position = offset + 4
  while (position + 4 <= image.length) {
    const size = image.readUInt32LE(position)
    if (size === lz4.legacy) position += 4
    else if (size === 0 || size > biggestLegacyBlock) break
    else if (position + 4 + size > image.length) throw damaged('lz4')
    else position += 4 + size
  }
  return position
}

function endOfLz4Frame(image: Buffer, offset: number): number {
  const flags = image.readUInt8(offset + 4)
  const [blockChecksum, contentSize, contentChecksum, dictionary] = [0x10, 0x08, 0x04, 0x01].map(
    flag => (flags & flag) !== 0,
  )
  let position = offset + 7 + (contentSize ? 8 : 0) + (dictionary ? 4 : 0)
  for (;;) {
    const size = image.readUInt32LE(position) & 0x7fffffff
    position += 4
    if (size === 0) break
    position += size + (blockChecksum ? 4 : 0)
  }
  return position + (contentChecksum ? 4 : 0)
}
