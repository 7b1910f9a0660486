import type { Transform } from 'node:stream'
import { check, createXz, filter, preset } from 'node-liblzma'
import type { Track } from '../../host/console/progress.ts'

/** How a segment is compressed; part of what the cache knows it by. */
export interface XzOptions {
  /** x86 code goes through the BCJ filter first: 5 % smaller for programs, 8 % bigger for kernel modules (measured). */
  x86: boolean
}

/** The dictionaries of xz's presets. Above 6 they differ in nothing else, and the kernel has to find that memory. */
const dictionaries = [
  { level: 6, size: 8 << 20 },
  { level: 7, size: 16 << 20 },
  { level: 8, size: 32 << 20 },
]

function levelFor(size: number): number {
  return dictionaries.find(dictionary => size <= dictionary.size)?.level ?? 9
}

const chunkSize = 64 << 10

/**
 * One xz stream as the kernel's decoder takes it (CRC32; CRC64 it refuses), as small as xz makes it. Runs on Node's
 * worker threads: several at once use several cores, each in one thread, so that the bytes do not depend on the machine.
 */
export async function compressXz(content: Buffer, { x86 }: XzOptions, track: Track): Promise<Buffer> {
  // Its own type does not go with exactOptionalPropertyTypes.
  const stream = createXz({
    check: check.CRC32,
    preset: levelFor(content.length) + preset.EXTREME,
    filters: x86 ? [filter.X86, filter.LZMA2] : [filter.LZMA2],
    threads: 1,
  }) as unknown as Transform
  const output: Buffer[] = []
  stream.on('data', (chunk: Buffer) => output.push(chunk))
  await new Promise<void>((resolve, reject) => {
    stream.on('error', reject)
    stream.on('end', resolve)
    let offset = 0
    const feed = (): void => {
      if (offset >= content.length) return void stream.end()
      const chunk = content.subarray(offset, offset + chunkSize)
      offset += chunk.length
      stream.write(chunk, error => {
        if (error) return
        track.advance(chunk.length)
        feed()
      })
    }
    feed()
  })
  return Buffer.concat(output)
}
