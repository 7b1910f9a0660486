import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../host/console/progress.ts'

/**
 * Lets one process at a time build in a cache folder; the others wait and then find the result.
 * The lock is held by a child (`flock`) for as long as its standard input is open, so it ends with this process,
 * however that ends.
 */
export async function withBuildLock<T>(
  folder: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(folder, { recursive: true })
  const holder = spawn('flock', [join(folder, 'build.lock'), 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    // Ctrl-C is for the build; the lock goes when this process does.
    detached: true,
  })
  const ended = new Promise<void>(resolve => {
    holder.once('error', () => resolve())
    holder.once('close', () => resolve())
  })
  const notice = setTimeout(() => progress.step('waiting for another build in the same cache'), 1000)
  try {
    // Where there is no flock at all, two builds at once are only wasteful: results are renamed into place.
    await Promise.race([ended, new Promise(resolve => holder.stdout.once('data', resolve))])
    clearTimeout(notice)
    return await work()
  } finally {
    clearTimeout(notice)
    holder.stdin.destroy()
    // Only then it has let go of its file too.
    await ended
  }
}
