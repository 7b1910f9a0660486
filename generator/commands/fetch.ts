import type { Command } from 'commander'
import { type BuildConfig, configName } from '../config/build-config.ts'
import { leftOutBy } from '../config/part-names.ts'
import { terminalProgress } from '../host/console/progress.ts'
import { netbootKernel } from '../image/kernel/kernel.ts'
import { archiveOptions, withArchiveFlags } from './archive-flags.ts'
import { defaultKernel, kernelChoice } from './build.ts'

interface FetchFlags
  extends Pick<BuildConfig, 'kernel' | 'mirror' | 'securityMirror' | 'snapshot' | 'locked'> {
  config?: string
  demo?: true
}

/** `fetch`: brings all into the cache that a build takes from the network, and builds nothing. */
async function fetch({ config: file, demo, ...flags }: FetchFlags): Promise<void> {
  const { loadConfig } = await import('../config/load-config.ts')
  const { parts = {}, ...config } = { ...(await loadConfig(file)), ...flags }
  const kernel = kernelChoice(config)
  const options = archiveOptions(config)
  const progress = terminalProgress()
  const { fetchInputs } = await import('../programs/provide-programs.ts')
  const { fetchKernel } = await import('../image/kernel/chosen-kernel.ts')
  const { allTogether } = await import('../host/debian/not-in-cache.ts')
  const { readLock } = await import('../programs/lock.ts')
  const { provideQemu } = await import('../qemu/qemu.ts')
  await allTogether(
    [
      fetchKernel(kernel, progress, options),
      fetchInputs(progress, readLock(), { ...options, without: leftOutBy(parts) }),
      demo ? provideQemu(progress, options) : undefined,
    ].map(async each => await each),
  )
  process.stdout.write('the cache has all that build needs: build --offline\n')
}

export function registerFetch(program: Command): void {
  withArchiveFlags(
    program
      .command('fetch')
      .description('fetch all that build needs, for a machine without a network; build nothing')
      .option(
        '--config <file>',
        `options from a file (default: ${configName} in the current folder, if it is there)`,
      )
      .option(
        '--kernel <package>',
        `the kernel, as a package of Debian, or "${netbootKernel}": the source of that one (default: "${defaultKernel}")`,
      )
      .option('--demo', 'also QEMU, for demo and boot'),
  ).action(fetch)
}
