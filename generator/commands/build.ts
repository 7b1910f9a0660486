import { resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from '../command-error.ts'
import type { ImageReport } from '../image/build-image.ts'
import type { KernelChoice } from '../image/kernel/kernel.ts'
import { defaultModules, moduleSets } from '../image/modules/selection.ts'
import { sizeTable } from '../image/size-table.ts'
import { readableSize, terminalProgress } from '../progress.ts'

interface BuildFlags {
  output: string
  kernel?: string
  kernelRoot?: string
  kernelVersion?: string
  modules: string[]
}

export const defaultKernel = 'linux-image-amd64'

function kernelChoice({ kernel, kernelRoot, kernelVersion }: BuildFlags): KernelChoice {
  if (kernelRoot === undefined) {
    if (kernelVersion !== undefined) {
      throw new CommandError(
        '--kernel-version chooses among the kernels of a tree, and no tree is named',
        'add --kernel-root DIR, or name a package of that version with --kernel',
        2,
      )
    }
    return { package: kernel ?? defaultKernel }
  }
  if (kernel !== undefined) {
    throw new CommandError('--kernel and --kernel-root exclude each other', 'give one of the two', 2)
  }
  return { root: resolve(kernelRoot), ...(kernelVersion === undefined ? {} : { version: kernelVersion }) }
}

function moduleList(text: string): string[] {
  const names = text.split(',').map(name => name.trim())
  if (names.some(name => !/^[A-Za-z0-9_-]+$/.test(name))) {
    throw new InvalidArgumentError(`give names with commas between them, such as ${defaultModules.join(',')}`)
  }
  if (names.includes('none') && names.length > 1)
    throw new InvalidArgumentError('none goes with nothing else')
  return names
}

/** What `build` prints when it is done: the files, and what takes the space. */
export function buildSummary(
  outputDir: string,
  { kernel, parts, initrdSize, vmlinuzSize }: ImageReport,
): string {
  const modules = parts.find(({ part }) => part === 'kernel modules')?.compressed ?? 0
  return [
    `${outputDir}/initrd.img  ${readableSize(initrdSize)} (${readableSize(initrdSize - modules)} without kernel modules)`,
    `${outputDir}/vmlinuz  ${readableSize(vmlinuzSize)}, ${kernel.version}, ${kernel.origin}`,
    `${outputDir}/init  for review`,
    '',
    sizeTable(parts),
  ].join('\n')
}

export function registerBuild(program: Command): void {
  const sets = Object.entries(moduleSets).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  program
    .command('build')
    .description('Make the image: initrd.img, the kernel that boots it, and /init for review.')
    .option('-o, --output <dir>', 'where initrd.img, vmlinuz and init are written', 'output')
    .option('--kernel <package>', `the kernel, as a package of Debian (default: "${defaultKernel}")`)
    .option(
      '--kernel-root <dir>',
      'the kernel, from a tree with boot/ and lib/modules/, such as / of any distribution',
    )
    .option('--kernel-version <version>', 'which kernel, when the tree has several')
    .option(
      '--modules <names>',
      'sets of kernel modules and single modules, with commas',
      moduleList,
      defaultModules,
    )
    .addHelpText('after', `\nSets of modules:\n${sets.join('\n')}`)
    .action(async (flags: BuildFlags) => {
      const kernel = kernelChoice(flags)
      const progress = terminalProgress()
      const { buildImage } = await import('../image/build-image.ts')
      const { generateInit } = await import('../compiler/generate.ts')
      progress.step('compiling /init')
      const init = await generateInit()
      const report = await buildImage(
        { init, outputDir: flags.output, kernel, modules: flags.modules },
        progress,
      )
      process.stdout.write(buildSummary(flags.output, report))
    })
}
