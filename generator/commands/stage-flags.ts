/** The stages of a site's own that a command works with: its flags', or those of the site's configuration file. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { SiteStage } from '../compiler/site-order.ts'
import { type BuildConfig, configName } from '../config/build-config.ts'
import { chosenBy, leftOutBy, type PartFlags } from '../config/part-names.ts'
import { CommandError } from '../host/console/command-error.ts'
import { checkSourceSize } from '../host/files/source-size.ts'
import type { PartName } from '../stages/api/parts.ts'
import type { ImageFlags } from './image-flags.ts'

/** For an option that may be given several times: what has come so far, and one more. */
export function collected(text: string, before: string[] = []): string[] {
  return [...before, text]
}

/** A site's own stages: each `--stage FILE.ts` with the `--after STAGE` that stands at the same place among its kind. */
export function siteStages(files: string[] = [], after: string[] = []): SiteStage[] {
  if (files.length !== after.length || files.some(file => !file.endsWith('.ts'))) {
    throw new CommandError(
      'a stage of your own needs its place: --stage FILE.ts and --after STAGE go together',
      'aria2-initrd generate --stage my-stage.ts --after network',
      2,
    )
  }
  for (const file of files) checkSourceSize(file)
  return files.map((path, index) => ({ path, after: after[index] ?? '' }))
}

export interface SiteFlags {
  stage?: string[]
  after?: string[]
  config?: string
}

/** What `--config` says, or the configuration file that lies here. */
export async function siteConfig(file?: string): Promise<BuildConfig> {
  if (file === undefined && !existsSync(configName)) return {}
  const { loadConfig } = await import('../config/load-config.ts')
  return loadConfig(file)
}

/** What /init is made of, beside our own stages. */
export interface InitChoice {
  siteStages: SiteStage[]
  without: readonly PartName[]
  /** What `--add` says: programs that the site's stages may run. */
  add?: string[] | undefined
}

/** What a configuration says of /init. */
export function initChoice({ stages = [], parts, add }: BuildConfig): InitChoice {
  for (const { file } of stages) checkSourceSize(file)
  const siteStages = stages.map(({ file, after }) => ({ path: file, after }))
  return { siteStages, without: leftOutBy(parts), add }
}

/** The flags that decide on /init. */
export interface InitFlags extends SiteFlags, PartFlags {
  add?: string[]
}

/** What flags say of /init, each over its key in the configuration file, as `build` has it. */
export async function initChoiceOf({ stage, after, config, add, ...flags }: InitFlags): Promise<InitChoice> {
  const given = stage !== undefined || after !== undefined ? siteStages(stage, after) : undefined
  const choice = initChoice(await siteConfig(config))
  const parts = chosenBy(flags)
  return {
    siteStages: given ?? choice.siteStages,
    without: parts === undefined ? choice.without : leftOutBy(parts),
    add: add ?? choice.add,
  }
}

/** The text of /init, approved by ShellCheck; without a site's stages it may come from the cache. */
export async function initText({ siteStages, without, add }: InitChoice): Promise<string> {
  if (siteStages.length === 0) {
    const { ownInit } = await import('../compiler/kept-init.ts')
    return ownInit(without)
  }
  const { generateInit } = await import('../compiler/generate-init.ts')
  const { packedPrograms } = await import('../image/packed-programs.ts')
  return generateInit({ siteStages, without, programs: packedPrograms(add, without) })
}

/**
 * Lets all that is said of kernel parameters from here on be said of the boot with the site's stages in it.
 * @returns the parts that it does without: those of `--image`, or else of the flags or the configuration
 */
export async function speakOfInit({ image, ...flags }: SiteFlags & ImageFlags): Promise<PartName[]> {
  const { siteStages: stages, without } = await initChoiceOf(flags)
  if (stages.length > 0) {
    const { bootWith } = await import('../simulator/site-boot.ts')
    const { speakOf } = await import('../simulator/boot-program.ts')
    speakOf(bootWith(stages))
  }
  if (image === undefined) return [...without]
  const { partsLeftOut } = await import('../image/records/image-parts.ts')
  return [...new Set([...(flags.without ?? []), ...(await partsLeftOut(image))])]
}

export const configOption = [
  '--config <file>',
  `a configuration file: its stages and parts (default: ${configName} in the current folder, if it is there)`,
] as const

/** The flags by which a command is told of a site's own stages. */
export function withSiteFlags(command: Command): Command {
  return command
    .option('--stage <file.ts>', 'with a stage of your own in the boot', collected)
    .option('--after <stage>', 'the stage that it follows', collected)
    .option(...configOption)
}
