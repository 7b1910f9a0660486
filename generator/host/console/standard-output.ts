/** Standard output that cannot be written to: its disk is full, or its reader has left. */
import { reasonOf } from '../files/whole-file.ts'

/** Who reads `| head -1` has what they want; anybody else must know that it is not whole. */
function endAtOnce(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') process.stderr.write(brokenOutput(error))
  process.exit(1)
}

let onBroken = endAtOnce

/** What is said of it, as an error of the command. */
export const brokenOutput = (error: NodeJS.ErrnoException): string =>
  `aria2-initrd: error: cannot write to standard output: ${reasonOf(error)}\nhelp: what was printed is not whole: make room, or print it elsewhere\n`

/** From now on such an error ends the command by status 1, without a stack trace. */
export function watchStandardOutput(): void {
  process.stdout.on('error', error => onBroken(error))
  // What was to be said is said to nobody; the exit status says the most of it.
  process.stderr.on('error', () => {})
}

/** For a command that has to tidy up before it ends. May be called more than once. */
export function whenOutputBreaks(act: (error: NodeJS.ErrnoException) => void): void {
  onBroken = act
}
