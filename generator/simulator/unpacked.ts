/** What the programs that unpack make of a file. */
import { constants, gunzipSync } from 'node:zlib'

/** It comes built for some machines alone; where it is not, nothing looks into xz. */
const liblzma = await import('node-liblzma').catch(() => undefined)

const programs: Record<string, (bytes: Buffer) => Buffer> = {
  zcat: bytes => gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }),
  xzcat: bytes => liblzma?.unxzSync(bytes) ?? Buffer.alloc(0),
}

/** Whether `program <file` ends with 0. */
export function isWhole(program: string, bytes: Buffer): boolean {
  try {
    if (program === 'zcat') gunzipSync(bytes)
    if (program === 'xzcat') programs.xzcat?.(bytes)
    return true
  } catch {
    return false
  }
}

/**
 * What `program <file` prints; nothing where the file is damaged. The beginning of a file gives what it holds so far; what
 * follows the compressed data does no harm.
 */
export function unpacked(program: string, bytes: Buffer): Buffer {
  const unpack = programs[program]
  if (program === 'cat') return bytes
  if (unpack === undefined) throw new Error(`the simulator does not know how ${program} unpacks`)
  const attempt = (size: number): Buffer | undefined => {
    try {
      return unpack(bytes.subarray(0, size))
    } catch {
      return undefined
    }
  }
  // The longest beginning that unpacks ends where the compressed data does.
  let [content, good, bad] = [attempt(bytes.length), 16, bytes.length]
  while (content === undefined && bad - good > 1) {
    const middle = Math.trunc((good + bad) / 2)
    if (attempt(middle) === undefined) bad = middle
    else good = middle
  }
  content ??= good > 16 ? attempt(good) : undefined
  return content ?? Buffer.alloc(0)
}
