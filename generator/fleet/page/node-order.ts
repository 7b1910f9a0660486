/** Which node comes first: by trouble, or by a column that was chosen. */
import { type FleetNode, nodeName } from '../fleet-view.ts'
import { compareNames as compare, fleetStates, isDone } from './fleet-model.ts'

export const columns = [
  { key: 'node', title: 'Node' },
  { key: 'rack', title: 'Rack' },
  { key: 'state', title: 'State' },
  { key: 'downloaded', title: 'Downloaded' },
  { key: 'rate', title: 'Rate' },
  { key: 'in-stage', title: 'In stage' },
  { key: 'boot', title: 'Boot' },
  { key: 'cause', title: 'Cause, or last words' },
  { key: 'hardware', title: 'Hardware' },
] as const

export type Column = (typeof columns)[number]['key']

export interface Order {
  column: Column
  isReversed: boolean
}

/** Trouble first: failed, silent, then those that boot for longest, then the rest. */
export const byTrouble: Order = { column: 'state', isReversed: false }

type Compare = (a: FleetNode, b: FleetNode) => number

const byName: Compare = (a, b) => compare(nodeName(a), nodeName(b)) || (a.key < b.key ? -1 : 1)

const rank = new Map(fleetStates.map((state, index) => [state as string, index]))
const rankOf = ({ state }: FleetNode): number => rank.get(state) ?? 0

/** What is compared first; numbers that matter when they are large begin with the largest. */
const compares: Record<Column, Compare> = {
  node: byName,
  rack: (a, b) => compare(a.rack, b.rack),
  state: (a, b) => rankOf(a) - rankOf(b) || (a.state === 'booting' ? a.began - b.began : 0),
  downloaded: (a, b) => (a.percent ?? -1) - (b.percent ?? -1),
  rate: (a, b) => b.rateFromServer + b.rateFromSwarm - a.rateFromServer - a.rateFromSwarm,
  'in-stage': (a, b) => Number(isDone(a.state)) - Number(isDone(b.state)) || a.stageBegan - b.stageBegan,
  boot: (a, b) => b.seconds - a.seconds,
  cause: (a, b) =>
    Number(a.cause === '') - Number(b.cause === '') || compare(a.cause || a.said, b.cause || b.said),
  hardware: (a, b) => compare(a.hardware, b.hardware),
}

/** Columns whose first order has the largest on top. */
const largestFirst: readonly Column[] = ['rate', 'in-stage', 'boot']

/** What aria-sort says of a column that is sorted by. */
export const directionOf = ({ column, isReversed }: Order): 'ascending' | 'descending' =>
  largestFirst.includes(column) === isReversed ? 'ascending' : 'descending'

/** The nodes in an order; those that are alike by their names. */
export function inOrder(nodes: FleetNode[], { column, isReversed }: Order): FleetNode[] {
  const first = compares[column]
  const sign = isReversed ? -1 : 1
  return nodes.sort((a, b) => sign * first(a, b) || byName(a, b))
}
