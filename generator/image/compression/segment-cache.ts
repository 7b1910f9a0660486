import { createHash } from 'node:crypto'
import { lstat, readFile, rm, utimes } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { versionString } from 'node-liblzma'
import type { Progress, Track } from '../../host/console/progress.ts'
import { cacheFolder } from '../../host/files/cache-folder.ts'
import { digestFileOf, isAsKept } from '../../host/files/kept-file.ts'
import { writeWholeFiles } from '../../host/files/whole-file.ts'
import type { CompressionMethod } from './method.ts'
import { compressXz, type XzOptions } from './xz.ts'
import { compressZstd, zstdVersion } from './zstd.ts'

export interface SegmentOptions extends XzOptions {
  method: CompressionMethod
}

/** Below this, compressing is quicker than it is worth keeping. */
const worthKeeping = 64 << 10

/** The same content, options and encoder give the same bytes, so they may come from the cache. */
function pathFor(content: Buffer, encoder: string, suffix: string): string {
  const key = createHash('sha256').update(`${encoder}\n`).update(content).digest('hex')
  return join(cacheFolder(), 'segments', `${key}.${suffix}`)
}

/** A kept segment, if there is one and it is byte for byte what was kept. */
async function kept(path: string, progress: Progress): Promise<Buffer | undefined> {
  const segment = await readFile(path).catch(() => undefined)
  if (segment !== undefined && (await isAsKept(path, segment))) {
    const now = new Date()
    await utimes(path, now, now).catch(() => {})
    return segment
  }
  if ((await lstat(path).catch(() => undefined)) === undefined) return undefined
  const name = basename(path).replace(/^(.{12}).*\./, '$1….')
  progress.step(`the cache has segments/${name} damaged: that part of the image is compressed again`)
  // A folder would be in the way; what cannot be removed is told when it is to be written.
  for (const each of [path, digestFileOf(path, Buffer.alloc(0)).path])
    await rm(each, { recursive: true, force: true }).catch(() => {})
  return undefined
}

/** Keeps a segment for the next time. A cache that cannot be written makes builds slower, and nothing else. */
async function keep(path: string, content: Buffer, progress: Progress): Promise<void> {
  try {
    await writeWholeFiles([{ path, content }, digestFileOf(path, content)])
  } catch (error) {
    progress.step(`${(error as Error).message}: the next build compresses again`)
  }
}

async function once(
  path: string,
  progress: Progress,
  compress: () => Promise<Buffer>,
): Promise<{ segment: Buffer; fromCache: boolean }> {
  const found = await kept(path, progress)
  if (found !== undefined) return { segment: found, fromCache: true }
  const segment = await compress()
  await keep(path, segment, progress)
  return { segment, fromCache: false }
}

/**
 * One gzip member, as small as zlib makes it; without a name and a time, so that the same content gives the same
 * bytes; by the same Node, for zlib is a part of that.
 */
export function compressGzip(content: Buffer): Promise<Buffer> {
  return promisify(gzip)(content, { level: 9, memLevel: 9 })
}

/** A segment, compressed, and whether the track has been told of it by the encoder. */
async function compressed(
  content: Buffer,
  { method, x86 }: SegmentOptions,
  progress: Progress,
  track: Track,
): Promise<{ segment: Buffer; isTracked: boolean }> {
  const isSmall = content.length < worthKeeping
  if (method === 'xz') {
    const compress = () => compressXz(content, { x86 }, track)
    if (isSmall) return { segment: await compress(), isTracked: true }
    const path = pathFor(content, `xz ${versionString()} ${JSON.stringify({ x86 })}`, 'xz')
    const { segment, fromCache } = await once(path, progress, compress)
    return { segment, isTracked: !fromCache }
  }
  if (method === 'zstd' && !isSmall) {
    const path = pathFor(content, await zstdVersion(), 'zst')
    return { ...(await once(path, progress, () => compressZstd(content))), isTracked: false }
  }
  const methods = { zstd: compressZstd, gzip: compressGzip, none: async (bytes: Buffer) => bytes }
  return { segment: await methods[method](content), isTracked: false }
}

/**
 * A segment as the image has it; xz and zstd, which take long, from the cache where it can be. `track` advances by the
 * size of the content in any case.
 */
export async function compressSegment(
  content: Buffer,
  options: SegmentOptions,
  progress: Progress,
  track: Track,
): Promise<Buffer> {
  const { segment, isTracked } = await compressed(content, options, progress, track)
  if (!isTracked) track.advance(content.length)
  return segment
}
