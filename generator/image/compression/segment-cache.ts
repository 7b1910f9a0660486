import { createHash } from 'node:crypto'
import { readFile, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { parseFileIndex, versionString } from 'node-liblzma'
import { cacheFolder } from '../../cache-folder.ts'
import type { Track } from '../../progress.ts'
import { writeWholeFiles } from '../whole-file.ts'
import { compressXz, type XzOptions } from './xz.ts'

/** Below this, compressing is quicker than it is worth keeping. */
const worthKeeping = 512 << 10

/** The same content, options and encoder give the same bytes, so they may come from the cache. */
function pathFor(content: Buffer, options: XzOptions): string {
  const key = createHash('sha256')
    .update(`xz ${versionString()} ${JSON.stringify(options)}\n`)
    .update(content)
    .digest('hex')
  return join(cacheFolder(), 'segments', `${key}.xz`)
}

/** A kept segment, if there is one and it is whole. */
async function kept(path: string, size: number): Promise<Buffer | undefined> {
  try {
    const segment = await readFile(path)
    if (parseFileIndex(segment).uncompressedSize !== size) return undefined
    const now = new Date()
    await utimes(path, now, now)
    return segment
  } catch {
    return undefined
  }
}

/** Like `compressXz`, from the cache where it can be. `track` advances by the size of the content in either case. */
export async function compressSegment(content: Buffer, options: XzOptions, track: Track): Promise<Buffer> {
  if (content.length < worthKeeping) return compressXz(content, options, track)
  const path = pathFor(content, options)
  const segment = await kept(path, content.length)
  if (segment !== undefined) {
    track.advance(content.length)
    return segment
  }
  const compressed = await compressXz(content, options, track)
  await writeWholeFiles([{ path, content: compressed }])
  return compressed
}
