import type { Fleet } from './fleet-nodes.ts'
import type { SwarmPoint } from './fleet-view.ts'

/** Half an hour of seconds in which something happens. */
const mostPoints = 1800
/** Where nothing does, a point tells that after so long (ms). */
const quiet = 10_000

/** What the whole swarm did: a point for each second in which something changed, the last ones. */
export class SwarmSeries {
  readonly #fleet: Fleet
  readonly #serverBytes: () => number
  #points: SwarmPoint[] = []
  #version = -1

  /** @param serverBytes what the server has sent until now, by HTTP and as a seeder */
  constructor(fleet: Fleet, serverBytes: () => number) {
    this.#fleet = fleet
    this.#serverBytes = serverBytes
  }

  /** Takes down how it stands. Call it each second. */
  add(now = Date.now()): void {
    const serverBytes = this.#serverBytes()
    const last = this.#points.at(-1)
    const isSame = this.#version === this.#fleet.version && last?.serverBytes === serverBytes
    if (last !== undefined && isSame && now - last.at < quiet) return
    this.#version = this.#fleet.version
    const { swarm } = this.#fleet.received
    this.#points.push({ at: now, states: this.#fleet.states(), serverBytes, swarmBytes: swarm })
    if (this.#points.length > mostPoints) this.#points = this.#points.slice(-mostPoints)
  }

  /** Points after a time, the oldest first. */
  since(at: number): SwarmPoint[] {
    return this.#points.filter(point => point.at > at)
  }
}
