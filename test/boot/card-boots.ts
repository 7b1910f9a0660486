/** Boots of which the network is looked at, up to the first download: rows of README.md. */
import * as assert from 'uvu/assert'
import type { Nic } from '../../generator/qemu/qemu-words.ts'
import { type Machine, startMachine } from '../../generator/qemu/virtual-machine.ts'
import type { HostileInput } from '../hostile/inputs.ts'
import { holds } from '../support/pattern.ts'
import { type Partner, startPartner } from './partner.ts'
import type { Site } from './site.ts'

export interface CardBoot {
  input: string
  expected: string
  /** Kernel parameters of the network. */
  append?: string
  nics: Nic[]
  /** QEMU's own words, such as `qemu-xhci,id=usb`. */
  devices?: string[]
  /** What is fetched; default a kernel. */
  files?: string
  /** What QEMU's monitor is told once the console has a text, default /init's first; numbers are pauses in seconds. */
  late?: { at?: string; commands: (string | number)[] }
  /** A machine that is switched on first, on the other end of these cards' cables. */
  partner?: Partner
  has: (string | RegExp)[]
  not?: string[]
  /** Where the machine is switched off; default is the first download, or the end of a boot that failed. */
  last?: RegExp
}

/** Seconds. Eight machines' kernels share the processors of a machine without KVM. */
const limit = 180

const pause = (seconds: number) => new Promise(resolve => setTimeout(resolve, seconds * 1000))

async function tell(machine: Machine, { at = 'aria2-initrd: ', commands }: NonNullable<CardBoot['late']>) {
  await machine.waitFor(at)
  for (const command of commands) {
    if (typeof command === 'number') await pause(command)
    else assert.not.match(await machine.monitor(command), /error/i, command)
  }
}

async function consoleOf(site: Site, boot: CardBoot): Promise<string> {
  const { append = '', nics, devices = [], late, last = /fetching|boot failed/ } = boot
  const { files = `kernel_url=${site.url('vmlinuz')} inherit=` } = boot
  const other = boot.partner === undefined ? undefined : await startPartner(site, boot.partner)
  const machine = await startMachine({
    kernel: site.image.kernel,
    initrd: site.image.initrd,
    append: `quiet ${files} retries=1 on_failure=poweroff failure_delay=1 ${append}`,
    ...{ nics, devices, limit },
  })
  try {
    // To the end of its line: a console comes in pieces.
    const wholeLine = new RegExp(`(${last.source}).*\\n`)
    await Promise.all([machine.waitFor(wholeLine), late === undefined ? undefined : tell(machine, late)])
    if (other !== undefined) await other.waitFor('partner: enough')
    return `${machine.console()}\n${other?.console() ?? ''}`
  } catch (error) {
    throw new Error(`${append}\n${machine.console()}\n${other?.console()}`, { cause: error })
  } finally {
    await machine.stop()
    await other?.stop()
  }
}

/** /init's lines of the network, without what differs from run to run. */
function networkLines(console: string): string {
  return console
    .split('\n')
    .filter(
      line => /^(aria2-initrd: network|partner): /.test(line) && !/asking|waiting for|enough|IPv6/.test(line),
    )
    .map(line =>
      line
        .replace('aria2-initrd: network: ', '')
        .replace(/ router=.*/, '')
        .replace(/\d+ s\b/g, 'N s')
        .replace(/port \d+/, 'port N'),
    )
    .join('; ')
}

/** The boots as rows of a table; two machines run at a time. */
export function seeAll(site: Site, boots: CardBoot[]): HostileInput[] {
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
  let consoles: Promise<string>[] | undefined
  const start = () =>
    boots.map((boot, number) => {
      const lane = number % lanes.length
      const result = (lanes[lane] as Promise<unknown>).then(() => consoleOf(site, boot))
      lanes[lane] = result.catch(() => {})
      return result
    })
  return boots.map(({ input, expected, has, not = [] }, number) => ({
    input,
    expected,
    run: 'QEMU',
    async see() {
      consoles ??= start()
      const console = (await consoles[number]) as string
      for (const pattern of has) {
        assert.ok(holds(console, pattern), `the console lacks ${pattern}\n${console}`)
      }
      for (const text of not) assert.not.ok(console.includes(text), `the console has ${text}\n${console}`)
      return networkLines(console)
    },
  }))
}
