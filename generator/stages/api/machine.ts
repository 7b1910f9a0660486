/**
 * The machine as a stage sees it: the only API that a stage may call.
 *
 * In TypeScript a call goes to the machine that `runOn` has set (the simulator, in tests). In /init the same call is a
 * command, an expansion or a small shell function: each is declared in api/ with its type and its shell side by side, and
 * the type of the machine, which the simulator implements, is made of those.
 *
 * What can fail says so by throwing `CommandFailed`; in shell that is a non-zero status, which the compiler hands on.
 * Text is bytes, one character each; what a command prints comes without its trailing newlines, as `$( )` gives it.
 */
import type * as background from './background.ts'
import type * as console from './console.ts'
import type * as files from './files.ts'
import type * as programs from './programs.ts'
import type * as system from './system.ts'
import type * as commandLine from './take-parameters.ts'
import type * as values from './values.ts'
import { actOn, CommandFailed, lowered } from './verb.ts'

export * from './background.ts'
export * from './console.ts'
export * from './files.ts'
export * from './programs.ts'
export * from './system.ts'
export * from './take-parameters.ts'
export * from './text.ts'
export * from './values.ts'
export { CommandFailed, type List } from './verb.ts'

type Verbs = typeof background &
  typeof programs &
  typeof commandLine &
  typeof console &
  typeof files &
  typeof system &
  typeof values

/** What a machine must be able to do: one member for each function that is not pure text. */
export type Machine = { [Name in keyof Verbs]: Verbs[Name] }

/** The machine that stages act on from now on; undefined takes it away again. */
export function runOn(next: Machine | undefined): void {
  actOn(next)
}

/** Whether a command or a stage function ends well. As a statement: it may fail, and nothing follows from that. */
export const succeeds = lowered((call: () => void): boolean => {
  try {
    call()
    return true
  } catch (error) {
    if (error instanceof CommandFailed) return false
    throw error
  }
})
