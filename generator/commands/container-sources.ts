// The sources of what a container holds, for `docker build --target sources`: FOLDER [KERNEL PACKAGE].
import { CommandError } from '../host/console/command-error.ts'
import { type Progress, terminalProgress } from '../host/console/progress.ts'
import { kernelFromPackage } from '../image/kernel/debian-kernel.ts'
import { netbootKernel } from '../image/kernel/kernel.ts'
import { keepSources } from '../programs/keep-sources.ts'
import { netbootLock, readLock } from '../programs/lock.ts'

/** The kernel whose source is kept; it need not be built for that. */
async function kernelKept(kernel: string, progress: Progress) {
  if (kernel === '') return { origin: 'elsewhere' }
  if (kernel === netbootKernel)
    return { origin: kernel, inUse: { lock: netbootLock(readLock()), departures: [] } }
  return await kernelFromPackage(kernel, progress)
}

try {
  const [folder = '', kernel = ''] = process.argv.slice(2)
  const progress = terminalProgress()
  const from = await kernelKept(kernel, progress)
  await keepSources(folder, from, progress)
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  process.stderr.write(`${error.message}\nhelp: ${error.help}\n`)
  process.exitCode = 1
}
