import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

/**
 * One gzip member, as small as zlib makes it; without a name and a time, so that the same content gives the same
 * bytes; by the same Node, for zlib is a part of that.
 */
export function compressGzip(content: Buffer): Promise<Buffer> {
  return promisify(gzip)(content, { level: 9, memLevel: 9 })
}
