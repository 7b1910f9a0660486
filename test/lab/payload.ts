import { createCipheriv, createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

const chunk = Buffer.alloc(1 << 20)

/** Writes `size` bytes that nothing can compress, the same ones each time: a stream cipher's, with a fixed key. */
export async function writePayload(path: string, size: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', 'a lab of aria2-i', Buffer.alloc(16))
  await pipeline(function* () {
    for (let left = size; left > 0; left -= chunk.length)
      yield cipher.update(left < chunk.length ? chunk.subarray(0, left) : chunk)
  }, createWriteStream(path))
}

/** A file's sha256 in hex. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest('hex')
}
