import { CommandError } from '../../command-error.ts'
import { lastLines, runCommand, runFilter } from '../../run-command.ts'

/**
 * The level. Those above it need a window of up to 128 MiB, which the kernel would have to find; at this one it is 8 MiB.
 * More than one thread would give other bytes.
 */
const words = ['-19', '--single-thread', '--quiet', '--stdout']

/** The program's own version: another one may compress differently. */
export async function zstdVersion(): Promise<string> {
  const { stdout } = await runCommand('zstd', ['--version'])
  return stdout.trim()
}

/** One zstd frame, by the program `zstd`, which the caller has seen to. */
export async function compressZstd(content: Buffer): Promise<Buffer> {
  const { status, content: compressed, stderr } = await runFilter('zstd', words, content)
  if (status !== 0) {
    throw new CommandError(
      `zstd could not compress the image: ${lastLines(stderr, 1)}`,
      'see that the machine has memory to spare, or choose --compress xz',
    )
  }
  return compressed
}
