// Builds the programs into the cache, without an image: the container's builder stage runs this.
import { CommandError } from '../../command-error.ts'
import { readableSize, terminalProgress } from '../../progress.ts'
import { requireBuildMachine } from './build-machine.ts'
import { provideBinaries } from './index.ts'

try {
  requireBuildMachine()
  const { aria2c, busybox, kexec } = await provideBinaries(terminalProgress())
  for (const { name, size, sha256, source } of [aria2c, busybox, kexec]) {
    process.stdout.write(`${name}  ${readableSize(size)}  sha256 ${sha256}  ${source}\n`)
  }
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
