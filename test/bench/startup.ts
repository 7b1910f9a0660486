import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { chosenKernel } from '../../generator/image/kernel/chosen-kernel.ts'
import { kernelNamed } from '../../generator/image/kernel/kernel.ts'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { bootMachine } from '../../generator/qemu/virtual-machine.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import {
  clockStart,
  firmwareTime,
  kernelTime,
  momentsOf,
  packetTime,
  processesOf,
  timelineOf,
} from './boot-moments.ts'
import { type Floor, makeFloor } from './floor-image.ts'
import { type Bench, type OwnImage, ownImage } from './own-image.ts'
import { median } from './table.ts'

/** Milliseconds after power-on, in their order. */
interface Passage {
  what: string
  own: number
  floor: number
}

interface Boot {
  console: string
  packets: Buffer
}

/** One boot to its end, on a clock that counts instructions. */
async function bootCounted(
  { folder }: Bench,
  kernel: string,
  initrd: string | undefined,
  append: string,
): Promise<Boot> {
  const work = mkdtempSync(join(folder, 'boot-'))
  const packets = join(work, 'packets')
  const { console, reason } = await bootMachine({
    ...{ kernel, append, packets, counted: true, memory: 1024, limit: 600 },
    ...(initrd === undefined ? {} : { initrd }),
  })
  if (reason !== 'off') throw new Error(`a boot did not end by itself (${reason}):\n${console}`)
  const boot = { console, packets: readFileSync(packets) }
  rmSync(work, { recursive: true })
  return boot
}

/** When the firmware hands the machine to a kernel; that one never ends. */
async function firmwareEnd(powerOn: string): Promise<number> {
  const { console } = await bootMachine({ kernel: powerOn, counted: true, memory: 1024, limit: 15 })
  return firmwareTime(console)
}

/** When each stretch of a boot of ours ends, and of the least one, in milliseconds after power-on. */
function passagesOf(own: Boot, floor: Boot, firmware: number): Passage[] {
  const least = momentsOf(floor.console)
  const leastInit = least.get('init')
  const second = momentsOf(own.console).get('init')
  if (leastInit === undefined || second === undefined) {
    throw new Error(`a boot did not come through:\n${floor.console}\n${own.console}`)
  }
  const start = clockStart(leastInit)
  const events = timelineOf(own.console)
  const when = (stage: string, event: string, text = '') =>
    start +
    (events.find(each => each.stage === stage && each.event === event && each.text.includes(text))?.at ??
      Number.NaN)
  const leastAt = (name: string) => least.get(name)?.sincePowerOn ?? Number.NaN
  const fetching = when('download', 'says', 'fetching')
  const row = (what: string, own: number, floor = Number.NaN): Passage => ({ what, own, floor })
  return [
    row('firmware', firmware, firmware),
    row('the kernel unpacks itself, up to its clock', start, start),
    row(
      'kernel, up to /init',
      start + kernelTime(own.console, 'Run /init'),
      start + kernelTime(floor.console, 'Run /init'),
    ),
    row('/init is read; mounts, command line', when('drivers', 'entered'), leastAt('init')),
    row('drivers', when('network', 'entered'), leastAt('drivers')),
    row('network', when('download', 'entered'), leastAt('address')),
    row('download, up to aria2c', fetching),
    row('aria2c, up to its request', packetTime(own.packets, 'GET ', fetching), leastAt('request')),
    row('kernel and initrd come', when('verify', 'entered')),
    row('verify', when('kexec', 'entered')),
    row('kexec, up to the second kernel', clockStart(second)),
  ]
}

/** Boots of ours and of the least, and how many processes ours starts where the kernel can tell. */
async function measure(bench: Bench, image: OwnImage, floor: Floor, server: string) {
  const own = `kernel_url=${server}/vmlinuz initrd_url=${server}/second.img next_timeline seed_time=0`
  const bare = server.replace('http://', '')
  const passages: Passage[][] = []
  const firmware = await firmwareEnd(floor.powerOn)
  for (let run = 0; run < bench.runs; run += 1) {
    bench.progress.step(`startup: boots ${run + 1} of ${bench.runs}`)
    passages.push(
      passagesOf(
        await bootCounted(
          bench,
          image.kernel,
          image.initrd,
          `${own} retries=1 on_failure=poweroff failure_delay=0`,
        ),
        await bootCounted(bench, image.kernel, floor.initrd, `floor=${bare}`),
        firmware,
      ),
    )
  }
  const traced = await bootCounted(
    bench,
    image.kernel,
    image.initrd,
    `kernel_url=${server}/absent retries=1 on_failure=poweroff failure_delay=0 tp_printk trace_event=sched:sched_process_fork,sched:sched_process_exec`,
  )
  return { passages, processes: processesOf(traced.console) }
}

/** Where the time from power-on to the first request and to the second kernel goes, beside the least that a boot can be. */
export async function startupRows(bench: Bench, kernelName: string): Promise<string[][]> {
  const kernel = await chosenKernel(kernelNamed(kernelName), bench.progress)
  const image = await ownImage(bench, kernelName)
  const floor = await makeFloor(bench, kernel.modules ?? '')
  const served = mkdtempSync(join(bench.folder, 'served-'))
  copyFileSync(image.kernel, join(served, 'vmlinuz'))
  copyFileSync(floor.second, join(served, 'second.img'))
  const origin = await startOrigin({ folder: served })
  try {
    const { passages, processes } = await measure(
      bench,
      image,
      floor,
      `http://${hostFromGuest}:${origin.port}`,
    )
    const count = Number.isNaN(processes.started)
      ? 'this kernel does not tell'
      : `${processes.started}, ${processes.programs} of them programs`
    return rowsOf(passages, count)
  } finally {
    await origin.close()
  }
}

const milliseconds = (value: number): string => (Number.isNaN(value) ? '' : value.toFixed(0))

/** Medians over the boots as a table, and what is aimed at. */
function rowsOf(boots: Passage[][], processes: string): string[][] {
  const [first = []] = boots
  const over = (pick: (passage: Passage) => number, index: number) =>
    median(boots.map(boot => pick(boot[index] as Passage)))
  let [ownBefore, floorBefore] = [0, 0]
  const rows = [['until', 'ours', 'took', 'the least', 'took']]
  const at = new Map<string, { own: number; floor: number }>()
  for (const [index, { what }] of first.entries()) {
    const [own, floor] = [over(each => each.own, index), over(each => each.floor, index)]
    rows.push([
      what,
      milliseconds(own),
      milliseconds(own - ownBefore),
      milliseconds(floor),
      milliseconds(floor - floorBefore),
    ])
    at.set(what, { own, floor })
    ownBefore = own
    if (!Number.isNaN(floor)) floorBefore = floor
  }
  const request = at.get('aria2c, up to its request') ?? { own: Number.NaN, floor: Number.NaN }
  const kernelDone = at.get('kernel, up to /init') ?? { own: Number.NaN, floor: Number.NaN }
  return [
    ...rows,
    [
      `first request, against 1.25 x the least + 300`,
      milliseconds(request.own),
      '',
      milliseconds(1.25 * request.floor + 300),
      '',
    ],
    [
      'from /init to it, against 500 more than the least',
      milliseconds(request.own - kernelDone.own),
      '',
      milliseconds(request.floor - kernelDone.floor + 500),
      '',
    ],
    ['processes from /init to aria2c', processes, '', '', ''],
  ]
}
