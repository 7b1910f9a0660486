/** How long a site's nodes take to boot, by each way; simulated where no formula tells. */
import { pieceLengthFor } from '../swarm/piece-length.ts'
import { type Bound, cacheBounds, httpBounds, nodesInRack, type Site, swarmBounds } from './bounds.ts'
import { labQueue, switchQueueBytes } from './physical.ts'
import { type Scenario, shippedProfile } from './scenario.ts'
import { simulateSwarm } from './simulate-swarm.ts'

/** Blocks that are simulated at the most, unless a plan has so many nodes that the coarsest grain is more. */
const planDetail = 3e5

/**
 * Announces that one core of a tracker bears in a second, with 5,000 nodes in the swarm: half of what test/bench/serve.ts measured of a core
 * on a busy machine (it prints the share). The other half is for a slower core, and for HTTP: `serve` sends files by the same one.
 */
export const trackers = [
  { name: "serve's own", announcesPerSecond: 1500 },
  { name: 'opentracker', announcesPerSecond: 25_000 },
]

/** What a link of twice the rate is worth. */
export interface Purchase {
  part: Bound['part']
  /** Of the swarm's time: 0.5 is half of it. */
  timeShare: number
}

/** Purchases are compared on so many whole racks as have about so many nodes; more take minutes. */
const comparedNodes = 200

export interface Plan {
  site: Site
  pieceLength: number
  stageOne: Bound
  http: { bounds: Bound[]; seconds: number }
  cache: { bounds: Bound[]; seconds: number }
  swarm: {
    bounds: Bound[]
    seconds: number
    median: number
    p99: number
    copies: number
    /** Files that cross an uplink, in the mean of all racks. */
    overUplink: number
    completions: number[]
  }
  announces: { most: number; mean: number; tracker: string | undefined }
  /** The most useful first. */
  purchases: Purchase[]
}

/** A site with even racks and its origin at the core, every node switched on at once. */
export function siteScenario(site: Site, changes: Partial<Scenario> = {}): Scenario {
  const perRack = nodesInRack(site)
  return {
    nodes: site.nodes,
    size: site.size,
    pieceLength: pieceLengthFor(site.size),
    originRate: site.originRate,
    nodeRate: () => site.nodeRate,
    racks: site.racks + 1,
    prefixOf: node => 1 + Math.floor(node / perRack),
    rackOf: node => 1 + Math.floor(node / perRack),
    uplink: site.uplink,
    queue: rate => Math.min(labQueue, (switchQueueBytes * 8) / rate),
    startOf: () => 0,
    seedTime: 5,
    trackerAt: -Infinity,
    discovers: true,
    tellsSeeder: true,
    lost: [],
    originGone: false,
    profile: shippedProfile,
    detail: planDetail,
    seed: 1,
    ...changes,
  }
}

/** The value below which a share of the values lies. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Infinity
}

/** @param step is told what takes time */
export function planBoot(site: Site, step: (text: string) => void): Plan {
  step(`simulating a swarm of ${site.nodes} nodes`)
  const outcome = simulateSwarm(siteScenario(site))
  const [http, cache] = [httpBounds(site), cacheBounds(site)]
  const most = outcome.announces.reduce((a, b) => Math.max(a, b), 0)
  return {
    site,
    pieceLength: pieceLengthFor(site.size),
    stageOne: httpBounds(site, site.stageOne)[0] as Bound,
    http: { bounds: http, seconds: (http[0] as Bound).seconds },
    cache: { bounds: cache, seconds: (cache[0] as Bound).seconds },
    swarm: {
      bounds: swarmBounds(site),
      seconds: outcome.makespan,
      median: quantile(outcome.completions, 0.5),
      p99: quantile(outcome.completions, 0.99),
      copies: outcome.copies,
      overUplink: outcome.uplinkBytes / site.size / site.racks,
      completions: outcome.completions,
    },
    announces: {
      most,
      mean: outcome.announces.reduce((a, b) => a + b, 0) / Math.max(1, outcome.announces.length),
      tracker: trackers.find(({ announcesPerSecond }) => announcesPerSecond >= most)?.name,
    },
    purchases: purchasesFor(site, step),
  }
}

/** Twice of each link, simulated with and without: a bound alone does not tell what a swarm makes of it. */
function purchasesFor(whole: Site, step: (text: string) => void): Purchase[] {
  const racks = Math.max(1, Math.min(whole.racks, Math.floor(comparedNodes / nodesInRack(whole))))
  const site = { ...whole, racks, nodes: Math.min(whole.nodes, comparedNodes, racks * nodesInRack(whole)) }
  const timeOf = (part: string, each: Site) => {
    step(`comparing with ${site.nodes} nodes: ${part}`)
    return simulateSwarm(siteScenario(each)).makespan
  }
  const now = timeOf('as planned', site)
  const twice: [Bound['part'], Site][] = [
    ['origin link', { ...site, originRate: 2 * site.originRate }],
    ['node link', { ...site, nodeRate: 2 * site.nodeRate }],
    ['uplinks', { ...site, uplink: 2 * site.uplink }],
  ]
  return twice
    .map(([part, better]) => ({ part, timeShare: timeOf(`twice the rate, ${part}`, better) / now }))
    .sort((a, b) => a.timeShare - b.timeShare)
}
