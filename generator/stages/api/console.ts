/** The console, what others are told, and how a boot ends. */
import type { BootEventKind } from './boot-event.ts'
import { action } from './verb.ts'

/** Names the stage that the lines on the console belong to. */
export const setStage = action<(name: string) => void>('setStage', 'stage=$1', { changesShell: true })
/** One line on the console: `aria2-initrd: STAGE: message`. */
export const log = action<(message: string) => void>('log', 'log $1', { changesNothing: true })
/** Takes an event down: in /run/aria2-initrd/timeline, from where the reporter tells others, and in the kernel's log. */
export const record = action<(kind: BootEventKind, text: string) => void>('record', 'record $1 $2', {
  changesNothing: true,
})
/** Starts what tells others, each `HOST PORT` or nothing: a syslog server, and whoever takes reports under a path. It goes on by itself. */
export const startReporter = action<(syslog: string, collector: string, path: string) => void>(
  'startReporter',
  'reporter start $1 $2 $3',
  { fails: 'it cannot be started' },
)
/** Waits until others are told what was taken down, for so many seconds: `0.08` or the like. */
export const flushReports = action<(seconds: string) => void>('flushReports', 'flush_reports $1', {
  fails: 'somebody is not told yet',
})
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
