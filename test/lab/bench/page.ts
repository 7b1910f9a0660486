/** The results as they stand in README.md: tables, and two charts beside it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Chart, plot } from '../../../generator/scale/plot.ts'
import { methods } from '../case.ts'
import { type BenchCase, benchCases, counts } from './cases.ts'
import { type Numbers, numbersOf } from './numbers.ts'
import type { Results } from './store.ts'
import { verdicts } from './targets.ts'

const file = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
const [begin, end] = ['<!-- results -->', '<!-- /results -->']

const fixed = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : 'never'
const seconds = (value: number): string => (Number.isFinite(value) ? `${value.toFixed(1)} s` : 'never')
const table = (rows: string[][]): string => rows.map(row => `| ${row.join(' | ')} |`).join('\n')
const head = (...names: string[]): string[][] => [names, names.map(() => '---')]

/** Writes the tables into README.md, and the charts; the same results give the same bytes. */
export function drawPage(results: Results): void {
  const drawn = Object.keys(results.cases).length > 0 ? charts(results) : {}
  for (const [name, chart] of Object.entries(drawn)) writeFileSync(file(name), plot(chart))
  const page = readFileSync(file('README.md'), 'utf8')
  const [before, rest = ''] = page.split(`${begin}\n`)
  const after = rest.slice(rest.indexOf(end))
  writeFileSync(file('README.md'), `${before}${begin}\n${pageText(results)}\n${after}`)
}

export function pageText(results: Results): string {
  if (Object.keys(results.cases).length === 0) return 'Nothing has been measured yet.'
  return [
    `Measured on a machine with ${results.machine}. Of three runs the middle one counts; p100/p50 is the slowest node's time`,
    'over the median, a copy is the file once over the origin’s cable. CPU-bound: less than 10 % of the time idle. Plain HTTP',
    'was measured in six labs side by side, whose idle time and load are those of all six.',
    ...mixed(results),
    '',
    targetTable(results),
    '',
    '![Makespan over the lower bound, by nodes](makespan.svg)',
    '',
    '![Copies that the origin sends, by nodes](copies.svg)',
    '',
    caseTable(results),
  ].join('\n')
}

/** Results of different versions are not to be compared silently. */
function mixed(results: Results): string[] {
  const made = Object.entries(results.cases)
    .filter(([id]) => /swarm|http-aria2/.test(id))
    .map(([, { versions }]) => `${versions.init} ${versions.aria2c}`)
  return new Set(made).size > 1 ? ['**Not all of this was measured with the same /init and aria2c.**'] : []
}

function targetTable(results: Results): string {
  const rows = verdicts(results).map(({ name, byHand, target, measured, met }) => {
    const verdict = met === undefined ? '' : met ? 'yes' : '**no**'
    return [name, byHand, target, measured, verdict]
  })
  return table([...head('case', 'by hand', 'target', 'measured', 'met'), ...rows])
}

/** A case's row; none where it has not been run. */
function row({ id, title, lab }: BenchCase, results: Results): string[][] {
  const found = numbersOf(results, id)
  if (found === undefined) return []
  const { range, makespan, overBound, spread, copies, payloadCopies, booted, idle, load, runs } = found
  const [least, most] = range
  return [
    [
      title,
      `${seconds(makespan)}${runs > 1 ? ` (${fixed(least, 1)} to ${fixed(most, 1)})` : ''}`,
      fixed(overBound, 2),
      seconds(found.median),
      fixed(spread, 2),
      `${fixed(copies, 2)}${payloadCopies === undefined ? '' : ` (${fixed(payloadCopies, 2)})`}`,
      lab.method === 'naive' ? '' : seconds(booted),
      `${Math.round(idle * 100)} %${found.cpuBound ? ' **CPU-bound**' : ''}`,
      fixed(load, 1),
      remark(found, lab.slowNode !== undefined),
    ],
  ]
}

function remark({ complete, runs, slowestOther, uplinkCopies }: Numbers, hasSlowNode: boolean): string {
  return [
    ...(complete ? [] : ['**not all complete**']),
    ...(hasSlowNode ? [`all but the slow node: ${seconds(slowestOther)}`] : []),
    ...(uplinkCopies === undefined ? [] : [`${fixed(uplinkCopies, 2)} files over the busiest uplink`]),
    ...(runs === 3 ? [] : [`${runs} ${runs === 1 ? 'run' : 'runs'}`]),
  ].join('; ')
}

function caseTable(results: Results): string {
  const names = [
    'makespan',
    'x bound',
    'median',
    'p100/p50',
    'copies (payload)',
    'last boots on',
    'idle',
    'load',
    '',
  ]
  return table([...head('case', ...names), ...benchCases.flatMap(each => row(each, results))])
}

const colours = ['#c0392b', '#e67e22', '#8e44ad', '#1f77b4']

function charts(results: Results): { [file: string]: Chart } {
  const lines = (value: (numbers: Numbers) => number) =>
    methods.map((name, index) => ({
      name,
      colour: colours[index] ?? 'black',
      points: counts.flatMap(nodes => {
        const found = numbersOf(results, `scale/${name}/${nodes}`)
        const y = found === undefined ? Infinity : value(found)
        return Number.isFinite(y) && y > 0 ? [{ x: nodes, y }] : []
      }),
    }))
  const axes = { xName: 'nodes', xTicks: counts }
  return {
    'makespan.svg': {
      title: 'Makespan over the lower bound, 64 MiB',
      yName: 'times the bound',
      ...axes,
      yTicks: [1, 1.5, 2, 4, 8, 16, 40],
      lines: lines(({ overBound }) => overBound),
    },
    'copies.svg': {
      title: 'Copies that the origin sends, 64 MiB',
      yName: 'copies',
      ...axes,
      yTicks: [0.9, 1, 1.5, 2, 4, 8, 16, 40],
      lines: lines(({ copies }) => copies),
    },
  }
}
