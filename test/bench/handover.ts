import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { startMachine } from '../../generator/qemu/virtual-machine.ts'
import { laySmallRoot, makeSquashfs, rootMarker } from '../boot/next-systems.ts'
import { type Site, startSite } from '../boot/site.ts'
import type { Bench } from './own-image.ts'
import { median, seconds } from './table.ts'

/** MiB of the initrd, and of the root; 300 in the issue that this stands in for, less where a machine is slow. */
const payloadMib = Number(process.env.PAYLOAD_MIB ?? 300)
/** MiB between a machine that is enough and one that is too small. */
const step = Number(process.env.STEP_MIB ?? 32)

/** MiB that are enough for each way. */
const ample = 4 * payloadMib + 192

/** A way from power-on to the next system. */
interface Way {
  name: string
  initrd: string
  append: string
  /** What the console shows when the next system runs. */
  arrived: string
  /** What it shows when all files are there; undefined where none is fetched. */
  fetched?: RegExp
  /** The first that the next kernel says, or the next system. */
  first: RegExp
  /** Of MiB, what may be needed, given what plain kexec needs. */
  target: (plain: number) => number | undefined
}

/** What kexec -s needs by itself: files fetched to memory by wget, and nothing else there. */
const plainInit = (url: (file: string) => string): string => `#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
rm -rf /usr/bin/aria2c /etc/ssl
modprobe -a virtio_pci virtio_net
ip link set eth0 up
ip addr add 10.0.2.15/24 dev eth0
mount -t tmpfs -o size=75% tmpfs /tmp
wget -q -O /tmp/k ${url('vmlinuz')} && wget -q -O /tmp/i ${url('large.img')} || poweroff -f
echo 'plain: all files are there'
kexec -s -l /tmp/k --command-line='console=ttyS0 panic=-1' --initrd=/tmp/i && kexec -e
echo 'plain: failed'
poweroff -f
`

/** Files of the size that is asked for, and the ways to start them. */
async function layWays(site: Site, { folder, progress }: Bench): Promise<Way[]> {
  const filler = randomBytes(payloadMib * 2 ** 20)
  const large = join(site.folder, 'large.img')
  copyFileSync(join(site.folder, 'initrd.img'), large)
  appendFileSync(large, await writeNewc([{ kind: 'file', path: 'filler', mode: 0o644, content: filler }]))
  const root = join(folder, 'large-root')
  mkdirSync(root)
  laySmallRoot(root, (await provideBinaries(progress)).busybox.path)
  writeFileSync(join(root, 'filler'), filler)
  makeSquashfs(root, join(site.folder, 'large.squashfs'))
  rmSync(root, { recursive: true })
  const plain = join(folder, 'plain.img')
  const init = Buffer.from(plainInit(site.url))
  const script = await writeNewc([{ kind: 'file', path: 'init', mode: 0o755, content: init }])
  writeFileSync(plain, Buffer.concat([readFileSync(site.image.initrd), script]))
  const off = 'retries=1 on_failure=poweroff failure_delay=0'
  const next = { arrived: 'second kernel:', first: /Linux version/ }
  return [
    { name: 'loaded by QEMU', initrd: large, append: '', ...next, target: () => undefined },
    {
      ...{ name: 'plain kexec -s', initrd: plain, append: 'quiet', ...next, target: () => undefined },
      fetched: /plain: all files are there/,
    },
    {
      ...{ name: 'kexec', initrd: site.image.initrd, ...next, target: plain => plain },
      append: `quiet kernel_url=${site.url('vmlinuz')} initrd_url=${site.url('large.img')} ${off}`,
      fetched: /download: have .*large\.img/,
    },
    {
      ...{ name: 'boot=switch_root', initrd: site.image.initrd, arrived: rootMarker },
      append: `quiet url=${site.url('large.squashfs')} boot=switch_root ${off}`,
      fetched: /download: have .*large\.squashfs/,
      first: new RegExp(rootMarker),
      target: () => 1.15 * payloadMib + 128,
    },
  ]
}

const failed = /boot failed|Kernel panic|plain: failed|Power down|System halted/

/** Whether a machine of so many MiB comes up, and the milliseconds from the last file to the first line of what comes next. */
async function tryBoot(kernel: string, way: Way, memory: number): Promise<{ came: boolean; took: number }> {
  const machine = await startMachine({
    ...{ kernel, initrd: way.initrd, append: way.append, memory },
    limit: 240,
  })
  const at = async (word: string | RegExp): Promise<number> => {
    await machine.waitFor(word)
    return performance.now()
  }
  const measured = async (): Promise<number> => {
    if (way.fetched === undefined) return Number.NaN
    const fetchedAt = await at(way.fetched)
    return (await at(way.first)) - fetchedAt
  }
  const took = measured().catch(() => Number.NaN)
  try {
    await machine.waitFor(new RegExp(`${way.arrived}|${failed.source}`)).catch(() => {})
  } finally {
    await machine.stop()
  }
  return { came: machine.console().includes(way.arrived), took: await took }
}

/** The smallest machine on which it comes up, in MiB. */
async function smallest(kernel: string, way: Way, { progress }: Bench): Promise<number> {
  let [small, enough] = [payloadMib, ample]
  while (enough - small > step) {
    const middle = Math.round((small + enough) / 2)
    const { came } = await tryBoot(kernel, way, middle)
    progress.step(`${way.name}: ${middle} MiB ${came ? 'are enough' : 'are too few'}`)
    if (came) enough = middle
    else small = middle
  }
  return enough
}

/** Memory and time of each way from files to the next system, beside plain kexec. */
export async function handoverRows(bench: Bench): Promise<string[][]> {
  const site = await startSite({ modules: ['virtual', 'storage'] })
  const rows = [['way', 'smallest machine', 'target', 'last file to first line', 'target']]
  try {
    const ways = await layWays(site, bench)
    const { kernel } = site.image
    let [plainMib, plainTime] = [Number.NaN, Number.NaN]
    for (const way of ways) {
      const times: number[] = []
      for (let run = 0; run < bench.runs && way.fetched !== undefined; run += 1)
        times.push((await tryBoot(kernel, way, ample)).took)
      const took = times.length === 0 ? Number.NaN : median(times)
      const needed = await smallest(kernel, way, bench)
      if (way.name === 'plain kexec -s') [plainMib, plainTime] = [needed, took]
      const target = way.target(plainMib)
      rows.push([
        way.name,
        `${needed} MiB`,
        target === undefined ? '' : `${Math.round(target)} MiB`,
        Number.isNaN(took) ? '' : seconds(took),
        way.name === 'kexec' ? seconds(1.2 * plainTime + 500) : '',
      ])
    }
    const { size } = statSync(join(site.folder, 'large.squashfs'))
    rows.push([`payload: ${payloadMib} MiB (root ${Math.round(size / 2 ** 20)} MiB)`, '', '', '', ''])
    return rows
  } finally {
    await site.close()
  }
}
