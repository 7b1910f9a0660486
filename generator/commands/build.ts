import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { type BuildConfig, configName } from '../config/build-config.ts'
import { chosenBy, type PartFlags } from '../config/part-names.ts'
import { CommandError } from '../host/console/command-error.ts'
import { readableSize, terminalProgress } from '../host/console/progress.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import type { ImageReport } from '../image/build-image.ts'
import { compressionMethods, defaultCompression } from '../image/compression/method.ts'
import { type KernelChoice, kernelNamed, netbootKernel } from '../image/kernel/kernel.ts'
import { defaultModules, moduleSets } from '../image/modules/selection.ts'
import { sizeTable } from '../image/size-table.ts'
import { archiveOptions, withArchiveFlags } from './archive-flags.ts'
import { withParts } from './image-flags.ts'
import { collected, initChoice, initText, siteStages } from './stage-flags.ts'

/** The options of `build` on the command line; what is not given there may come from the configuration file. */
interface BuildFlags extends Omit<BuildConfig, 'stages' | 'parts'>, PartFlags {
  config?: string
  stage?: string[]
  after?: string[]
  updateLock?: true
}

export const defaultKernel = 'linux-image-amd64'

/** The kernel that flags or the configuration name. */
export function kernelChoice({ kernel, kernelRoot, kernelVersion }: BuildConfig): KernelChoice {
  if (kernelRoot === undefined) {
    if (kernelVersion !== undefined) {
      throw new CommandError(
        '--kernel-version chooses among the kernels of a tree, and no tree is named',
        'add --kernel-root DIR, or name a package of that version with --kernel',
        2,
      )
    }
    return kernelNamed(kernel ?? defaultKernel)
  }
  if (kernel !== undefined) {
    throw new CommandError('--kernel and --kernel-root exclude each other', 'give one of the two', 2)
  }
  return { root: resolve(kernelRoot), ...(kernelVersion === undefined ? {} : { version: kernelVersion }) }
}

/** The flags over the file: each key as a whole. A kernel that is named by flags has nothing of the file's. */
function withFlags(
  config: BuildConfig,
  { config: _file, stage, after, updateLock: _lock, with: wanted, without, ...flags }: BuildFlags,
): BuildConfig {
  const { kernel, kernelRoot, kernelVersion, ...rest } = config
  const named = flags.kernel !== undefined || flags.kernelRoot !== undefined
  const stages = siteStages(stage, after).map(({ path, after }) => ({ file: path, after }))
  return {
    ...rest,
    ...(named ? {} : definedOnly({ kernel, kernelRoot, kernelVersion })),
    ...flags,
    ...(stages.length > 0 ? { stages } : {}),
    ...definedOnly({ parts: chosenBy({ with: wanted, without }) }),
  }
}

function definedOnly<Values extends object>(
  values: Values,
): { [Key in keyof Values]?: NonNullable<Values[Key]> } {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given) as { [Key in keyof Values]?: NonNullable<Values[Key]> }
}

/** What the image takes as it is given. */
function imageInputs(config: BuildConfig) {
  const { hardware, firmware, add, ca, trust, signatures, minSerial, replace, compress, sources } = config
  return definedOnly({
    ...{ hardware, firmware, add, ca, trust, signatures, minSerial, replace, compress, sources },
  })
}

/** What is wrong with a list of modules and sets, if anything. */
function moduleListFault(names: string[]): string | undefined {
  if (names.length === 0 || names.some(name => !/^[A-Za-z0-9_-]+$/.test(name))) {
    return `give names with commas between them, such as ${defaultModules.join(',')}`
  }
  return names.includes('none') && names.length > 1 ? 'none goes with nothing else' : undefined
}

function moduleList(text: string): string[] {
  const names = text.split(',').map(name => name.trim())
  const fault = moduleListFault(names)
  if (fault !== undefined) throw new InvalidArgumentError(fault)
  return names
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number of at most 9 digits')
  return Number(text)
}

/** What `build` prints when it is done: the files, and what takes the space. */
export function buildSummary(
  outputDir: string,
  { kernel, parts, initrdSize, vmlinuzSize }: ImageReport,
): string {
  const modules = parts
    .filter(({ part }) => /kernel modules|firmware/.test(part))
    .reduce((sum, { compressed }) => sum + compressed, 0)
  return [
    `${outputDir}/initrd.img  ${readableSize(initrdSize)} (${readableSize(initrdSize - modules)} without kernel modules)`,
    `${outputDir}/vmlinuz  ${readableSize(vmlinuzSize)}, ${kernel.version}, ${kernel.origin}`,
    `${outputDir}/init  for review`,
    `${outputDir}/manifest.json, ${outputDir}/sbom.json  what is in the image, and where it came from`,
    '',
    sizeTable(parts),
  ].join('\n')
}

