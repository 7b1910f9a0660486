/** Where a site's stages stand in the boot. */
import { basename } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { OpenedStage } from './opened-stages.ts'

export interface SiteStage {
  /** A TypeScript file that exports one function; its base name is the stage's name on the console. */
  path: string
  /** The stage that it follows: one of ours, or another one of the site's. */
  after: string
}

export const siteStageName = (stage: SiteStage): string => basename(stage.path).replace(/\.ts$/, '')

/** A stage's name is read on the console, in /init and on a kernel command line: `break=fabric`. */
const plainName = /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/

function checkNames(stages: SiteStage[], taken: string[]): void {
  const known = new Set(taken)
  for (const stage of stages) {
    const name = siteStageName(stage)
    if (!plainName.test(name)) {
      throw new CommandError(
        `${stage.path}: '${name}' cannot be the name of a stage`,
        'rename the file: letters, digits, - and _, 40 at the most',
      )
    }
    if (known.has(name)) {
      throw new CommandError(
        `${stage.path}: there is a stage or a module '${name}' already`,
        'rename the file: its name is that of the stage',
      )
    }
    known.add(name)
  }
}

/** A site's stage at its place: before the one of ours that follows it. */
export interface PlacedStage {
  stage: SiteStage
  following: OpenedStage | undefined
}

/**
 * The site's stages in the order of the boot. Of those that follow the same stage, the first that was given comes first.
 * @param banners the names of our modules
 * @throws CommandError where a stage follows one that is not there, or two follow each other
 */
export function inOrder(opened: OpenedStage[], banners: string[], stages: SiteStage[]): PlacedStage[] {
  checkNames(stages, [...banners, ...opened.map(({ name }) => name)])
  const followers = (name: string): SiteStage[] =>
    stages.filter(({ after }) => after === name).flatMap(stage => [stage, ...followers(siteStageName(stage))])
  const placed = opened.flatMap(({ name }, index) =>
    followers(name).map(stage => ({ stage, following: opened[index + 1] })),
  )
  const lost = stages.find(stage => !placed.some(each => each.stage === stage))
  if (lost !== undefined) {
    const known = [...opened.map(({ name }) => name), ...placed.map(({ stage }) => siteStageName(stage))]
    throw new CommandError(
      `--after ${lost.after}: there is no such stage`,
      `the stages are ${known.join(', ')}`,
      2,
    )
  }
  return placed
}
