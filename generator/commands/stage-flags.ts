/** The stages of a site's own that a command works with: its flags', or those of the site's configuration file. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import type { SiteStage } from '../compiler/site-order.ts'
import { configName } from '../config/build-config.ts'
import { CommandError } from '../host/console/command-error.ts'
import { checkSourceSize } from '../host/files/source-size.ts'
import type { PartName } from '../stages/api/parts.ts'

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

/** The stages of the flags; without such flags those of `--config`, or of the configuration file that lies here. */
export async function stagesOf({ stage, after, config }: SiteFlags): Promise<SiteStage[]> {
  if (stage !== undefined || after !== undefined) return siteStages(stage, after)
  if (config === undefined && !existsSync(configName)) return []
  const { loadConfig } = await import('../config/load-config.ts')
  const { stages = [] } = await loadConfig(config)
  for (const { file } of stages) checkSourceSize(file)
  return stages.map(({ file, after: place }) => ({ path: file, after: place }))
}

/** What /init is made of, beside our own stages. */
export interface InitChoice {
  siteStages: SiteStage[]
  without: readonly PartName[]
  /** What `--add` says: programs that the site's stages may run. */
  add?: string[] | undefined
}

/** The text of /init, approved by ShellCheck; without a site's stages it may come from the cache. */
export async function initText({ siteStages, without, add }: InitChoice): Promise<string> {
  if (siteStages.length === 0) {
    const { ownInit } = await import('../compiler/kept-init.ts')
    return ownInit(without)
  }
  const { generateInit } = await import('../compiler/generate-init.ts')
  const { packedPrograms } = await import('../image/packed-programs.ts')
  return generateInit({ siteStages, without, programs: packedPrograms(add) })
}

/** Lets all that is said of kernel parameters from here on be said of the boot with these stages in it. */
export async function speakOfStages(flags: SiteFlags): Promise<void> {
  const stages = await stagesOf(flags)
  if (stages.length === 0) return
  const { bootWith } = await import('../simulator/site-boot.ts')
  const { speakOf } = await import('../simulator/boot-program.ts')
  speakOf(bootWith(stages))
}

export const configOption = [
  '--config <file>',
  `the stages of a configuration file (default: ${configName} in the current folder, if it is there)`,
] as const

/** The flags by which a command is told of a site's own stages. */
export function withSiteFlags(command: Command): Command {
  return command
    .option('--stage <file.ts>', 'with a stage of your own in the boot', collected)
    .option('--after <stage>', 'the stage that it follows', collected)
    .option(...configOption)
}
