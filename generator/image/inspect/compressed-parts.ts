import { crc32, inflateRawSync } from 'node:zlib'
import { parseFileIndex, unxzAsync } from 'node-liblzma'
import { CommandError } from '../../command-error.ts'
import { ensurePrograms } from '../../host-packages.ts'
import type { Progress } from '../../progress.ts'
import { runFilter } from '../../run-command.ts'

export type Compression = 'xz' | 'gzip' | 'zstd' | 'none'

/** What a compressed part of an image holds, and where it ends. */
export interface Part {
  content: Buffer
  end: number
}

const magics: { name: Compression; bytes: string }[] = [
  { name: 'xz', bytes: 'fd377a585a00' },
  { name: 'gzip', bytes: '1f8b08' },
  { name: 'zstd', bytes: '28b52ffd' },
]

/** How what begins here is compressed, by its first bytes; undefined when they are none that we know. */
export function compressionAt(image: Buffer, offset: number): Compression | undefined {
  const start = image.toString('hex', offset, offset + 6)
  if (start.startsWith('303730373031') || start.startsWith('303730373032')) return 'none'
  return magics.find(({ bytes }) => start.startsWith(bytes))?.name
}

function damaged(kind: Compression): CommandError {
  return new CommandError(
    `the image is damaged: its ${kind} part cannot be decompressed`,
    'build or copy it again',
  )
}

/**
 * Where an xz stream ends: nothing at its beginning tells, so its footer is looked for, which a checksum guards and
 * whose flags are the header's (xz-file-format, section 2.1.2).
 */
function endOfXz(image: Buffer, offset: number): number {
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

/** Unpacks the part that begins at `offset`; `end` is the first byte after it. */
export async function decompressPart(
  image: Buffer,
  offset: number,
  kind: Compression,
  progress: Progress,
): Promise<Part> {
  if (kind === 'none') return { content: image.subarray(offset), end: image.length }
  if (kind === 'zstd') {
    await ensurePrograms(
      [{ program: 'zstd', package: 'zstd', why: 'read an image compressed with zstd' }],
      progress,
    )
  }
  try {
    if (kind === 'xz') return await unxzPart(image, offset)
    if (kind === 'gzip') return gunzipPart(image, offset)
    const end = endOfZstd(image, offset)
    const { status, content } = await runFilter('zstd', ['-dc'], image.subarray(offset, end))
    if (status !== 0) throw damaged('zstd')
    return { content, end }
  } catch {
    throw damaged(kind)
  }
}

async function unxzPart(image: Buffer, offset: number): Promise<Part> {
  const end = endOfXz(image, offset)
  const stream = image.subarray(offset, end)
  const content = await unxzAsync(stream)
  // The decoder calls an early end success.
  if (content.length !== parseFileIndex(stream).uncompressedSize) throw damaged('xz')
  return { content, end }
}

/** Flags in the header of a gzip member (RFC 1952, section 2.3.1). */
const gzipFlag = { headerChecksum: 2, extra: 4, name: 8, comment: 16 }

/** One gzip member. Node's own gunzip takes whatever follows for another member and fails on it. */
function gunzipPart(image: Buffer, offset: number): Part {
  const flags = image.readUInt8(offset + 3)
  let start = offset + 10
  if (flags & gzipFlag.extra) start += 2 + image.readUInt16LE(start)
  for (const text of [gzipFlag.name, gzipFlag.comment]) if (flags & text) start = image.indexOf(0, start) + 1
  if (flags & gzipFlag.headerChecksum) start += 2
  const { buffer, engine } = inflateRawSync(image.subarray(start), { info: true }) as unknown as {
    buffer: Buffer
    engine: { bytesWritten: number }
  }
  const end = start + engine.bytesWritten + 8
  const whole =
    image.readUInt32LE(end - 8) === crc32(buffer) && image.readUInt32LE(end - 4) === buffer.length % 2 ** 32
  if (!whole) throw damaged('gzip')
  return { content: buffer, end }
}
