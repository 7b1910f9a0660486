import { statSync } from 'node:fs'
import { CommandError } from '../console/command-error.ts'
import { readableSize } from '../console/progress.ts'

/** What a person writes is far below it; what is above would take the compiler's memory. */
const largest = 1 << 20

/** Refuses a source file that is none by its size; one that is not there is for its reader to tell. */
export function checkSourceSize(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= largest) return
  throw new CommandError(
    `${path} has ${readableSize(size)}: too much for a TypeScript file that a person wrote`,
    'see that it is the file that you mean',
  )
}
