// The scale benchmark, `npm run bench:scale`: holds the simulator to the lab (generator/scale/held.json), simulates what is missing in
// results.json and racks.json, and writes tables and a chart into test/scale/README.md. Each run is stored as it ends. It takes one core.
//
//   npm run bench:scale -- --draw        the page from what is there; --held: the lab's swarms alone
//   npm run bench:scale -- --only 1000   the sites with so many nodes
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { type Site, swarmBounds } from '../../generator/scale/bounds.ts'
import { plot } from '../../generator/scale/plot.ts'
import { simulateSwarm } from '../../generator/scale/simulate-swarm.ts'
import { quantile, siteScenario } from '../../generator/scale/site-plan.ts'
import { rackCases } from '../lab/bench/cases.ts'
import { changed, farLeasts, rackTimes } from './changed.ts'
import { type Held, heldCases, heldFile, heldTo } from './held.ts'

const options = new Command('bench:scale')
  .option('--draw', 'simulates nothing')
  .option('--held', "the lab's swarms alone")
  .option('--only <nodes>', 'sites with so many nodes', Number)
  .parse()
  .opts<{ draw?: true; held?: true; only?: number }>()

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

interface Simulated {
  makespan: number
  median: number
  p99: number
  copies: number
  overUplink: number
  announces: number
  /** Seconds of one core that the simulation took. */
  processor: number
}

/** Racks of 40 with uplinks of ten node links, the origin with one of two and a half. */
const siteOf = (nodes: number, size: number, rate: number): Site => ({
  ...{ nodes, racks: Math.ceil(nodes / 40), nodeRate: rate * 1e9, uplink: 10 * rate * 1e9 },
  ...{ originRate: 2.5 * rate * 1e9, size: size * 2 ** 30, stageOne: 0 },
})
const counts = [100, 1000, 10_000]
const sites: [nodes: number, size: number, rate: number][] = [
  ...counts.map((nodes): [number, number, number] => [nodes, 1, 10]),
  ...[0.125, 8].map((size): [number, number, number] => [100, size, 10]),
  ...[1, 100].map((rate): [number, number, number] => [100, 1, rate]),
  ...[0.125, 8].map((size): [number, number, number] => [1000, size, 10]),
  ...[1, 100].map((rate): [number, number, number] => [1000, 1, rate]),
]

/** Where numbers of the profile are changed. */
const changedSite = { nodes: 400, size: 1, rate: 10 }
const siteId = (nodes: number, size: number, rate: number): string => `${nodes}/${size}/${rate}`
const changedId = (text: string): string =>
  `${siteId(changedSite.nodes, changedSite.size, changedSite.rate)}: ${text}`
const runs = [
  ...sites.map(([nodes, size, rate]) => ({ nodes, size, rate, id: siteId(nodes, size, rate), changes: {} })),
  ...changed.map(([text, changes]) => ({ ...changedSite, id: changedId(text), changes })),
]

const read = (path: string) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {})
const stored = file('results.json')
const results: { [id: string]: Simulated } = read(stored)
const storedRacks = file('racks.json')
const racks: { [id: string]: number[] } = read(storedRacks)

function holdToLab(): void {
  writeFileSync(heldFile, `[\n${heldCases.map(id => `  ${JSON.stringify(heldTo(id))}`).join(',\n')}\n]\n`)
}

function simulateRacks(): void {
  for (const { id, lab } of rackCases) {
    if (racks[id] !== undefined) continue
    racks[id] = rackTimes(lab)
    writeFileSync(storedRacks, `${JSON.stringify(racks, null, 1)}\n`)
  }
}

function simulate(): void {
  for (const { nodes, size, rate, id, changes } of runs) {
    if (results[id] !== undefined || (options.only !== undefined && options.only !== nodes)) continue
    const site = siteOf(nodes, size, rate)
    const began = process.cpuUsage().user
    const outcome = simulateSwarm(siteScenario(site, changes))
    results[id] = {
      makespan: outcome.makespan,
      median: quantile(outcome.completions, 0.5),
      p99: quantile(outcome.completions, 0.99),
      copies: outcome.copies,
      overUplink: outcome.uplinkBytes / site.size / site.racks,
      announces: outcome.announces.reduce((a, b) => Math.max(a, b), 0),
      processor: (process.cpuUsage().user - began) / 1e6,
    }
    process.stderr.write(`${id}: ${JSON.stringify(results[id])}\n`)
    writeFileSync(stored, `${JSON.stringify(results, null, 1)}\n`)
  }
}

