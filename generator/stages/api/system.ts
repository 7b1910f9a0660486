/** The kernel, devices and the programs of the boot. */
import { programLimits } from './program-limits.ts'
import { action, type List, status, value } from './verb.ts'

type Words = (...words: string[]) => void

const fails = 'the program ends with another status than 0'
const limited = (program: keyof typeof programLimits): string =>
  `limited ${programLimits[program]} ${program} $@`

/** Whole seconds since the kernel started. */
export const uptime = value<() => number>('uptime', 'uptime_seconds')
export const sleep = action<(seconds: number) => void>('sleep', 'sleep $1', { changesNothing: true })
export const mount = action<Words>('mount', 'mount $@', { fails, prints: true })
/** The modalias of every device that the kernel knows, one a line. */
export const modaliases = value<() => List>(
  'modaliases',
  'find /sys/devices -name modalias -exec sort -u {} + 2>/dev/null',
)
/** Asked for in captures, too: BusyBox's prints nothing but errors. */
export const modprobe = action<Words>('modprobe', limited('modprobe'), { fails })
export const ip = action<Words>('ip', limited('ip'), { fails, prints: true })
/**
 * udhcpc's exit status: 0 with a lease, which it keeps in the background; 137 when it had none after `seconds`. It is
 * chatty, and says the important things by its status.
 */
export const udhcpc = status<(seconds: number, ...words: string[]) => number>(
  'udhcpc',
  'timeout -s KILL $1 udhcpc $@ >>/run/aria2-initrd/udhcpc.log 2>&1',
)
export const setHostname = action<(name: string) => void>(
  'setHostname',
  "printf '%s\\n' $1 >/proc/sys/kernel/hostname",
  { fails: 'the kernel does not take the name' },
)
/**
 * Runs aria2c as a user of its own; KILL ends it after so many seconds. Its exit status (0 done; aria2c(1), EXIT STATUS;
 * above 128 a signal's). Nothing of that user runs afterwards.
 */
export const aria2c = status<(seconds: number, ...words: string[]) => number>(
  'aria2c',
  'unprivileged_aria2c $@',
  {
    prints: true,
  },
)
export const kexec = action<Words>('kexec', limited('kexec'), { fails, prints: true })
