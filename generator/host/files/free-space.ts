import { mkdirSync, statfsSync } from 'node:fs'
import { CommandError } from '../console/command-error.ts'
import { readableSize } from '../console/progress.ts'

/**
 * Says before the work begins that it cannot end well; apt was seen to hang on a full disk.
 * @param what completes `… takes 2.0 GB`
 */
export function requireSpace(folder: string, bytes: number, what: string): void {
  mkdirSync(folder, { recursive: true })
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize >= bytes) return
  throw new CommandError(
    `${folder} has ${readableSize(bavail * bsize)} of free space, ${what} takes ${readableSize(bytes)}`,
    'free some space there, or set XDG_CACHE_HOME to a folder on a larger disk',
  )
}
