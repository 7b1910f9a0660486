/** What a shell hands down, made such that everything works in it. */
import { accessSync, constants, statSync } from 'node:fs'

/** Whether files can be made in a folder. */
function isUsable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return statSync(folder).isDirectory()
  } catch {
    return false
  }
}

/**
 * Others may read what is made: apt's own user reads what is fetched for it, a web server what is
 * published. A umask that gives a group more, for a cache that it shares, stays. A TMPDIR where nothing can be made is
 * given up for /tmp, here and in what is started.
 */
export function prepareSurroundings(): void {
  process.umask(process.umask() & 0o022)
  const { TMPDIR: folder } = process.env
  if (folder !== undefined && !(folder.startsWith('/') && isUsable(folder))) delete process.env.TMPDIR
}
