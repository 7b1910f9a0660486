import { createHash } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { parseFileIndex, versionString } from 'node-liblzma'
import { cacheFolder } from '../../cache-folder.ts'
import type { Track } from '../../progress.ts'
import { endOfZstd } from '../inspect/stream-ends.ts'
import { writeWholeFiles } from '../whole-file.ts'
import { compressGzip } from './gzip.ts'
import type { CompressionMethod } from './method.ts'
import { compressXz, type XzOptions } from './xz.ts'
import { compressZstd, zstdVersion } from './zstd.ts'

export interface SegmentOptions extends XzOptions {
  method: CompressionMethod
}

/** Below this, compressing is quicker than it is worth keeping. */
const worthKeeping = 512 << 10

/** The same content, options and encoder give the same bytes, so they may come from the cache. */
function pathFor(content: Buffer, encoder: string, suffix: string): string {
  const key = createHash('sha256').update(`${encoder}\n`).update(content).digest('hex')
  return join(cacheFolder(), 'segments', `${key}.${suffix}`)
}

/** A kept segment, if there is one and it is whole. */
async function kept(path: string, isWhole: (segment: Buffer) => boolean): Promise<Buffer | undefined> {
  try {
    const segment = await readFile(path)
    if (!isWhole(segment)) return undefined
    const now = new Date()
    await utimes(path, now, now)
    return segment
  } catch {
    return undefined
  }
}

async function compressXzOnce(content: Buffer, { x86 }: XzOptions, track: Track): Promise<Buffer> {
  if (content.length < worthKeeping) return compressXz(content, { x86 }, track)
  const path = pathFor(content, `xz ${versionString()} ${JSON.stringify({ x86 })}`, 'xz')
  const segment = await kept(path, bytes => parseFileIndex(bytes).uncompressedSize === content.length)
  if (segment !== undefined) {
    track.advance(content.length)
    return segment
  }
  const compressed = await compressXz(content, { x86 }, track)
  await writeWholeFiles([{ path, content: compressed }])
  return compressed
}

async function compressZstdOnce(content: Buffer): Promise<Buffer> {
  if (content.length < worthKeeping) return compressZstd(content)
  const path = pathFor(content, await zstdVersion(), 'zst')
  const segment = await kept(path, bytes => endOfZstd(bytes, 0) === bytes.length)
  if (segment !== undefined) return segment
  const compressed = await compressZstd(content)
  await writeWholeFiles([{ path, content: compressed }])
  return compressed
}

/**
 * A segment as the image has it; xz and zstd, which take long, from the cache where it can be. `track` advances by the
 * size of the content in any case.
 */
export async function compressSegment(
  content: Buffer,
  { method, x86 }: SegmentOptions,
  track: Track,
): Promise<Buffer> {
  if (method === 'xz') return compressXzOnce(content, { x86 }, track)
  const methods = { zstd: compressZstdOnce, gzip: compressGzip, none: async (bytes: Buffer) => bytes }
  const compressed = await methods[method](content)
  track.advance(content.length)
  return compressed
}
