/** One machine of the lab: its cable, its power switch, and when it got how far. */
import { appendFileSync, copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { type MachineEnd, startMachine } from '../../../generator/qemu/virtual-machine.ts'
import { givenParameters } from '../../support/given-parameters.ts'
import { macOf, tapOf } from './network.ts'
import type { Milestone, NodeReport, Scenario } from './scenario.ts'
import { secondParameters as wanted } from './site.ts'

/** What a console line shows that has been reached. */
const signs: [Milestone, RegExp][] = [
  ['init', /^aria2-initrd: /],
  ['kernel', /^second kernel: /],
]

/** UEFI for virtual machines; variables that it starts with. */
export const firmware = ['/usr/share/OVMF/OVMF_CODE_4M.fd', '/usr/share/OVMF/OVMF_VARS_4M.fd'] as const

function makeFirmware(variables: string): { code: string; variables: string } {
  copyFileSync(firmware[1], variables)
  return { code: firmware[0], variables }
}

export interface Node {
  readonly tap: string
  readonly mac: string
  /** That of its last lease. */
  address?: string
  /** Notes the first time that something is reached. */
  reach(milestone: Milestone): void
  has(milestone: Milestone): boolean
  /** Switches it on; resolves when it is off again. */
  run(): Promise<void>
  report(): Omit<NodeReport, 'traffic' | 'given'>
}

/**
 * @param work a folder for what the machine writes
 * @param clock seconds from power-on
 * @param say takes the story, line by line
 */
export function makeNode(
  index: number,
  { memory, limit, logs, nodes }: Scenario,
  work: string,
  clock: () => number,
  say: (line: string) => void,
): Node {
  const [name, tap, mac] = [`node${index}`, tapOf(index), macOf(index)]
  const reached = new Map<Milestone, number>()
  let end: MachineEnd | undefined
  const tell = (event: string) => say(`${clock().toFixed(1).padStart(6)} s  ${name}: ${event}`)
  const onLine = (line: string) => {
    const stamped = `${clock().toFixed(2).padStart(7)}  ${line}\n`
    if (logs !== undefined) appendFileSync(join(logs, `${name}.log`), stamped)
    for (const [milestone, sign] of signs) if (sign.test(line)) node.reach(milestone)
  }

  const node: Node = {
    tap,
    mac,
    reach(milestone) {
      if (reached.has(milestone)) return
      reached.set(milestone, clock())
      tell(milestone)
    },
    has: milestone => reached.has(milestone),
    async run() {
      const uefi = nodes[index]?.isUefi ? { uefi: makeFirmware(join(work, `${name}.fd`)) } : {}
      const machine = await startMachine({
        ...uefi,
        nics: [{ network: { tap }, mac }],
        memory,
        limit,
        onLine,
      })
      end = await machine.end
      tell(end.reason)
    },
    report() {
      const { console = '', reason = 'never on', complaints = '' } = end ?? {}
      const secondParameters = givenParameters(console, wanted)
      return {
        name,
        ...(node.address === undefined ? {} : { address: node.address }),
        reached: Object.fromEntries(reached),
        console: reason === 'failed' ? `${console}\n${complaints}` : console,
        end: reason,
        ...(secondParameters === undefined ? {} : { secondParameters }),
      }
    },
  }
  return node
}
