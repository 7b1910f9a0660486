/** What the page knows: the nodes, and the swarm's points. */
import type { FileVisitor, FleetMessage, FleetNode, FleetState, SwarmPoint } from '../fleet-view.ts'

/** In the order of trouble. */
export const fleetStates = [
  'failed',
  'silent',
  'booting',
  'handed-over',
  'complete',
  'up',
] as const satisfies FleetState[]

/** What a state is called. */
export const stateWord = (state: FleetState): string => (state === 'handed-over' ? 'handed over' : state)

/** How a boot ends well. */
export const isDone = (state: FleetState): boolean =>
  state === 'handed-over' || state === 'complete' || state === 'up'

/** The order of names: n9 before n10. */
export const { compare: compareNames } = new Intl.Collator('en', { numeric: true })

/** More points than the plot has pixels are not kept. */
const mostPoints = 4000

export class FleetModel {
  readonly nodes = new Map<string, FleetNode>()
  points: SwarmPoint[] = []
  visitors: FileVisitor[] = []
  /** The server's clock and this machine's may differ: the latest that the server has named is its now. */
  #serverAhead = 0

  /** Takes a message; the first one of a connection tells all there is. */
  took({ nodes, gone, points, visitors }: FleetMessage, isFirst: boolean): void {
    if (isFirst) {
      this.nodes.clear()
      this.points = []
    }
    for (const node of nodes) this.nodes.set(node.key, node)
    for (const key of gone) this.nodes.delete(key)
    this.points.push(...points)
    this.visitors = visitors ?? this.visitors
    if (this.points.length > mostPoints) this.points = this.points.filter((_, index) => index % 2 === 0)
    const named = points.at(-1)?.at ?? (isFirst ? latest(nodes) : undefined)
    if (named !== undefined) this.#serverAhead = named - Date.now()
  }

  /** Unix time in ms by the server's clock. */
  now(): number {
    return Date.now() + this.#serverAhead
  }

  /** How many nodes are in each state. */
  counts(): Record<FleetState, number> {
    const counts = { failed: 0, silent: 0, booting: 0, 'handed-over': 0, complete: 0, up: 0 }
    for (const { state } of this.nodes.values()) counts[state] += 1
    return counts
  }

  /** Milliseconds of a boot: until its end, or until now. */
  bootTime({ state, seconds, lastSeen }: FleetNode): number {
    const isRunning = state === 'booting' || state === 'silent'
    return seconds * 1000 + (isRunning ? Math.max(0, this.now() - lastSeen) : 0)
  }

  /** Milliseconds in its stage: until it failed, or until now; undefined where it has left the last one. */
  stageTime(node: FleetNode): number | undefined {
    return isDone(node.state) ? undefined : node.began + this.bootTime(node) - node.stageBegan
  }
}

const latest = (nodes: FleetNode[]): number | undefined =>
  nodes.length === 0 ? undefined : nodes.reduce((most, { lastSeen }) => Math.max(most, lastSeen), 0)
