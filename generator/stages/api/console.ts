/** The console, and how a boot ends. */
import { action } from './verb.ts'

/** Names the stage that the lines on the console belong to. */
export const setStage = action<(name: string) => void>('setStage', 'stage=$1', { changesShell: true })
/** One line on the console: `aria2-initrd: STAGE: message`. */
export const log = action<(message: string) => void>('log', 'log $1', { changesNothing: true })
/** Says why on the console and ends the stage: it never returns. */
export const fail = action<(message: string) => never>('fail', 'fail $1', {
  ends: true,
  changesNothing: true,
  fails: 'it is called: that is what it is for',
})
/** From here on every command is shown before it runs (`set -x`). */
export const traceCommands = action<() => void>('traceCommands', 'set -x', { changesShell: true })
/** A shell on the console; goes on when the person leaves it. */
export const rescueShell = action<() => void>('rescueShell', 'rescue_shell', { prints: true })
/** Ends this machine's run: `reboot`, `poweroff` or `halt`. It never returns. */
export const end = action<(how: string) => never>('end', 'end_machine $1', { ends: true })
