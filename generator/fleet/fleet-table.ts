/** The fleet as text: a table that fits a terminal, and a line for each change. */
import { inColumns } from '../host/console/columns.ts'
import { shown } from '../host/console/foreign-text.ts'
import { readableSize } from '../host/console/progress.ts'
import { type FileVisitor, type FleetNode, type FleetState, isEnded, nodeName } from './fleet-view.ts'

/** Who looks wants to see trouble first. */
export const byTrouble: readonly FleetState[] = [
  'failed',
  'silent',
  'booting',
  'complete',
  'handed-over',
  'up',
]

/** Where a node stands in that order. */
export const trouble = ({ state: at }: FleetNode): number => byTrouble.indexOf(at)

const state = ({ state: at, contested }: FleetNode): string => (contested ? `${at}, contested` : at)
const percent = (node: FleetNode): string =>
  node.percent === undefined ? '' : `${Math.floor(node.percent)}%`
const rate = ({ rateFromServer, rateFromSwarm }: FleetNode): string =>
  rateFromServer + rateFromSwarm === 0 ? '' : `${readableSize(rateFromServer + rateFromSwarm)}/s`

/** Why, or what it said last. */
const words = ({ cause, said }: FleetNode): string => cause || said

/** `12 nodes: 1 failed, 11 up` */
export function totals(nodes: FleetNode[]): string {
  const counts = byTrouble.map(each => [nodes.filter(node => node.state === each).length, each] as const)
  const some = counts.filter(([count]) => count > 0).map(([count, each]) => `${count} ${each}`)
  return `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}${some.length === 0 ? '' : `: ${some.join(', ')}`}`
}

/** The table, those in trouble first; with a size what fits is shown, and how many do not. */
export function fleetTable(nodes: FleetNode[], size?: { rows: number; columns: number }): string[] {
  const sorted = [...nodes].sort(
    (a, b) => trouble(a) - trouble(b) || nodeName(a).localeCompare(nodeName(b), 'en', { numeric: true }),
  )
  const most = size === undefined ? sorted.length : Math.max(1, size.rows - 4)
  const rows = sorted
    .slice(0, most)
    .map(node => [
      ...[nodeName(node), node.address, node.rack, state(node), node.stage, percent(node), rate(node)],
      ...[`${node.seconds.toFixed(1)} s`, words(node)],
    ])
    .map(row => row.map(cell => shown(cell, 80)))
  const head = ['node', 'address', 'rack', 'state', 'stage', '', 'rate', 'time', 'cause or last word']
  const used = head.map((_, column) => column === 0 || rows.some(row => row[column] !== ''))
  const lines = inColumns([head, ...rows].map(row => row.filter((_, column) => used[column])))
  const left = sorted.length - rows.length
  return [totals(nodes), ...lines, ...(left > 0 ? [`and ${left} more`] : [])].map(text =>
    size === undefined ? text : text.slice(0, size.columns - 1),
  )
}

/** Those who are no nodes, in a line: `2 others fetched files: 10.0.0.9 (curl/8.14.1), 10.0.0.8`; nothing where there are none. */
export function visitorLine(visitors: readonly FileVisitor[], columns = 400): string[] {
  if (visitors.length === 0) return []
  const named = visitors.map(({ address, program }) => (program === '' ? address : `${address} (${program})`))
  const others = `${visitors.length} ${visitors.length === 1 ? 'other' : 'others'}`
  return [shown(`${others} fetched files: ${named.join(', ')}`, columns)]
}

/** What has changed of a node, in a line: `node5 (10.0.0.5): failed in download after 12.0 s: not found`. */
export function changeLine(node: FleetNode): string {
  const { address, stage, seconds } = node
  const where = isEnded(node.state) && node.state !== 'failed' ? '' : ` in ${stage}`
  const why = node.cause === '' ? '' : `: ${node.cause}`
  return shown(
    `${nodeName(node)} (${address}): ${state(node)}${where} after ${seconds.toFixed(1)} s${why}`,
    400,
  )
}
