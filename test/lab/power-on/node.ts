/** One machine of the lab: its cable, its power switch, and when it got how far. */
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { secondKernelParameters } from '../../../generator/demo/second-stage.ts'
import { type MachineEnd, startMachine } from '../../../generator/qemu/machine.ts'
import { macOf, tapOf } from './network.ts'
import type { Milestone, NodeReport, Scenario } from './scenario.ts'

/** What a console line shows that has been reached. */
const signs: [Milestone, RegExp][] = [
  ['init', /^aria2-initrd: /],
  ['kernel', /^second kernel: /],
]

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
 * @param clock seconds from power-on
 * @param say takes the story, line by line
 */
export function makeNode(
  index: number,
  { memory, limit, logs }: Scenario,
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
      const machine = await startMachine({ nics: [{ network: { tap }, mac }], memory, limit, onLine })
      end = await machine.end
      tell(end.reason)
    },
    report() {
      const { console = '', reason = 'never on', complaints = '' } = end ?? {}
      const secondParameters = secondKernelParameters(console)
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
