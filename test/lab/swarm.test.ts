// Swarms of the shipped download stage, small ones: what must hold whatever the numbers are.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { LabCase, NodeResult } from './case.ts'
import { needsLab, type Played, playCase } from './lab-test.ts'

const lab = (name: string, changes: Partial<LabCase>, check: (played: Played) => void) =>
  playCase(needsLab(test), name, changes, check)
const statuses = (nodes: NodeResult[]) => nodes.map(({ times }) => times.status)

lab(
  'an origin whose pieces are all wrong gives nobody a file, and the boot ends',
  {
    ...{ wrongOrigin: true, nodes: 2, size: 2 ** 20, limit: 100 },
    // Wrong data flow all the time: what ends it is that there is never more of the file.
    parameters: 'aria2_options=--bt-stop-timeout=3',
  },
  ({ result, console }) => {
    assert.equal(statuses(result.nodes), [1, 1])
    assert.match(console('node1'), 'stopped before completion')
    assert.match(console('node1'), 'peers are incomplete')
    for (const { took, same } of result.nodes) {
      assert.is(took, undefined)
      assert.is(same, false)
    }
  },
)

lab(
  'four nodes fetch a torrent: all get the same bytes, and some of them from each other',
  {},
  ({ result, console }) => {
    assert.ok(result.complete)
    assert.equal(statuses(result.nodes), [0, 0, 0, 0])
    assert.match(console('node1'), /download: have \/tmp\/url-1\/payload/)
    const fromNodes = result.nodes.reduce((sum, { sent }) => sum + sent, 0)
    assert.ok(fromNodes > 2 ** 20, `nodes sent ${fromNodes} bytes`)
    assert.ok(result.payloadCopies !== undefined && result.payloadCopies < 4)
  },
)

for (const method of ['http-wget', 'http-aria2'] as const)
  lab(
    `without a swarm the server sends a copy to each node: ${method}`,
    { method, nodes: 2 },
    ({ result }) => {
      assert.ok(result.complete)
      assert.is(result.payloadCopies?.toFixed(1), '2.0')
    },
  )

lab('the tracker comes up late', { nodes: 3, trackerLate: 3 }, ({ result }) => {
  assert.ok(result.complete)
  assert.ok(result.makespan > 3, 'nobody could know a peer before')
})

lab(
  'without a tracker the web server gives it all',
  { nodes: 2, size: 2 ** 20, trackerLate: Infinity },
  ({ result, console }) => {
    assert.ok(result.complete)
    assert.match(console('node1'), /peers are incomplete; adding web server http:\/\/\S+/)
  },
)

lab(
  'the origin is gone as soon as each piece is on one node or another',
  {
    // One node is slow, so that it still needs the others when the origin is gone.
    ...{ nodes: 3, size: 2 ** 20, slowNode: 2e6, originGone: true },
    // The others must not leave before it is done: nobody else has the file.
    parameters: 'seed_time=20',
  },
  ({ result }) => {
    assert.ok(result.complete)
    const { originGoneAt = Infinity, makespan } = result
    assert.ok(originGoneAt < makespan, `gone after ${originGoneAt} s, all complete after ${makespan} s`)
  },
)

lab(
  'nodes boot on when none of them lacks anything, long before seed_time is over',
  { nodes: 2, size: 2 ** 20, parameters: 'seed_time=1000' },
  ({ result }) => {
    assert.ok(result.complete)
    assert.equal(statuses(result.nodes), [0, 0])
  },
)

lab(
  'a node loses its power, another one its cable: the others go on',
  {
    ...{ size: 2 ** 22, rate: 20e6, originRate: 20e6 },
    ...{ die: 1.5, cut: { share: 0.5, at: 1.5 } },
  },
  ({ result }) => {
    assert.ok(result.complete)
    assert.equal(
      result.nodes.map(({ lost }) => lost),
      [false, false, true, true],
    )
    // Else they were complete before, and the case shows nothing.
    assert.equal(
      result.nodes.map(({ took }) => took === undefined),
      [false, false, true, true],
    )
  },
)

for (const [name, liar] of [
  ['where nobody seeds', false],
  ['where all that the only seeder gives is wrong', true],
] as const)
  lab(
    `${name}, the web server gives the file`,
    { unseeded: true, liar, nodes: 1, size: 2 ** 20 },
    ({ result, console }) => {
      assert.ok(result.complete)
      assert.match(console('node1'), 'peers are incomplete; adding web server')
    },
  )

lab('a peer whose pieces are all wrong does no harm', { liar: true, nodes: 3 }, ({ result }) => {
  assert.ok(result.complete)
  assert.equal(statuses(result.nodes), [0, 0, 0])
})

lab('a torrent that is not there', { nodes: 1, url: '{}/absent.torrent' }, ({ result, console }) => {
  assert.equal(statuses(result.nodes), [1])
  assert.match(console('node1'), /absent\.torrent: not found on the server \(aria2 status 3/)
})

playCase(
  needsLab(test, { opentracker: 'opentracker' }),
  "Debian's opentracker does as well",
  { nodes: 2, opentracker: true },
  ({ result }) => assert.ok(result.complete),
)

test.run()
