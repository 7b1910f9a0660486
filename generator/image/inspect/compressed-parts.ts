import { crc32, inflateRawSync } from 'node:zlib'
import { parseFileIndex, unxzAsync } from 'node-liblzma'
import { ensurePrograms } from '../../host-packages.ts'
import type { Progress } from '../../progress.ts'
import { runFilter } from '../../run-command.ts'
import { decompressZstd } from '../compression/zstd.ts'
import { damaged, endOfLz4, endOfXz, endOfZstd } from './stream-ends.ts'

export type Compression = 'xz' | 'gzip' | 'zstd' | 'lz4' | 'none'

/** What a compressed part of an image holds, and where it ends. */
export interface Part {
  content: Buffer
  end: number
}

const magics: { name: Compression; bytes: string }[] = [
  { name: 'xz', bytes: 'fd377a585a00' },
  { name: 'gzip', bytes: '1f8b08' },
  { name: 'zstd', bytes: '28b52ffd' },
  { name: 'lz4', bytes: '02214c18' },
  { name: 'lz4', bytes: '04224d18' },
]

/** How what begins here is compressed, by its first bytes; undefined when they are none that we know. */
export function compressionAt(image: Buffer, offset: number): Compression | undefined {
  const start = image.toString('hex', offset, offset + 6)
  if (start.startsWith('303730373031') || start.startsWith('303730373032')) return 'none'
  return magics.find(({ bytes }) => start.startsWith(bytes))?.name
}

/** Unpacks the part that begins at `offset`; `end` is the first byte after it. */
export async function decompressPart(
  image: Buffer,
  offset: number,
  kind: Compression,
  progress: Progress,
): Promise<Part> {
  if (kind === 'none') return { content: image.subarray(offset), end: image.length }
  if (kind === 'lz4') {
    await ensurePrograms(
      [{ program: 'lz4', package: 'lz4', why: 'read an image compressed with lz4' }],
      progress,
    )
  }
  try {
    if (kind === 'xz') return await unxzPart(image, offset)
    if (kind === 'gzip') return gunzipPart(image, offset)
    const end = kind === 'zstd' ? endOfZstd(image, offset) : endOfLz4(image, offset)
    if (end > image.length) throw damaged(kind)
    const part = image.subarray(offset, end)
    if (kind === 'zstd') return { content: await decompressZstd(part), end }
    const { status, content } = await runFilter('lz4', ['-dc'], part)
    if (status !== 0) throw damaged(kind)
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
