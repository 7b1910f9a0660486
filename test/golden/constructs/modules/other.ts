/** What opens a module stands below its banner. */
import { log } from './machine.ts'
import { shared } from './shared.ts'

/** Says it. */
export function describe(what: string): void {
  log(`${what}, ${shared}`)
}
