/** What a boot has left of its moments: lines of its console and packets of its card. Times are milliseconds. */

/** A line of /run/aria2-initrd/timeline, by the kernel's clock. */
export interface TimelineEvent {
  at: number
  stage: string
  event: string
  text: string
}

/** The lines of a timeline that a console shows, `UPTIME STAGE EVENT TEXT` behind a word. */
export function timelineOf(console: string): TimelineEvent[] {
  return [...console.matchAll(/^timeline (\d+\.\d+) (\S+) (\S+) ?(.*)$/gm)].map(
    ([, up, stage = '', event = '', text = '']) => ({ at: Number(up) * 1000, stage, event, text }),
  )
}

/** A moment that the static program has taken down, by the processor's counter of nanoseconds and by the kernel's clock. */
export interface Moment {
  sincePowerOn: number
  kernelClock: number
}

/** The moments on a console, by name. */
export function momentsOf(console: string): Map<string, Moment> {
  return new Map(
    [...console.matchAll(/^moment (\S+) (\d+) (\d+)$/gm)].map(([, name = '', counter, clock]) => [
      name,
      { sincePowerOn: Number(counter) / 1e6, kernelClock: Number(clock) / 1e6 },
    ]),
  )
}

/** When the kernel's clock began, after power-on. */
export const clockStart = ({ sincePowerOn, kernelClock }: Moment): number => sincePowerOn - kernelClock

/** The kernel's own time of a line of its log that holds a text; NaN where none does. */
export function kernelTime(console: string, text: string): number {
  const line = console.split('\n').find(each => each.startsWith('[') && each.includes(text))
  return line === undefined ? Number.NaN : Number(/^\[ *(\d+\.\d+)\]/.exec(line)?.[1]) * 1000
}

/** The counter that floor/power-on.S has written: 16 letters, A for 0 to P for 15. */
export function firmwareTime(console: string): number {
  const [, letters = ''] = /^([A-P]{16})$/m.exec(console) ?? []
  const digits = [...letters].map(letter => (letter.charCodeAt(0) - 65).toString(16)).join('')
  return digits === '' ? Number.NaN : Number(BigInt(`0x${digits}`)) / 1e6
}

/** A packet of a card. */
export interface Packet {
  /** Milliseconds after power-on, where the machine's clock showed a full quarter of an hour then; QEMU may be a second ahead. */
  at: number
  /** From the Ethernet header on. */
  frame: Buffer
}

/** The packets of a pcap file (draft-ietf-opsawg-pcap), written by QEMU. */
export function packetsOf(pcap: Buffer): Packet[] {
  const packets: Packet[] = []
  for (let at = 24; at + 16 <= pcap.length; ) {
    const [seconds, micros, length] = [0, 4, 8].map(offset => pcap.readUInt32LE(at + offset)) as [
      number,
      number,
      number,
    ]
    const frame = pcap.subarray(at + 16, at + 16 + length)
    packets.push({ at: (seconds % 900) * 1000 + micros / 1000, frame })
    at += 16 + length
  }
  return packets
}

/** Whether a frame is from a DHCP server (RFC 2131): IPv4 without options, UDP to port 68. */
export const isDhcpAnswer = (frame: Buffer): boolean =>
  frame.length > 38 && frame.readUInt16BE(12) === 0x0800 && frame[23] === 17 && frame.readUInt16BE(36) === 68

/**
 * When the first packet left that holds a text. What stands behind the second's point is the machine's own clock, whatever second
 * QEMU began to count from: the first such time from `earliest` on is meant.
 */
export function packetTime(pcap: Buffer, text: string, earliest: number): number {
  const packet = packetsOf(pcap).find(({ frame }) => frame.includes(text))
  if (packet === undefined) return Number.NaN
  const behindPoint = packet.at % 1000
  return behindPoint + 1000 * Math.ceil((earliest - behindPoint) / 1000)
}

/** Processes that a boot has started up to a moment of it. */
export interface ProcessCount {
  started: number
  /** Those that are another program than the one that started them. */
  programs: number
}

/**
 * Counts what the kernel's tracepoints tell (`tp_printk trace_event=sched:sched_process_fork,sched:sched_process_exec`): what /init and its
 * children start, up to aria2c. The kernel's threads and what they start are none of ours.
 */
export function processesOf(console: string): ProcessCount {
  const lines = console.split('\n')
  const first = lines.findIndex(line => line.includes('sched_process_exec: filename=/init '))
  const last = lines.findIndex(line => line.includes('sched_process_exec: filename=/usr/bin/aria2c '))
  if (first === -1 || last === -1) return { started: Number.NaN, programs: Number.NaN }
  const ours = lines.slice(first + 1, last + 1)
  const kernels = new Set<string>()
  let [started, programs] = [0, 0]
  for (const line of ours) {
    const fork = /sched_process_fork: comm=(\S+) pid=\d+ child_comm=\S+ child_pid=(\d+)/.exec(line)
    const exec = /sched_process_exec: filename=\S+ pid=(\d+)/.exec(line)
    if (fork !== null && /^(kthreadd|kworker|swapper)/.test(fork[1] ?? '')) kernels.add(fork[2] ?? '')
    else if (fork !== null) started += 1
    if (exec !== null && !kernels.has(exec[1] ?? '')) programs += 1
  }
  return { started, programs }
}
