import type { Test } from 'uvu'
import * as assert from 'uvu/assert'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import type { Nic } from '../../generator/qemu/qemu-words.ts'
import { bootMachine, type MachineEnd } from '../../generator/qemu/virtual-machine.ts'
import { declareInputs, type HostileInput } from '../hostile/inputs.ts'
import { givenParameters } from '../support/given-parameters.ts'
import { needs } from '../support/needs.ts'
import { holds } from '../support/pattern.ts'
import type { Site } from './site.ts'

/** One boot of the shipped image, and what its console must show. */
export interface BootCase {
  name: string
  /** Kernel parameters of the first stage. */
  append: string
  /** Default: one card on QEMU's network, where DHCP works and this machine is 10.0.2.2. */
  nics?: Nic[]
  /** MiB, or those of each NUMA node. */
  memory?: number | number[]
  /** What the clock says at power-on. */
  clock?: string
  /** What the table says is expected; default: that the next kernel starts where `second` is given, else that none does. */
  expected?: string
  /** The parameters that the second kernel must have been given, byte for byte; without it none may be started. */
  second?: string
  has?: (string | RegExp)[]
  not?: (string | RegExp)[]
  /** How the machine goes off when no second kernel is started; default poweroff. */
  end?: 'poweroff' | 'reboot'
  /** Seconds until the machine is switched off; default 240: others may run beside it. */
  limit?: number
}

const lastWords = { poweroff: 'reboot: Power down', reboot: 'reboot: Restarting system' }

/** The lines of a console that a case asks for, without what differs from run to run. */
function toldIn(console: string, { second, has = [], end }: BootCase): string {
  const lines = console.split('\n').map(line => line.trim())
  const told = has.flatMap(pattern => lines.find(line => holds(line, pattern)) ?? [])
  const last = second === undefined ? lastWords[end ?? 'poweroff'] : `second kernel: ${second}`
  return [...new Set([...told, last])].join('; ').replace(/aria2-initrd: |^\[ *[\d.]+\] /g, '')
}

/**
 * A test for each case, and a row of README.md where a topic is given. Two machines run at a time.
 * @param topic the section of README.md; one that cannot run here at all has none
 */
export function declareBoots(test: Test, site: Site, cases: BootCase[], topic?: string): void {
  const queue = [...cases]
  const results = new Map<BootCase, Promise<MachineEnd>>()
  const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()]
  const start = () => {
    for (const [index, each] of queue.splice(0).entries()) {
      const result = (lanes[index % lanes.length] as Promise<unknown>).then(() => boot(site, each))
      result.catch(() => {})
      lanes[index % lanes.length] = result.catch(() => {})
      results.set(each, result)
    }
  }
  const declare = needs(test, { [qemuProgram.program]: qemuProgram.package })
  const see = async (each: BootCase): Promise<string> => {
    start()
    const machine = (await results.get(each)) as MachineEnd
    check(each, machine)
    return toldIn(machine.console, each)
  }
  if (topic === undefined) {
    for (const each of cases) declare(each.name, async () => void (await see(each)))
    return
  }
  const inputs = cases.map(
    (each): HostileInput => ({
      input: each.name,
      expected:
        each.expected ??
        (each.second === undefined ? 'no kernel is started; the cause is told' : 'the next kernel starts'),
      run: 'QEMU',
      see: () => see(each),
    }),
  )
  declareInputs(test, topic, inputs, declare, new URL('README.md', import.meta.url))
}

function boot(site: Site, { append, nics, memory, clock, limit = 240 }: BootCase): Promise<MachineEnd> {
  return bootMachine({
    kernel: site.image.kernel,
    initrd: site.image.initrd,
    append: `quiet ${append}`,
    limit,
    ...(nics === undefined ? {} : { nics }),
    ...(memory === undefined ? {} : { memory }),
    ...(clock === undefined ? {} : { clock }),
  })
}

function check({ append, second, has = [], not = [], end }: BootCase, machine: MachineEnd): void {
  const { console, reason, complaints } = machine
  const seen = `${append}\n${console}\n${complaints}`
  assert.not.ok(/Kernel panic|Attempted to kill init/.test(console), `the kernel panicked\n${seen}`)
  assert.is(givenParameters(console, second), second, `the second kernel's parameters\n${seen}`)
  for (const pattern of has) assert.ok(holds(console, pattern), `the console lacks ${pattern}\n${seen}`)
  for (const pattern of not) assert.not.ok(holds(console, pattern), `the console has ${pattern}\n${seen}`)
  assert.is(reason, 'off', `the machine did not go off by itself\n${seen}`)
  const last = lastWords[end ?? 'poweroff']
  assert.ok(holds(console, last), `the console lacks ${last}\n${seen}`)
}
