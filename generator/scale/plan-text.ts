/** A plan for a person: lines, and a chart of how many nodes are complete. */
import { readFileSync } from 'node:fs'
import { inColumns } from '../host/console/columns.ts'
import { type Bound, nodesInRack } from './bounds.ts'
import { plot } from './plot.ts'
import { type Plan, quantile, trackers } from './site-plan.ts'

/** Lab swarms beside their simulations, by `npm run bench:scale`: percents that time and copies are off. */
interface Held {
  id: string
  nodes: number
  makespanOff: number
  copiesOff: number
}

const held = JSON.parse(readFileSync(new URL('held.json', import.meta.url), 'utf8')) as Held[]

/** Seconds as a person says them. */
export function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`
  if (seconds < 6000) return `${(seconds / 60).toFixed(1)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

const bits = (rate: number): string => `${rate / 1e9} Gbit/s`
const bytes = (size: number): string => (size >= 2 ** 30 ? `${size / 2 ** 30} GiB` : `${size / 2 ** 20} MiB`)
const boundText = ({ part, seconds }: Bound): string => `${part} ${duration(seconds)}`

/** What a plan rests on: the lab cases that the simulator is held to. */
export function heldText(): string {
  const within = held.filter(
    ({ makespanOff, copiesOff }) => Math.abs(makespanOff) <= 10 && Math.abs(copiesOff) <= 10,
  )
  const worst = held.reduce((a, b) => (Math.abs(b.makespanOff) > Math.abs(a.makespanOff) ? b : a))
  const most = held.reduce((nodes, each) => Math.max(nodes, each.nodes), 0)
  return (
    `${within.length} of ${held.length} lab swarms of up to ${most} nodes are met within 10 % in time and in copies; the worst ` +
    `time is off by ${worst.makespanOff} % (${worst.id}); faster links and more nodes have not been measured; ` +
    'with another grain or seed the times of large sites differ by up to a third'
  )
}

export function planText(plan: Plan): string {
  const { site, http, cache, swarm, stageOne, announces } = plan
  const row = (name: string, time: number, bounds: Bound[]) => [
    name,
    duration(time),
    `binds: ${boundText(bounds[0] as Bound)}`,
  ]
  const rows = [
    row('HTTP', http.seconds, http.bounds),
    row('HTTP, a cache in each rack', cache.seconds, cache.bounds),
    [
      'swarm',
      duration(swarm.seconds),
      `half of the nodes after ${duration(swarm.median)}, 99 % after ${duration(swarm.p99)}`,
    ],
  ]
  return `${[
    `${site.nodes} nodes in ${site.racks} racks, ${bits(site.nodeRate)} each, uplinks ${bits(site.uplink)}, origin ${bits(site.originRate)}`,
    `stage one, ${bytes(site.stageOne)} by HTTP: ${duration(stageOne.seconds)} (${stageOne.part})`,
    `payload, ${bytes(site.size)}:`,
    ...inColumns(rows).map(line => `  ${line}`),
    `copies    the origin sends ${swarm.copies.toFixed(1)}, ${swarm.overUplink.toFixed(1)} come over each uplink; by HTTP ${site.nodes} and ${nodesInRack(site)}`,
    `bounds    ${swarm.bounds.map(boundText).join(', ')}`,
    `tracker   ${announcesText(announces)}`,
    `first     ${adviceText(plan)}`,
    'rests on  a simulation of the shipped aria2 and its profile;',
    ...heldText()
      .split('; ')
      .map(line => `          ${line}`),
  ].join('\n')}\n`
}

function announcesText({ most, mean, tracker }: Plan['announces']): string {
  const rates = trackers.map(({ name, announcesPerSecond }) => `${name} ${announcesPerSecond}`).join(', ')
  const verdict = tracker === undefined ? 'none of them bears that on one core' : `${tracker} bears that`
  return `${most} announces in the busiest second, ${mean.toFixed(0)} in the mean: ${verdict}
          (on one core a second: ${rates})`
}

/** Simulations with other seeds differ by some percent: less than this is no gain. */
const leastGain = 0.05

/** What to buy first, by what twice of it is worth; where no link is, what is left. */
function adviceText({ purchases, swarm, http, cache }: Plan): string {
  const best = Math.min(http.seconds, cache.seconds)
  const worth = purchases
    .filter(({ timeShare }) => 1 - timeShare >= leastGain)
    .map(
      ({ part, timeShare }) => `${part} of twice the rate: ${Math.round((1 - timeShare) * 100)} % less time`,
    )
  return [
    ...(best < swarm.seconds
      ? [`no swarm: HTTP${cache.seconds < http.seconds ? ' with caches' : ''} takes ${duration(best)}`]
      : []),
    ...(worth.length > 0
      ? worth
      : [
          `no link: twice of any is worth less than 5 %; the longest bound is ${boundText(swarm.bounds[0] as Bound)}`,
        ]),
  ].join('\n          ')
}

const shares = [0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.9999]

/** Nodes that are complete, in percent, over seconds. */
export function planChart({ http, cache, swarm }: Plan): string {
  const step = (seconds: number) => [1, 100].map(y => ({ x: seconds, y }))
  const last = Math.max(http.seconds, cache.seconds, swarm.seconds)
  const first = Math.min(http.seconds, cache.seconds, quantile(swarm.completions, 0.01))
  const ticks = [1, 2, 5]
    .flatMap(digit => [-1, 0, 1, 2, 3, 4, 5, 6].map(zeros => digit * 10 ** zeros))
    .sort((a, b) => a - b)
  const from = Math.max(0, ticks.findIndex(tick => tick > first) - 1)
  const to = ticks.findIndex(tick => tick >= last)
  return plot({
    title: 'Nodes that are complete',
    xName: 'seconds after power on and stage one',
    yName: '% of the nodes',
    xTicks: ticks.slice(from, to < 0 ? undefined : to + 1),
    yTicks: [1, 2, 5, 10, 20, 50, 100],
    lines: [
      { name: 'HTTP', colour: '#c0392b', points: step(http.seconds) },
      { name: 'HTTP, rack caches', colour: '#e67e22', points: step(cache.seconds) },
      {
        name: 'swarm',
        colour: '#1f77b4',
        points: shares.map(share => ({ x: quantile(swarm.completions, share), y: Math.round(share * 100) })),
      },
    ],
  })
}
