import { spawn } from 'node:child_process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { terminalProgress } from '../../host/console/progress.ts'
import { ensurePrograms } from '../../host/debian/host-packages.ts'
import { cannotDecompress } from './damaged.ts'

/** Gives bytes to a decompressor of this machine, and passes on what it makes of them as it comes. */
export async function* decompressBy(
  program: 'zstd' | 'lz4',
  packed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  await ensurePrograms(
    [{ program, package: program, why: `read an image compressed with ${program}` }],
    terminalProgress(),
  )
  const child = spawn(program, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise<number | null>(resolve => {
    child.once('error', () => resolve(null))
    child.once('close', resolve)
  })
  let failure: unknown
  const feeding = pipeline(Readable.from(packed), child.stdin).catch((error: NodeJS.ErrnoException) => {
    // A command that ends before it has read everything says so by its status.
    if (error.code !== 'EPIPE') failure = error
  })
  try {
    yield* child.stdout
    const status = await ended
    await feeding
    if (failure !== undefined) throw failure
    if (status !== 0) throw cannotDecompress(program)
  } finally {
    child.kill('SIGKILL')
    await feeding
  }
}