const table = (rows: string[][]): string => rows.map(row => `| ${row.join(' | ')} |`).join('\n')
const head = (...names: string[]): string[][] => [names, names.map(() => '---')]

function heldTable(): string {
  const held = JSON.parse(readFileSync(heldFile, 'utf8')) as Held[]
  const cell = (off: number) => (Math.abs(off) > 10 ? `**${off} %**` : `${off} %`)
  const rows = held.map(each => [
    each.id,
    `${each.labMakespan} s`,
    `${each.makespan} s`,
    cell(each.makespanOff),
    `${each.labCopies}`,
    `${each.copies}`,
    cell(each.copiesOff),
  ])
  return table([...head('lab case', 'makespan', 'simulated', 'off', 'copies', 'simulated', 'off'), ...rows])
}

function scaleTable(): string {
  const rows = sites.flatMap(([nodes, size, rate]) => {
    const found = results[siteId(nodes, size, rate)]
    const bound = swarmBounds(siteOf(nodes, size, rate))[0]
    if (found === undefined || bound === undefined) return []
    return [
      [
        `${nodes}, ${size} GiB, ${rate} Gbit/s`,
        `${found.makespan.toFixed(1)} s`,
        `${bound.part} ${bound.seconds.toFixed(1)} s`,
        (found.p99 / found.median).toFixed(2),
        found.copies.toFixed(1),
        found.overUplink.toFixed(1),
        `${found.announces}`,
        `${found.processor.toFixed(0)} s`,
      ],
    ]
  })
  const names = [
    'nodes',
    'makespan',
    'longest bound',
    'p99/p50',
    'copies',
    'files over an uplink',
    'announces/s, most',
    'processor',
  ]
  return table([...head(...names), ...rows])
}

function changedTable(): string {
  const rows = changed.flatMap(([text]) => {
    const found = results[changedId(text)]
    if (found === undefined) return []
    const { makespan, median, copies, overUplink } = found
    return [
      [text, `${makespan.toFixed(1)} s`, `${median.toFixed(1)} s`, copies.toFixed(1), overUplink.toFixed(1)],
    ]
  })
  return table([
    ...head(`${changedSite.nodes} nodes`, 'makespan', 'median', 'copies', 'files over an uplink'),
    ...rows,
  ])
}

function racksTable(): string {
  const rows = Object.entries(racks).map(([id, each]) => [
    id,
    ...each.map(factor => `${factor.toFixed(2)} x`),
  ])
  return table([...head('lab case', ...farLeasts.map(blocks => `${blocks} blocks`)), ...rows])
}

/** Writes the tables between the marks of README.md, and the chart. */
function draw(): void {
  const [begin, end] = ['<!-- results -->', '<!-- /results -->']
  const page = readFileSync(file('README.md'), 'utf8')
  const [before, rest = ''] = page.split(`${begin}\n`)
  const text = `${heldTable()}\n\n![Makespan by nodes](makespan.svg)\n\n${scaleTable()}\n\n${changedTable()}\n\n${racksTable()}\n`
  writeFileSync(file('README.md'), `${before}${begin}\n${text}${rest.slice(rest.indexOf(end))}`)
  const line = (name: string, colour: string, value: (found: Simulated) => number) => ({
    ...{ name, colour },
    points: counts.flatMap(x => {
      const found = results[`${x}/1/10`]
      return found === undefined ? [] : [{ x, y: value(found) }]
    }),
  })
  const chart = {
    ...{ title: '1 GiB at 10 Gbit/s, simulated', xName: 'nodes', yName: 'seconds' },
    ...{ xTicks: counts, yTicks: [1, 2, 5, 10, 20, 50, 100] },
    lines: [
      line('last node', '#1f77b4', ({ makespan }) => makespan),
      line('half of the nodes', '#8e44ad', ({ median }) => median),
    ],
  }
  writeFileSync(file('makespan.svg'), plot(chart))
}

if (options.draw !== true && options.only === undefined) holdToLab()
if (options.draw !== true && options.held !== true) {
  simulate()
  if (options.only === undefined) simulateRacks()
}
draw()
