import type { ChildProcess } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * What a process has of memory in KiB, by proc_pid_status(5): the most that it ever had (VmHWM), or what of it is shared now
 * (RssShmem). 0 where it has ended.
 */
export function memoryOf(pid: number, field: 'VmHWM' | 'RssShmem' = 'VmHWM'): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
  } catch {
    return 0
  }
}

/**
 * Looks at a process's memory 20 times a second until it ends.
 * @param limit KiB beyond which it is killed
 * @returns tells the most that it had so far, in KiB
 */
export function watchMemory(child: ChildProcess, limit = Infinity): () => number {
  let most = 0
  const look = setInterval(() => {
    most = Math.max(most, memoryOf(child.pid ?? 0))
    if (most > limit) child.kill('SIGKILL')
  }, 50)
  child.once('close', () => clearInterval(look))
  return () => most
}
