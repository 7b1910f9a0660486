// The page that the benchmark draws, from results that are made up.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { plot } from '../../generator/scale/plot.ts'
import { benchCases } from './bench/cases.ts'
import { numbersOf } from './bench/numbers.ts'
import { pageText } from './bench/page.ts'
import { isOf, type Results, type StoredRun } from './bench/store.ts'
import { verdicts } from './bench/targets.ts'
import type { Method } from './case.ts'

const run = (changes: Partial<StoredRun>): StoredRun => ({
  makespan: 20,
  booted: 25,
  median: 18,
  slowest: 20,
  slowestOther: 20,
  bound: 10,
  originSent: 1e6,
  copies: 1.5,
  payloadCopies: 1.4,
  idle: 0.5,
  load: 0.1,
  complete: true,
  ...changes,
})

function resultsOf(cases: { [id: string]: Partial<StoredRun>[] }): Results {
  const [lab] = benchCases.map(each => each.lab)
  if (lab === undefined) throw new Error('no cases')
  const versions = { init: 'a', aria2c: 'b' }
  const stored = Object.entries(cases).map(([id, runs]) => [id, { lab, versions, runs: runs.map(run) }])
  return { machine: '2 processors', cases: Object.fromEntries(stored) }
}

test('the names of the cases are their own', () => {
  const ids = benchCases.map(({ id }) => id)
  assert.is(new Set(ids).size, ids.length)
})

test('the middle run counts; one that never ended is no small number', () => {
  const results = resultsOf({
    one: [{ makespan: 30 }, { makespan: 20 }, { makespan: 21 }],
    never: [{ makespan: null, complete: false }],
  })
  assert.is(numbersOf(results, 'one')?.makespan, 21)
  assert.equal(numbersOf(results, 'one')?.range, [20, 30])
  assert.is(numbersOf(results, 'never')?.makespan, Infinity)
  assert.is(numbersOf(results, 'absent'), undefined)
})

test('what was measured with other programs is measured anew', () => {
  const lab = benchCases.find(({ id }) => id === 'scale/swarm/1')?.lab
  assert.ok(lab)
  if (lab === undefined) return
  const versions = { init: 'a', aria2c: 'b' }
  const stored = (method: Method) => ({ lab: { ...lab, method }, versions, runs: [] })
  const counts = (method: Method, now: Partial<typeof versions>, changes = {}) =>
    isOf(stored(method), { ...lab, method, ...changes }, { ...versions, ...now })
  assert.ok(counts('swarm', {}))
  assert.not.ok(counts('swarm', { init: 'c' }))
  assert.not.ok(counts('swarm', { aria2c: 'c' }))
  assert.ok(counts('naive', { init: 'c' }))
  assert.not.ok(counts('naive', { aria2c: 'c' }))
  assert.ok(counts('http-wget', { init: 'c', aria2c: 'c' }))
  assert.not.ok(counts('http-wget', {}, { nodes: 2 }))
  assert.not.ok(isOf(undefined, lab, versions))
})

const verdict = (results: Results, name: string) => verdicts(results).find(each => each.name === name)

test('a target is met, missed, or not measured', () => {
  const met = resultsOf({ 'scale/swarm/16': [{ makespan: 15, copies: 1.2 }] })
  assert.is(verdict(met, 'N=16, 64 MiB')?.met, true)
  assert.is(
    verdict(resultsOf({ 'scale/swarm/16': [{ makespan: 15, copies: 1.3 }] }), 'N=16, 64 MiB')?.met,
    false,
  )
  assert.is(verdict(resultsOf({ 'scale/swarm/16': [{ makespan: 16 }] }), 'N=16, 64 MiB')?.met, false)
  assert.is(verdict(resultsOf({}), 'N=16, 64 MiB')?.met, undefined)
  const incomplete = resultsOf({ 'scale/swarm/16': [{ makespan: 12, copies: 1, complete: false }] })
  assert.is(verdict(incomplete, 'N=16, 64 MiB')?.met, false)
})

test('few nodes are compared with the quicker way of plain HTTP', () => {
  const of = (swarm: number) =>
    resultsOf(
      Object.fromEntries(
        [1, 2, 4].flatMap(nodes => [
          [`scale/http-wget/${nodes}`, [{ makespan: 30 }]],
          [`scale/http-aria2/${nodes}`, [{ makespan: 20 }]],
          [`scale/swarm/${nodes}`, [{ makespan: swarm }]],
        ]),
      ),
    )
  assert.is(verdict(of(22), 'N=1, 2, 4, 64 MiB')?.met, true)
  assert.is(verdict(of(23), 'N=1, 2, 4, 64 MiB')?.met, false)
})

test('the page marks what is not to be trusted', () => {
  const text = pageText(
    resultsOf({
      'scale/naive/16': [{ idle: 0.05 }],
      'disturbed/gone/swarm': [{ makespan: null, complete: false }],
    }),
  )
  assert.match(text, /naive, N=16, 64 MiB .*5 % \*\*CPU-bound\*\*.*1 run/)
  assert.match(text, /the origin goes when one copy is out \| never .*\*\*not all complete\*\*/)
  assert.not.match(text, /NaN|undefined/)
})

test('a chart has every point and label, and no number that is none', () => {
  const svg = plot({
    title: 'a < b & c',
    xName: 'x',
    yName: 'y',
    xTicks: [1, 10],
    yTicks: [1, 100],
    lines: [
      {
        name: 'one',
        colour: 'red',
        points: [
          { x: 1, y: 1 },
          { x: 10, y: 100 },
        ],
      },
      { name: 'same end', colour: 'blue', points: [{ x: 10, y: 100 }] },
      { name: 'empty', colour: 'green', points: [] },
    ],
  })
  assert.is(svg.match(/<circle/g)?.length, 3)
  assert.match(svg, /a &lt; b &amp; c/)
  assert.not.match(svg, /NaN|Infinity|>empty</)
  const heights = [...svg.matchAll(/y="([\d.]+)"[^>]*>(?:one|same end)</g)].map(([, y]) => Number(y))
  assert.ok(Math.abs((heights[0] ?? 0) - (heights[1] ?? 0)) >= 15, 'labels lie on each other')
})

test.run()
