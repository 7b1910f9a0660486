/** The kernel, devices and the programs of the boot. */
import { programLimits } from './program-limits.ts'
import { action, type List, predicate, status, value } from './verb.ts'

type Words = (...words: string[]) => void

const fails = 'the program ends with another status than 0'
/** A question to somebody else, who has 5 s whatever he does: its status is the answer. */
const asks = (question: string): string => `timeout -s KILL 5 ${question} >/dev/null 2>&1`
const limited = (program: keyof typeof programLimits): string =>
  `limited ${programLimits[program]} ${program} $@`

/** Whole seconds since the kernel started. */
export const uptime = value<() => number>('uptime', 'uptime_seconds')
export const sleep = action<(seconds: number) => void>('sleep', 'sleep $1', { changesNothing: true })
/** A whole number by chance, from 0 to below a limit of at most 32,768: what many machines do at once, each does at its own time. */
export const randomBelow = value<(limit: number) => number>('randomBelow', 'random_below $1')
export const mount = action<Words>('mount', 'mount $@', { fails, prints: true })
/** Takes a file system away from where it is mounted, with all that is to be written to it. */
export const unmount = action<(folder: string) => void>('unmount', 'umount $1', {
  fails: 'it is in use, or not mounted',
})
/** The device with the file system of a label or UUID, as `LABEL=…` or `UUID=…`; nothing where there is none. */
export const deviceWith = value<(tag: string) => string>('deviceWith', 'device_with $1')
/** The modaliases of the devices on all buses, one a line, sorted. */
export const modaliases = value<() => List>('modaliases', 'modaliases')
/** The folders of all network interfaces below /sys/devices, one a line, sorted: `…/0000:00:03.0/net/eth0`. */
export const interfaceFolders = value<() => List>('interfaceFolders', 'interface_folders')
/** Asked for in captures, too: BusyBox's prints nothing but errors. */
export const modprobe = action<Words>('modprobe', limited('modprobe'), { fails })
export const ip = action<Words>('ip', limited('ip'), { fails, prints: true })
/**
 * Starts DHCP on an interface, and comes back at once: udhcpc goes on by itself, and the hook announces what comes (`lease
 * eth0`, `refused eth0`). An address counts where no other machine answers for it within 0.1 s. Its exit status: not 0 where
 * there is nothing to ask on.
 */
export const udhcpc = status<(...words: string[]) => number>(
  'udhcpc',
  'timeout -s KILL 10 udhcpc -b -t 0 -A 3 -a100 $@ >>/run/aria2-initrd/udhcpc.log 2>&1',
)
/**
 * Starts what tells of devices and links, once the events are open: linkwatch goes on by itself, and announces `device` (one
 * that may need a driver, or an interface; soon after its start for those that are there) or `link` (one has come or gone).
 */
export const watchDevices = action<() => void>('watchDevices', 'linkwatch /run/aria2-initrd/events', {
  fails,
})
/**
 * Starts what tells of IPv6, for all interfaces: nd6watch goes on by itself, and its hook announces what comes (`ipv6 eth0`).
 * Its exit status: not 0 where the kernel has no IPv6.
 */
export const watchIpv6 = status<() => number>(
  'watchIpv6',
  'timeout -s KILL 10 nd6watch /usr/share/udhcpc/ipv6.script >>/run/aria2-initrd/ipv6.log 2>&1',
)
/** The same for DHCPv6 as `udhcpc` for DHCP; its hook is that of nd6watch. */
export const udhcpc6 = status<(...words: string[]) => number>(
  'udhcpc6',
  'timeout -s KILL 10 udhcpc6 -b -t 0 $@ >>/run/aria2-initrd/ipv6.log 2>&1',
)
/** Ends the udhcpc of an interface. */
export const stopUdhcpc = action<(interface_: string) => void>('stopUdhcpc', 'stop_udhcpc $1')
/** Lets the udhcpc of an interface ask once more for its lease. */
export const renewLease = action<(interface_: string) => void>('renewLease', 'renew_lease $1')
/** Whether a host takes a TCP connection, within 3 s. */
export const answersTcp = predicate<(host: string, port: string) => boolean>(
  'answersTcp',
  asks('nc -z -w 3 -- $1 $2'),
)
/** Whether a host answers an echo request, within a second. */
export const answersPing = predicate<(host: string) => boolean>(
  'answersPing',
  asks('ping -q -c 1 -W 1 -- $1'),
)
/** Whether an address is somebody's on the wire of an interface (ARP), within a second. */
export const answersArp = predicate<(interface_: string, address: string) => boolean>(
  'answersArp',
  asks('arping -q -f -w 1 -I $1 -- $2'),
)
/**
 * What the name servers know of a name, one address a line: `a` or `aaaa` alone, for one that has no answer to one of both
 * has still one to the other. Nothing after 5 s.
 */
export const addressesOfName = value<(kind: string, name: string) => List>(
  'addressesOfName',
  'addresses_of_name $1 $2',
)
/** The last line of the kernel's log that holds two texts, the second in any case; nothing where there is none. */
export const kernelLogLine = value<(first: string, second: string) => string>(
  'kernelLogLine',
  'kernel_log_line $1 $2',
)
/** Sets the clock, as date(1) takes it. */
export const setClock = action<(time: string) => void>('setClock', 'date -u -s $1 >/dev/null 2>&1', {
  fails: 'the kernel does not take the time',
})
/** Sets the clock by a time server (RFC 5905), which has 5 s to answer. */
export const ntpd = action<(server: string) => void>('ntpd', asks('ntpd -n -q -p $1'), {
  fails: 'no answer that counts',
})
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
/** The same, with its progress taken down as events. */
export const recordedAria2c = status<(seconds: number, ...words: string[]) => number>(
  'recordedAria2c',
  'recorded_aria2c $@',
  {
    prints: true,
  },
)
/**
 * Whether a file's detached CMS signature (RFC 5652) holds, made by so many of those whom certificates name: 0 where it does.
 * /run/aria2-initrd/signers has their names then, or why not.
 */
export const cmsVerify = status<
  (needed: string, file: string, signature: string, ...certificates: string[]) => number
>(
  'cmsVerify',
  'timeout -s KILL 30 setpriv --nnp setuidgid aria2 cms-verify $@ >/run/aria2-initrd/signers 2>/dev/null',
)
/** Loads a kernel, or has a while for it; what kexec says is in /run/aria2-initrd/kexec.log alone. Its exit status. */
export const kexecLoad = status<(...words: string[]) => number>(
  'kexecLoad',
  `${limited('kexec')} >/run/aria2-initrd/kexec.log 2>&1`,
)
/**
 * Makes a file a block device that a hash tree of dm-verity proves, and reads all of it once: 0 where it is what the root hash
 * says. /run/aria2-initrd/verity has the device's path then, or why not.
 */
export const openVerity = status<(file: string, tree: string, rootHash: string) => number>(
  'openVerity',
  'verity $1 $2 $3 >/run/aria2-initrd/verity 2>&1',
)
/** Ends the programs of some names that go on by themselves. */
export const stopPrograms = action<Words>('stopPrograms', 'killall -q $@', { fails: 'none of them runs' })
/** Makes a mounted file system the root and starts a program of it: PID 1 is that one from now on, and the old root is emptied. */
export const switchRoot = action<(root: string, program: string) => never>(
  'switchRoot',
  'exec switch_root -c /dev/console $1 $2',
  { ends: true },
)
export const kexec = action<Words>('kexec', limited('kexec'), { fails, prints: true })
