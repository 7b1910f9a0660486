/** What the benchmark runs. */
import { type LabCase, type Method, methods, rackSigns } from '../case.ts'

export interface BenchCase {
  /** Its key among the results, such as `scale/swarm/16`. */
  id: string
  title: string
  lab: LabCase
  runs: number
}

const MiB = 2 ** 20
export const counts = [1, 2, 4, 8, 16, 32]
export const sizes = [8, 64, 256]

/** The machine must not be the limit: 32 nodes at 50 Mbit/s each way would keep two processors busy. */
const rateFor = (nodes: number): number => (nodes > 16 ? 25e6 : 50e6)

function plain(method: Method, nodes: number, size: number, changes: Partial<LabCase> = {}): LabCase {
  const rate = rateFor(nodes)
  return { nodes, size: size * MiB, rate, originRate: rate, method, limit: 1200, ...changes }
}

/** Plain HTTP is as long as N files on one link, and repeats to a percent: the longest are run once. */
const runsFor = ({ method, nodes, size, rate }: LabCase): number =>
  method.startsWith('http') && (nodes * size * 8) / rate > 120 ? 1 : 3

function caseOf(id: string, title: string, lab: LabCase): BenchCase {
  return { id, title, lab, runs: runsFor(lab) }
}

/** Each method from one node to many. */
const scale = counts.flatMap(nodes =>
  methods.map(method =>
    caseOf(`scale/${method}/${nodes}`, `${method}, N=${nodes}, 64 MiB`, plain(method, nodes, 64)),
  ),
)

/** A small and a large file for many, and a small one for few. */
const bySize = [8, 256].flatMap(size =>
  methods.map(method =>
    caseOf(`size/${size}/${method}/16`, `${method}, N=16, ${size} MiB`, plain(method, 16, size)),
  ),
)
const few = [1, 2, 4].flatMap(nodes =>
  methods.map(method =>
    caseOf(`size/8/${method}/${nodes}`, `${method}, N=${nodes}, 8 MiB`, plain(method, nodes, 8)),
  ),
)

/** Few nodes, and nobody who seeds but those that lie: what the web server alone takes is the measure. */
const unseeded = [1, 2, 4].flatMap(nodes => [
  caseOf(
    `unseeded/swarm/${nodes}`,
    `swarm, N=${nodes}, 64 MiB: nobody seeds`,
    plain('swarm', nodes, 64, { unseeded: true }),
  ),
  caseOf(
    `liar/swarm/${nodes}`,
    `swarm, N=${nodes}, 64 MiB: the only seeder lies`,
    plain('swarm', nodes, 64, { unseeded: true, liar: true }),
  ),
])

/** What goes wrong, or is not as even as a laboratory: 16 nodes, 64 MiB. */
const disturbances: { [name: string]: { title: string; changes: Partial<LabCase>; also?: Method[] } } = {
  stagger: { title: 'a node each second', changes: { stagger: 1 }, also: ['http-wget', 'naive'] },
  kexec: { title: 'nodes leave at once (seed_time=0)', changes: { parameters: 'seed_time=0' } },
  'stagger-kexec': {
    title: 'a node each second, nodes leave at once',
    changes: { stagger: 1, parameters: 'seed_time=0' },
  },
  die: { title: 'a node dies after 5 s', changes: { die: 5 } },
  slow: { title: 'one node at 10 Mbit/s', changes: { slowNode: 10e6 }, also: ['naive'] },
  rack: {
    title: 'half of the nodes behind an uplink of 50 Mbit/s',
    changes: { secondRack: 50e6 },
    also: ['http-wget', 'naive'],
  },
  cut: { title: '25 % of the cables pulled after 5 s', changes: { cut: { share: 0.25, at: 5 } } },
  tracker: { title: 'the tracker is 10 s late', changes: { trackerLate: 10 } },
  'no-tracker': { title: 'no tracker at all', changes: { trackerLate: 1e6 } },
  opentracker: { title: 'opentracker as the tracker', changes: { opentracker: true } },
  gone: { title: 'the origin goes when one copy is out', changes: { originGone: true } },
  fast: { title: 'the origin has 200 Mbit/s', changes: { originRate: 200e6 }, also: ['http-wget', 'naive'] },
}

const disturbed = Object.entries(disturbances).flatMap(([name, { title, changes, also = [] }]) =>
  (['swarm', ...also] as Method[]).map(method =>
    caseOf(`disturbed/${name}/${method}`, `${method}: ${title}`, plain(method, 16, 64, changes)),
  ),
)

/** Racks behind uplinks that carry a fourth and an eighth of their nodes' links, the origin outside of them. */
export const rackCases: BenchCase[] = [16, 32].flatMap(nodes =>
  [2, 4, 8].flatMap(count =>
    [4, 8].map(over => {
      const uplink = ((nodes / count) * rateFor(nodes)) / over
      return caseOf(
        `racks/${nodes}/${count}/1:${over}`,
        `swarm: ${nodes} nodes in ${count} racks, uplinks 1:${over} (${uplink / 1e6} Mbit/s)`,
        plain('swarm', nodes, 64, { racks: { count, uplink } }),
      )
    }),
  ),
)

/** Racks that share a prefix, behind uplinks of one node's rate. */
const onePrefix: BenchCase[] = rackSigns
  .filter(by => by !== 'prefix')
  .map(by =>
    caseOf(
      `one-prefix/${by}`,
      `swarm: 2 racks of 8 with one prefix, uplinks of 50 Mbit/s, known by ${by}`,
      plain('swarm', 16, 64, { racks: { count: 2, uplink: rateFor(16), by } }),
    ),
  )

/** Racks that come one after another, nodes that leave: 16 nodes in 4 racks, uplinks 1:4. */
const fourRacks = { racks: { count: 4, uplink: rateFor(16) } }
const leaving: BenchCase[] = [
  caseOf('waves/10', 'swarm: a rack of 4 each 10 s', plain('swarm', 16, 64, { ...fourRacks, waves: 10 })),
  caseOf(
    'waves/10-kexec',
    'swarm: a rack of 4 each 10 s, nodes leave at once',
    plain('swarm', 16, 64, { ...fourRacks, waves: 10, parameters: 'seed_time=0' }),
  ),
  caseOf(
    'waves/one-left',
    'swarm: all cables but one are pulled after 5 s',
    plain('swarm', 16, 64, { cut: { share: 15 / 16, at: 5 } }),
  ),
]

export const benchCases: BenchCase[] = [
  ...scale,
  ...bySize,
  ...few,
  ...unseeded,
  ...disturbed,
  ...rackCases,
  ...onePrefix,
  ...leaving,
]
