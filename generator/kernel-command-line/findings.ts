/** What is wrong or doubtful about a command line. */
import { CommandError } from '../host/console/command-error.ts'

export interface Finding {
  /** `error`: the boot fails, or it is not the boot that was asked for. */
  severity: 'error' | 'warning'
  /** What is wrong and what to do, in a sentence. */
  text: string
}

export const error = (text: string): Finding => ({ severity: 'error', text })
export const warning = (text: string): Finding => ({ severity: 'warning', text })

/** COMMAND_LINE_SIZE of a kernel's architecture, from an option. */
export function archLimit(text: string): number {
  if (!/^[1-9][0-9]{2,5}$/.test(text)) {
    throw new CommandError(`--arch-limit ${text}: wants a number of bytes`, 'x86 and arm64 have 2048', 2)
  }
  return Number(text)
}
