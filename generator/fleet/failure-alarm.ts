/** A program of the site's that is run when a node fails or falls silent: `serve --on-failure`. */
import { spawn } from 'node:child_process'
import { shown } from '../host/console/foreign-text.ts'
import type { FleetEvent, FleetListener } from './fleet-listener.ts'
import type { Fleet } from './fleet-nodes.ts'
import { type FleetNode, nodeName } from './fleet-view.ts'

/** A rack without power is one mail each, and no fork bomb; no address takes the place of all others. */
const most = { atOnce: 4, waiting: 200, ofAddress: 20 }
/** Milliseconds until a program that does not end is killed. */
const limit = 60_000

export class FailureAlarm implements FleetListener {
  readonly #program: string
  readonly #say: (line: string) => void
  readonly #limit: number
  readonly #waiting: { address: string; facts: NodeJS.ProcessEnv }[] = []
  readonly #running = new Set<number>()
  #leavesOut = false

  /** @param say takes what went wrong with the program itself */
  constructor(fleet: Fleet, program: string, say: (line: string) => void, killedAfter = limit) {
    this.#program = program
    this.#say = say
    this.#limit = killedAfter
    fleet.listen(this)
  }

  happened(node: FleetNode, { event }: FleetEvent): void {
    if (event !== 'gave-up' && event !== 'silent') return
    const own = this.#waiting.filter(({ address }) => address === node.address).length
    if (this.#waiting.length >= most.waiting || own >= most.ofAddress) {
      if (!this.#leavesOut) this.#say('--on-failure: too many fail at once: it is not run for all')
      this.#leavesOut = true
      return
    }
    this.#waiting.push({ address: node.address, facts: factsOf(node) })
    this.#next()
  }

  close(): void {
    this.#waiting.length = 0
    for (const pid of this.#running) kill(pid)
  }

  #next(): void {
    if (this.#running.size >= most.atOnce) return
    const next = this.#waiting.shift()
    if (next === undefined) {
      this.#leavesOut = false
      return
    }
    // In a group of its own, so that what it has started ends with it.
    const child = spawn(this.#program, [], {
      env: { ...process.env, ...next.facts },
      stdio: 'ignore',
      detached: true,
    })
    const { pid } = child
    if (pid !== undefined) this.#running.add(pid)
    const timer = setTimeout(() => pid !== undefined && kill(pid), this.#limit).unref()
    const over = (trouble?: string) => {
      clearTimeout(timer)
      if (pid !== undefined) this.#running.delete(pid)
      if (trouble !== undefined) this.#say(`--on-failure: ${this.#program}: ${trouble}`)
      this.#next()
    }
    child.once('error', error => pid === undefined && over(error.message))
    child.once('exit', (status, signal) =>
      over(status === 0 ? undefined : signal === null ? `status ${status}` : `ended by ${signal}`),
    )
  }
}

/** One line each, and no control characters: whatever reads them may print them. */
function factsOf(node: FleetNode): NodeJS.ProcessEnv {
  const { hostname, mac, address, ip, serial, uuid, rack, state, stage, cause, said, seconds, contested } =
    node
  const facts = {
    ...{ NODE: nodeName(node), MAC: mac, ADDRESS: address, IP: ip, HOSTNAME: hostname },
    ...{ SERIAL: serial, UUID: uuid, RACK: rack, STATE: state, STAGE: stage, CAUSE: cause, SAID: said },
    ...{ SECONDS: seconds.toFixed(1), CONTESTED: contested ? 'yes' : 'no' },
  }
  return Object.fromEntries(
    Object.entries(facts).map(([name, text]) => [`ARIA2_INITRD_${name}`, shown(text)]),
  )
}

function kill(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {} // it has ended by itself
}