/** Shows what Debian has changed since the programs' sources were locked, and writes the new lock. */
async function updateLock(options: ArchiveOptions): Promise<void> {
  const { updateLock } = await import('../programs/update-lock.ts')
  const changes = await updateLock(terminalProgress(), undefined, {}, options)
  process.stdout.write(changes.length > 0 ? `${changes.join('\n')}\n` : 'nothing has changed\n')
}

async function build(flags: BuildFlags): Promise<void> {
  const { loadConfig } = await import('../config/load-config.ts')
  const config = withFlags(await loadConfig(flags.config), flags)
  if (flags.updateLock) return updateLock(archiveOptions(config))
  const { output = 'output', modules = defaultModules } = config
  const kernel = kernelChoice(config)
  const fault = moduleListFault(modules)
  if (fault !== undefined) throw new CommandError(`modules: ${modules.join(',')}`, fault)
  const { requireBuildMachine } = await import('../programs/build-machine.ts')
  requireBuildMachine()
  const progress = terminalProgress()
  const { buildImage } = await import('../image/build-image.ts')
  const choice = initChoice(config)
  const init = () => {
    progress.step('compiling /init')
    return initText(choice)
  }
  const report = await buildImage(
    {
      init,
      outputDir: output,
      kernel,
      modules,
      without: choice.without,
      debian: archiveOptions(config),
      ...imageInputs(config),
    },
    progress,
  )
  process.stdout.write(buildSummary(output, report))
  const { imageNotes } = await import('../image/notes.ts')
  for (const line of await imageNotes(report.inUse, choice.without, report.kernel.inUse)) progress.step(line)
}

export function registerBuild(program: Command): void {
  const sets = Object.entries(moduleSets).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  const command = program
    .command('build')
    .description('make the image: initrd.img, the kernel that boots it, and /init for review')
    .option('-o, --output <dir>', 'where initrd.img, vmlinuz and init are written (default: "output")')
    .option(
      '--config <file>',
      `options from a file (default: ${configName} in the current folder, if it is there)`,
    )
    .option(
      '--kernel <package>',
      `the kernel, as a package of Debian, or "${netbootKernel}": a small one, built from Debian's source (default: "${defaultKernel}")`,
    )
    .option(
      '--kernel-root <dir>',
      'the kernel, from a tree with boot/ and lib/modules/, such as / of any distribution',
    )
    .option('--kernel-version <version>', 'which kernel, when the tree has several')
    .option(
      '--modules <names>',
      `sets of kernel modules and single modules, with commas (default: "${defaultModules.join(',')}")`,
      moduleList,
    )
    .option(
      '--hardware <files...>',
      'pack drivers for the devices in these files alone: lines of modalias, lspci -n or -nmm, lshw -json',
    )
    .option(
      '--firmware <dir>',
      "the modules' firmware, from a folder such as /lib/firmware of any distribution",
    )
    .option(
      '--stage <file.ts>',
      'a stage of your own, compiled into /init; may be given several times',
      collected,
    )
    .option('--after <stage>', 'the stage that it follows', collected)
    .option(
      '--add <src[:dest]>',
      'a file, a folder or a program with its libraries; may be given several times',
      collected,
    )
    .option('--ca <file>', 'CA certificates to trust as well, in PEM; may be given several times', collected)
    .option(
      '--trust <file>',
      'boot only what a manifest names that this certificate signed, in PEM; may be given several times',
      collected,
    )
    .option('--signatures <count>', 'how many of the trusted must have signed it (default: 1)', wholeNumber)
    .option(
      '--min-serial <number>',
      'the oldest serial number of a manifest that counts (default: 0)',
      wholeNumber,
    )
    .option('--replace', 'what is added may take the place of what is there')
    .addOption(
      new Option(
        '--compress <how>',
        `how the image is compressed (default: "${defaultCompression}", or what the kernel can unpack)`,
      ).choices(compressionMethods),
    )
    .option(
      '--sources <dir>',
      'also keep the source of programs, C libraries and kernel, and the recipes, in a new folder (240 MB)',
    )
  withArchiveFlags(withParts(command))
    .option('--offline', 'fetch nothing; what the cache lacks is listed')
    .option(
      '--update-lock',
      'build nothing: show what Debian has changed since the sources of the programs were locked, and lock that',
    )
    .addHelpText('after', `\nSets of modules:\n${sets.join('\n')}`)
    .action(build)
}
