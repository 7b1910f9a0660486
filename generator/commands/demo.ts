import type { Command } from 'commander'
import { CommandError } from '../host/console/command-error.ts'
import { terminalProgress } from '../host/console/progress.ts'
import { type ArchiveFlags, archiveOptions, withArchiveFlags } from './archive-flags.ts'

/** `demo`: builds the image and shows it at work, unattended. */
export function registerDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('build the image, publish a second stage as a torrent, boot into it in QEMU')
    .option('-o, --output <dir>', 'the folder for the image', 'output')
  withArchiveFlags(command).option('--offline', 'fetch nothing; what the cache lacks is listed').action(demo)
}

async function demo({ output, ...flags }: { output: string } & ArchiveFlags): Promise<void> {
  const { requireBuildMachine } = await import('../programs/build-machine.ts')
  requireBuildMachine()
  const progress = terminalProgress()
  const options = archiveOptions(flags)
  const { buildImage } = await import('../image/build-image.ts')
  const { provideBinaries } = await import('../programs/provide-programs.ts')
  const { readLock } = await import('../programs/lock.ts')
  const { ownInit } = await import('../compiler/kept-init.ts')
  const { defaultModules } = await import('../image/modules/selection.ts')
  const { defaultKernel } = await import('./build.ts')
  const { runDemo } = await import('../demo/show-demo.ts')
  const { provideQemu } = await import('../qemu/qemu.ts')
  const { allTogether } = await import('../host/debian/not-in-cache.ts')
  const { imageNotes } = await import('../image/notes.ts')
  const building = new AbortController()
  // QEMU comes while the programs are built; where it cannot be had, the wait for them would be in vain.
  const qemu = provideQemu(progress, options).catch(error => {
    building.abort()
    throw error
  })
  // What has not changed comes from the caches.
  const image = ownInit().then(init =>
    buildImage(
      {
        init,
        outputDir: output,
        kernel: { package: defaultKernel },
        modules: defaultModules,
        debian: { ...options, signal: building.signal },
      },
      progress,
    ),
  )
  const [, { inUse }] = await allTogether([qemu, image])
  const { busybox, aria2c } = await provideBinaries(progress, readLock(), options)

  const interruption = new AbortController()
  const interrupt = () => interruption.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const name of signals) process.on(name, interrupt)
  try {
    await runDemo({
      image: output,
      busybox: busybox.path,
      aria2c: aria2c.path,
      say: line => process.stdout.write(`${line}\n`),
      signal: interruption.signal,
    })
    for (const line of await imageNotes(inUse)) progress.step(line)
  } finally {
    for (const name of signals) process.off(name, interrupt)
  }
  if (interruption.signal.aborted)
    throw new CommandError('interrupted', 'all that the demo had started is stopped')
}
