import { Zstd } from '@hpcc-js/wasm-zstd'
import { silent } from '../../host/console/progress.ts'
import { ensurePrograms } from '../../host/debian/host-packages.ts'
import { runFilter } from '../../host/processes/run-command.ts'

/**
 * The level. Those above it need a window of up to 128 MiB, which the kernel would have to find; at this one it is 8 MiB.
 */
const level = 19

/** The encoder's version: another one may compress differently. It is npm's and locked, not the machine's. */
export async function zstdVersion(): Promise<string> {
  return `zstd ${(await Zstd.load()).version()} -${level}`
}

/** One zstd frame, which says how much it holds. */
export async function compressZstd(content: Buffer): Promise<Buffer> {
  const zstd = await Zstd.load()
  return Buffer.from(zstd.compress(content, level))
}

/** What a zstd frame holds. Throws on one that is damaged or ends early. */
export async function decompressZstd(frame: Buffer): Promise<Buffer> {
  const zstd = await Zstd.load()
  try {
    return Buffer.from(zstd.decompress(frame))
  } catch (error) {
    // A frame that came through a pipe does not say how much it holds: the decoder guesses 20 times as much.
    if (!/Destination buffer is too small/.test(String(error))) throw error
  }
  await ensurePrograms(
    [{ program: 'zstd', package: 'zstd', why: 'decompress a long run of the same' }],
    silent,
  )
  const { status, content, stderr } = await runFilter('zstd', ['-dc'], frame)
  if (status !== 0) throw new Error(stderr.trim())
  return content
}
