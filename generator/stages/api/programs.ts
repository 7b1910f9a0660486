/**
 * Programs of the image by their names: its applets, our own, and those that `--add` packs. The compiler refuses one that
 * the image will not hold.
 */
import { action, status, value } from './verb.ts'

const fails = 'the program ends with another status than 0'

/** Runs a program; what it prints goes to the console. */
export const run = action<(program: string, ...words: string[]) => void>('run', '$1 $@', {
  fails,
  prints: true,
})
/** What a program prints. */
export const outputOf = value<(program: string, ...words: string[]) => string>('outputOf', '$1 $@', { fails })
/** A program's exit status; what it prints goes to the console. */
export const statusOf = status<(program: string, ...words: string[]) => number>('statusOf', '$1 $@', {
  prints: true,
})
