import { log } from './machine.ts'

export interface SiteParameters {
  /**
   * How often.
   * @default many
   */
  rounds: number
}

/** TypeScript's errors and ours, each at its place in the site's file. */
export function repeat(parameters: SiteParameters): void {
  log(parameters.rounds)
  for (let i = 0; i < 3; i += 1) {
    log('x')
  }
}
