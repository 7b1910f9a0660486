/** How long a site's nodes take to boot, by each way; simulated where no formula tells. */
import { pieceLengthFor } from '../swarm/piece-length.ts'
import { type Bound, cacheBounds, httpBounds, nodesInRack, type Site, swarmBounds } from './bounds.ts'
import { labQueue, switchQueueBytes } from './physical.ts'
import { type Scenario, shippedProfile } from './scenario.ts'
import { simulateSwarm } from './simulate-swarm.ts'

/** Blocks that are simulated at the most, unless each of a plan's nodes needs more: some ten seconds. */
const planDetail = 1.5e6

/**
 * What one core of a tracker answers in a second, with 5,000 nodes in the swarm, and what `serve` sends over HTTP
 * (measured by test/bench/serve.ts; README, Serving).
 */
export const trackers = [
  { name: "serve's own", announcesPerSecond: 1000 },
  { name: 'opentracker', announcesPerSecond: 25_000 },
]

/** A purchase, and what it changes. */
export interface Advice {
  /** What binds now. */
  part: Bound['part']
  /** Twice the rate of it, simulated anew; none where it is nothing that is bought. */
  doubled?: number
  /** What binds then, by its bound. */
  next: Bound
}

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
  advice: Advice
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
    rackOf: node => 1 + Math.floor(node / perRack),
    uplink: site.uplink,
    queue: rate => Math.min(labQueue, (switchQueueBytes * 8) / rate),
    startOf: () => 0,
    seedTime: 5,
    trackerAt: -Infinity,
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
    advice: adviceFor(site, step),
  }
}

const doubled: Partial<Record<Bound['part'], (site: Site) => Site>> = {
  'origin link': site => ({ ...site, originRate: 2 * site.originRate }),
  'node link': site => ({ ...site, nodeRate: 2 * site.nodeRate }),
  uplinks: site => ({ ...site, uplink: 2 * site.uplink }),
}

/** Doubles what binds, and simulates it. */
function adviceFor(site: Site, step: (text: string) => void): Advice {
  const { part } = swarmBounds(site)[0] as Bound
  const better = doubled[part]?.(site)
  const after = swarmBounds(better ?? site)
  const next = (better === undefined ? after[1] : after[0]) as Bound
  if (better === undefined) return { part, next }
  step(`simulating it with twice the rate: ${part}`)
  return { part, doubled: simulateSwarm(siteScenario(better)).makespan, next }
}
