// The sources of what a container holds, for `docker build --target sources`: FOLDER [KERNEL PACKAGE].
import { CommandError } from '../host/console/command-error.ts'
import { terminalProgress } from '../host/console/progress.ts'
import { kernelFromPackage } from '../image/kernel/debian-kernel.ts'
import { keepSources } from '../programs/keep-sources.ts'

try {
  const [folder = '', kernel = ''] = process.argv.slice(2)
  const progress = terminalProgress()
  const origin = kernel === '' ? 'elsewhere' : (await kernelFromPackage(kernel, progress)).origin
  await keepSources(folder, origin, progress)
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
