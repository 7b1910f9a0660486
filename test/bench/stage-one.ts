import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readableSize } from '../../generator/host/console/progress.ts'
import { compressionMethods, defaultCompression } from '../../generator/image/compression/method.ts'
import { netbootKernel } from '../../generator/image/kernel/kernel.ts'
import { ownBoot } from './boot-times.ts'
import { countedBoot } from './counted-boot.ts'
import { type Bench, type OwnImage, ownImage } from './own-image.ts'
import { median, seconds } from './table.ts'

const machines = 1000
const gigabit = 1e9 / 8

/** Bytes of stage one: what each machine fetches from the one server. */
export const stageOne = ({ size, vmlinuzSize }: OwnImage): number => size + vmlinuzSize

/** One way to compress, and the seconds from power-on to the first request on a machine of an instruction a nanosecond. */
export interface Compressed {
  name: string
  bytes: number
  request: number
}

/** Seconds until the last of many machines has asked for what comes next, by a server of so many bytes a second. */
export const untilAllHaveAsked = ({ bytes, request }: Compressed, rate: number): number =>
  (machines * bytes) / rate + request

/** Below which rate of the server, in bytes a second, the smaller one is ahead for all machines; NaN where it never is. */
export function aheadBelow(smaller: Compressed, sooner: Compressed): number {
  const [saved, lost] = [machines * (sooner.bytes - smaller.bytes), smaller.request - sooner.request]
  return saved > 0 && lost > 0 ? saved / lost : Number.NaN
}

/** The same image, compressed in each way: what the default of `--compress` rests on. */
export async function compressionRows(bench: Bench, kernel: string): Promise<string[][]> {
  const rows = [
    ['--compress', 'stage one', 'power-on to request', 'all of 1,000, 1 Gbit/s', '10 Gbit/s', '100 Gbit/s'],
  ]
  const measured = new Map<string, Compressed>()
  for (const method of compressionMethods) {
    const image = await ownImage(bench, kernel, method)
    const times: number[] = []
    for (let run = 0; run < bench.runs; run += 1)
      times.push((await countedBoot(bench, ownBoot(image.kernel, image.initrd))).request ?? Number.NaN)
    const name = method === defaultCompression ? `${method} (the default)` : method
    const one = { name, bytes: stageOne(image), request: median(times) / 1000 }
    measured.set(method, one)
    const all = [1, 10, 100].map(rate => `${untilAllHaveAsked(one, rate * gigabit).toFixed(1)} s`)
    rows.push([name, readableSize(one.bytes), seconds(median(times)), ...all])
  }
  const [xz, zstd] = [measured.get('xz'), measured.get('zstd')]
  if (xz !== undefined && zstd !== undefined) {
    const rate = aheadBelow(xz, zstd) / gigabit
    const words = Number.isNaN(rate) ? 'at no rate' : `below ${rate.toFixed(1)} Gbit/s`
    rows.push(['xz is ahead of zstd', words, '', '', '', ''])
  }
  return rows
}

/** Cards of servers as they are sold, one model each, as `lspci -n` has them. */
const cards: Record<string, string> = {
  'virtio (virtual machines)': '1af4:1000',
  'Intel I350 (igb)': '8086:1521',
  'Intel X520 (ixgbe)': '8086:10fb',
  'Intel X710 (i40e)': '8086:1572',
  'Intel E810 (ice)': '8086:1592',
  'Broadcom BCM5720 (tg3)': '14e4:165f',
  'Broadcom BCM57414 (bnxt_en)': '14e4:16d7',
  'Mellanox ConnectX-5 (mlx5)': '15b3:1017',
  'Marvell QL41000 (qede)': '1077:8070',
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** What one model of a machine has to fetch with `--hardware`, and what all of them have. */
export async function hardwareRows(bench: Bench, kernel: string): Promise<string[][]> {
  const isSmall = kernel === netbootKernel
  const rows = [
    ['card', 'initrd.img, xz', 'by default', 'vmlinuz', 'stage one, by default'],
    ['(target)', '3.6 MB', '', isSmall ? '4.2 MB' : '', isSmall ? '6.5 MB' : ''],
  ]
  const row = (name: string, small: OwnImage, usual: OwnImage, target = '') => [
    `${name}${target}`,
    megabytes(small.size),
    megabytes(usual.size),
    megabytes(usual.vmlinuzSize),
    megabytes(stageOne(usual)),
  ]
  for (const [name, id] of Object.entries(cards)) {
    const list = join(bench.folder, 'card.hardware')
    writeFileSync(list, `01:00.0 0200: ${id}\n`)
    rows.push(
      row(
        name,
        await ownImage(bench, kernel, 'xz', [list]),
        await ownImage(bench, kernel, undefined, [list]),
      ),
    )
  }
  const all = [await ownImage(bench, kernel, 'xz'), await ownImage(bench, kernel)] as const
  rows.push(row('all of --modules virtual,ethernet', ...all, isSmall ? ' (target: 8 MB)' : ''))
  return rows
}
