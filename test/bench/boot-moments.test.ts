// What the benchmarks read from a boot: the numbers in their tables are worth what this is.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import {
  clockStart,
  firmwareTime,
  isDhcpAnswer,
  kernelTime,
  momentsOf,
  packetsOf,
  packetTime,
  processesOf,
  timelineOf,
} from './boot-moments.ts'
import { aheadBelow, untilAllHaveAsked } from './stage-one.ts'

test('a timeline on a console, with other lines between', () => {
  const console = [
    '[    0.000000] Linux version',
    'timeline 2.35 drivers entered ',
    'timeline 3.10 download says fetching http://10.0.2.2:1/vmlinuz',
    'end well',
  ].join('\n')
  assert.equal(timelineOf(console), [
    { at: 2350, stage: 'drivers', event: 'entered', text: '' },
    { at: 3100, stage: 'download', event: 'says', text: 'fetching http://10.0.2.2:1/vmlinuz' },
  ])
})

test('moments tell when the clock of a kernel began', () => {
  const moment = momentsOf('x\nmoment init 2664000000 1976000000\nend well').get('init')
  assert.equal(moment, { sincePowerOn: 2664, kernelClock: 1976 })
  assert.is(moment && clockStart(moment), 688)
})

test("the kernel's own time of a line; none for one that it has not said", () => {
  const console = '[    2.336429] Run /init as init process\ntimeline 2.40 x says Run /init\n'
  assert.is(kernelTime(console, 'Run /init'), 2336.429)
  assert.is(Number.isNaN(kernelTime(console, 'Freeing')), true)
})

test('the counter that power-on.S writes: letters for digits', () => {
  // 8,000,000 ns are 0x7a1200.
  assert.is(firmwareTime('SeaBIOS\nAAAAAAAAAAHKBCAA\n'), 8)
  assert.is(Number.isNaN(firmwareTime('SeaBIOS\n')), true)
})

/** Little-endian pcap, as QEMU writes it. */
function pcapOf(packets: { seconds: number; micros: number; frame: Buffer }[]): Buffer {
  const records = packets.map(({ seconds, micros, frame }) => {
    const header = Buffer.alloc(16)
    for (const [index, value] of [seconds, micros, frame.length, frame.length].entries())
      header.writeUInt32LE(value, 4 * index)
    return Buffer.concat([header, frame])
  })
  return Buffer.concat([Buffer.alloc(24), ...records])
}

const newYear = Date.UTC(2027, 0, 1) / 1000
const pcap = pcapOf([
  { seconds: newYear + 2, micros: 900_000, frame: Buffer.from('ARP') },
  { seconds: newYear + 3, micros: 757_500, frame: Buffer.from('..GET / HTTP/1.1') },
])

test('packets stand at the time since the quarter of an hour, in any time zone', () => {
  assert.equal(
    packetsOf(pcap).map(({ at }) => at),
    [2900, 3757.5],
  )
})

test('what a packet says behind the point counts, whatever second QEMU began with', () => {
  assert.is(packetTime(pcap, 'GET ', 3698), 3757.5)
  assert.is(packetTime(pcap, 'GET ', 10_000), 10_757.5)
  assert.is(Number.isNaN(packetTime(pcap, 'PUT ', 0)), true)
})

test('answers of a DHCP server among other frames', () => {
  const frame = Buffer.alloc(60)
  frame.writeUInt16BE(0x0800, 12)
  frame[23] = 17
  frame.writeUInt16BE(68, 36)
  assert.is(isDhcpAnswer(frame), true)
  frame.writeUInt16BE(67, 36)
  assert.is(isDhcpAnswer(frame), false)
  assert.is(isDhcpAnswer(Buffer.from('ARP')), false)
})

const traced = (...lines: string[]) => lines.map((line, index) => `[    1.${index}] ${line}`).join('\n')
const fork = (who: string, pid: number, child: number) =>
  `sched_process_fork: comm=${who} pid=${pid} child_comm=${who} child_pid=${child}`
const exec = (file: string, pid: number) => `sched_process_exec: filename=${file} pid=${pid} old_pid=${pid}`

test("processes from /init to aria2c: the kernel's own are not counted, nor what comes before and after", () => {
  const console = traced(
    ...[fork('kworker/u4:0', 12, 40), exec('/sbin/modprobe', 40)],
    ...[exec('/init', 1), exec('/bin/env', 1), fork('sh', 1, 50), exec('/bin/cat', 50)],
    ...[fork('kthreadd', 2, 51), fork('kworker/u4:0', 12, 52), exec('/sbin/modprobe', 52)],
    ...[fork('sh', 1, 53), fork('timeout', 53, 54), exec('/usr/bin/aria2c', 53)],
    ...[fork('sh', 1, 55), exec('/bin/rm', 55)],
  )
  assert.equal(processesOf(console), { started: 3, programs: 3 })
  assert.is(Number.isNaN(processesOf('a kernel without tracepoints').started), true)
})

test('a thousand machines: the smaller one is ahead where the server is slow', () => {
  const small = { name: 'xz', bytes: 10e6, request: 5 }
  const quick = { name: 'zstd', bytes: 12e6, request: 3 }
  assert.is(untilAllHaveAsked(small, 1e8), 105)
  const rate = aheadBelow(small, quick)
  assert.is(rate, 1e9)
  assert.is(untilAllHaveAsked(small, rate), untilAllHaveAsked(quick, rate))
  assert.is(Number.isNaN(aheadBelow(quick, small)), true)
})

test.run()
