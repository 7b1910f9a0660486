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
  ['files', /^aria2-initrd: download: have /],
  ['kernel', /^second kernel: /],
]

export interface Node {
  readonly name: string
  readonly tap: string
  readonly mac: string
  address?: string
  /** Notes the first time that something is reached. */
  reach(milestone: Milestone): void
  has(milestone: Milestone): boolean
  /** Switches it on; resolves when it is off again. */
  run(): Promise<void>
  report(): Omit<NodeReport, 'traffic' | 'given'>
}

export function makeNode(index: number, scenario: Scenario, say: (line: string) => void): Node {
  const [name, tap, mac] = [`node${index}`, tapOf(index), macOf(index)]
  const reached = new Map<Milestone, number>()
  let powerOn = performance.now()
  let end: MachineEnd | undefined
  const seconds = () => (performance.now() - powerOn) / 1000

  const node: Node = {
    name,
    tap,
    mac,
    reach(milestone) {
      if (reached.has(milestone)) return
      reached.set(milestone, seconds())
      say(`${seconds().toFixed(1).padStart(6)} s  ${name}: ${milestone}`)
    },
    has: milestone => reached.has(milestone),
    async run() {
      powerOn = performance.now()
      const machine = await startMachine({
        nics: [{ network: { tap }, mac }],
        memory: scenario.memory,
        limit: scenario.limit,
        onLine(line) {
          if (scenario.logs !== undefined)
            appendFileSync(
              join(scenario.logs, `${name}.log`),
              `${seconds().toFixed(2).padStart(7)}  ${line}\n`,
            )
          for (const [milestone, sign] of signs) if (sign.test(line)) node.reach(milestone)
        },
      })
      end = await machine.end
      say(`${seconds().toFixed(1).padStart(6)} s  ${name}: ${end.reason}`)
    },
    report() {
      const console = end?.console ?? ''
      const secondParameters = secondKernelParameters(console)
      return {
        name,
        ...(node.address === undefined ? {} : { address: node.address }),
        reached: Object.fromEntries(reached),
        console: console + (end?.complaints ?? ''),
        end: end?.reason ?? 'never on',
        ...(secondParameters === undefined ? {} : { secondParameters }),
      }
    },
  }
  return node
}
