import { log } from './machine.ts'
import type { Parameters } from './parameters.ts'

/** What a site's stage can be told, and ours with it. */
export interface SiteParameters extends Parameters {
  size: string
}

export function tellSize(parameters: SiteParameters): void {
  log(parameters.size)
}
