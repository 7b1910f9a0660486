/** Boots of which the network is looked at, up to the first download: rows of README.md. */
import * as assert from 'uvu/assert'
import type { Nic } from '../../generator/qemu/qemu-words.ts'
import { type Machine, startMachine } from '../../generator/qemu/virtual-machine.ts'
import type { HostileInput } from '../hostile/inputs.ts'
import type { Site } from './site.ts'

export interface CardBoot {
  input: string
  expected: string
  /** Kernel parameters of the network. */
  append?: string
  nics: Nic[]
  /** QEMU's own words, such as `qemu-xhci,id=usb`. */
  devices?: string[]
  /** What QEMU's monitor is told, so many seconds after /init's first line. */
  late?: { seconds: number; commands: string[] }
  has: (string | RegExp)[]
  not?: string[]
  /** Where the machine is switched off; default is the first download, or the end of a boot that failed. */
  last?: RegExp
}

/** Seconds. Eight machines' kernels share the processors of a machine without KVM. */
const limit = 180

const pause = (seconds: number) => new Promise(resolve => setTimeout(resolve, seconds * 1000))

async function plugIn(machine: Machine, { seconds, commands }: NonNullable<CardBoot['late']>): Promise<void> {
  await machine.waitFor('aria2-initrd: ')
  await pause(seconds)
  for (const command of commands) assert.not.match(await machine.monitor(command), /error/i, command)
}

async function consoleOf(site: Site, boot: CardBoot): Promise<string> {
  const { append = '', nics, devices = [], late, last = /fetching|boot failed/ } = boot
  const machine = await startMachine({
    kernel: site.image.kernel,
    initrd: site.image.initrd,
    append: `quiet kernel_url=${site.url('vmlinuz')} retries=1 on_failure=poweroff failure_delay=1 ${append}`,
    ...{ nics, devices, limit },
  })
  try {
    await Promise.all([machine.waitFor(last), late === undefined ? undefined : plugIn(machine, late)])
    return machine.console()
  } catch (error) {
    throw new Error(`${append}\n${machine.console()}`, { cause: error })
  } finally {
    await machine.stop()
  }
}

/** /init's lines of the network, without what differs from run to run. */
function networkLines(console: string): string {
  return console
    .split('\n')
    .filter(line => line.startsWith('aria2-initrd: network: ') && !/asking|waiting for/.test(line))
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
        const holds = typeof pattern === 'string' ? console.includes(pattern) : pattern.test(console)
        assert.ok(holds, `the console lacks ${pattern}\n${console}`)
      }
      for (const text of not) assert.not.ok(console.includes(text), `the console has ${text}\n${console}`)
      return networkLines(console)
    },
  }))
}
