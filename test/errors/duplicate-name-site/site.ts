import { log } from './machine.ts'

export interface SiteParameters {
  /** A second one of this name. */
  colour: string
}

/** There is a function of this name. */
export function findNetwork(parameters: SiteParameters): void {
  log(parameters.colour)
}
