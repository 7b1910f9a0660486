import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { terminalProgress } from '../progress.ts'
import { provideQemu } from '../qemu/qemu.ts'

/** `demo`: builds the image and shows it at work, unattended. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('build the image, publish a second stage as a torrent, boot into it in QEMU')
    .option('-o, --output <dir>', 'the folder for the image', 'output')
    .action(demo)
}

async function demo({ output }: { output: string }): Promise<void> {
  const progress = terminalProgress()
  await provideQemu(progress)
  const { buildImage } = await import('../image/build-image.ts')
  const { provideBinaries } = await import('../image/binaries/index.ts')
  const { generateInit } = await import('../compiler/generate.ts')
  const { defaultModules } = await import('../image/modules/selection.ts')
  const { defaultKernel } = await import('./build.ts')
  const { runDemo } = await import('../demo/demo.ts')
  // What has not changed comes from the caches.
  await buildImage(
    {
      init: await generateInit(),
      outputDir: output,
      kernel: { package: defaultKernel },
      modules: defaultModules,
    },
    progress,
  )
  const { busybox, aria2c } = await provideBinaries(progress)

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
  } finally {
    for (const name of signals) process.off(name, interrupt)
  }
  if (interruption.signal.aborted)
    throw new CommandError('interrupted', 'all that the demo had started is stopped')
}
