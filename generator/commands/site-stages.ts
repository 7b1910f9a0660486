import type { SiteStage } from '../compiler/site-stage.ts'
import { CommandError } from '../host/console/command-error.ts'
import { checkSourceSize } from '../source-size.ts'

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
