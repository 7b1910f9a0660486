/** Commands that go on while the boot does, and events that tell of them. */
import { action, special, status, value } from './verb.ts'

/** A command that was started: its process id. */
export type Job = number

/**
 * Starts a command, or a function of a stage, that goes on while the boot does; it sees what is there now. Its failure is
 * `waitFor`'s status and nothing else.
 */
export const start = special<(call: () => void) => Job>('start', '', { prints: true })
/** Waits until a started command has ended; its exit status. */
export const waitFor = status<(job: Job) => number>('waitFor', 'wait $1')
/** Ends a started command (TERM). A function of a stage ends as soon as the program that it runs has. */
export const stop = action<(job: Job) => void>('stop', 'stop_job $1')

/** From here on events can be announced, by commands that were started and by programs, and are kept until they are read. */
export const openEvents = action<() => void>('openEvents', 'open_events', {
  changesShell: true,
  fails: 'the FIFO cannot be made',
})
/** Tells the boot, in one line, what has happened. */
export const announce = action<(event: string) => void>('announce', 'announce $1', {
  fails: 'the events are not open',
})
/** The next event, as soon as there is one; nothing when none comes within so many seconds. */
export const nextEvent = value<(seconds: number) => string>('nextEvent', 'next_event $1')
