import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { hostFromGuest, type Nic } from '../../generator/qemu/qemu-words.ts'
import { type Machine, startMachine } from '../../generator/qemu/virtual-machine.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { type Bench, ownImage } from './own-image.ts'
import { providePeerImages } from './peer-images.ts'
import { median, seconds } from './table.ts'

/** Cards of a machine, and who answers on them. */
interface Arrangement {
  name: string
  nics: Nic[]
  /** From /init's first line to the lease; the last one from the moment at which the server is there. */
  budget: string
  /** Seconds after /init's first line at which the server comes; else it is there. */
  serverAfter?: number
}

const dead: Nic = { network: 'user', link: 'down' }
const silent: Nic = { network: 'silent' }
const good: Nic = { network: 'user' }
const seven = (nic: Nic): Nic[] => Array(7).fill(nic)

const arrangements: Arrangement[] = [
  { name: 'one card', nics: [good], budget: '0.7 s' },
  { name: 'eight, the first has a cable', nics: [good, ...seven(dead)], budget: '1.3 s' },
  { name: 'eight, the last has a cable', nics: [...seven(dead), good], budget: '1.3 s' },
  { name: 'eight, the last behind seven silent ones', nics: [...seven(silent), good], budget: '1.3 s' },
  { name: 'one card, a server 20 s late', nics: [silent], budget: '1.5 s', serverAfter: 20 },
]

/** An image that is compared, and how it is told to ask the server. */
interface Contender {
  name: string
  initrd: string
  append: (server: string) => string
  /** What the console shows when there is an address; others than ours do not say so. */
  hasAddress?: RegExp
}

/** Milliseconds from /init's first line, or from the moment at which the server is there. */
interface Times {
  address?: number
  request: number
}

/** Joins something to the silent card's cable: the port `discard`, or QEMU's network with its server. */
async function joinCable(machine: Machine, id: string, network: string): Promise<void> {
  for (const command of [
    `netdev_add ${network},id=${id}`,
    `netdev_add hubport,id=${id}-port,hubid=0,netdev=${id}`,
  ]) {
    const answer = await machine.monitor(command)
    if (/error/i.test(answer)) throw new Error(`${command}: ${answer}`)
  }
}

async function measure(kernel: string, { nics, serverAfter }: Arrangement, image: Contender): Promise<Times> {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-bench-'))
  const origin = await startOrigin({ folder })
  const append = image.append(`http://${hostFromGuest}:${origin.port}`)
  const machine = await startMachine({ kernel, initrd: image.initrd, append, nics, memory: 2048, limit: 240 })
  const now = () => performance.now()
  try {
    const address = image.hasAddress === undefined ? undefined : machine.waitFor(image.hasAddress).then(now)
    address?.catch(() => {})
    // A hub of QEMU with one port lets nothing go: the card would be stuck, not unheard.
    if (serverAfter !== undefined)
      await joinCable(machine, 'nobody', 'socket,udp=127.0.0.1:9,localaddr=127.0.0.1:0')
    await machine.waitFor('Run /init as init process')
    let start = now()
    if (serverAfter !== undefined) {
      await new Promise(resolve => setTimeout(resolve, serverAfter * 1000))
      await joinCable(machine, 'late', 'user')
      start = now()
    }
    let over = false
    machine.end.finally(() => {
      over = true
    })
    while (origin.requests.length === 0) {
      if (over) throw new Error(`${image.initrd} never asked\n${machine.console()}`)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    const request = now() - start
    const hasAddressAt = await address
    return hasAddressAt === undefined ? { request } : { address: hasAddressAt - start, request }
  } finally {
    await machine.stop()
    await origin.close()
    rmSync(folder, { recursive: true })
  }
}

/** How long ours and dracut's take to an address, for several arrangements of cards. */
export async function networkRows(bench: Bench, kernelPackage: string): Promise<string[][]> {
  const own = await ownImage(bench, kernelPackage)
  const kernel = await kernelFromPackage(kernelPackage, bench.progress)
  const peers = await providePeerImages(kernel, bench.progress)
  const contenders: Contender[] = [
    {
      name: 'aria2-initrd',
      initrd: own.initrd,
      append: server => `kernel_url=${server}/absent retries=1 on_failure=poweroff failure_delay=0`,
      hasAddress: /DHCP gave/,
    },
    ...peers
      .filter(({ name }) => name.startsWith('dracut'))
      .map(({ name, path }) => ({
        name,
        initrd: path,
        append: (server: string) => `root=live:${server}/absent.img ip=dhcp rd.neednet=1`,
      })),
  ]
  const rows = [['cards', 'image', 'address', 'budget', 'first request']]
  for (const arrangement of arrangements) {
    for (const image of contenders) {
      const runs: Times[] = []
      for (let run = 0; run < bench.runs; run += 1) runs.push(await measure(own.kernel, arrangement, image))
      const addresses = runs.flatMap(({ address }) => address ?? [])
      const row = [
        arrangement.name,
        image.name,
        addresses.length === 0 ? 'not told' : seconds(median(addresses)),
        addresses.length === 0 ? '' : arrangement.budget,
        seconds(median(runs.map(({ request }) => request))),
      ]
      bench.progress.step(row.join(', '))
      rows.push(row)
    }
  }
  return rows
}
