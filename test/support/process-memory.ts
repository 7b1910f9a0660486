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
