/** How commands and boots end. */
import { CommandFailed } from '../stages/api/machine.ts'

/** A command's exit status other than 0, on its way up. */
export class Failed extends CommandFailed {
  readonly status: number
  constructor(status: number) {
    super(`exit status ${status}`)
    this.status = status
  }
}

/** The machine does not run /init any more: another kernel does, or it is off. */
export class Ended extends Error {
  override name = 'Ended'
}

/** What a program printed and ended with. */
export interface Outcome {
  status: number
  stdout?: string
  stderr?: string
}
