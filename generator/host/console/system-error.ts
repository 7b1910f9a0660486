import { reasonOf } from '../files/whole-file.ts'
import { CommandError } from './command-error.ts'
import { shown } from './foreign-text.ts'

/** Of a call to the system that failed where nobody expected it: no bug, but a disk, a right, a thing in the way. */
export function withoutSystemError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) return error
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined || !/^E[A-Z0-9]+$/.test(code)) return error
  const where = path === undefined ? syscall : `${shown(path, 300)} (${syscall})`
  return Object.assign(
    new CommandError(
      `${where}: ${reasonOf(error)}`,
      'see that it is yours, that it is what it should be, and that there is room; the cache may be deleted at any time',
    ),
    { stack: error.stack },
  )
}
