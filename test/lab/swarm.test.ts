// Swarms of the shipped download stage, small ones: what must hold whatever the numbers are.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { NodeResult } from './case.ts'
import { needsLab, play } from './lab-test.ts'

const lab = needsLab(test)
const statuses = (nodes: NodeResult[]) => nodes.map(({ times }) => times.status)

lab('four nodes fetch a torrent: all get the same bytes, and some of them from each other', async () => {
  const { result, console } = await play({})
  assert.ok(result.complete)
  assert.equal(statuses(result.nodes), [0, 0, 0, 0])
  assert.match(console('node1'), /download: have \/tmp\/payload/)
  const fromNodes = result.nodes.reduce((sum, { sent }) => sum + sent, 0)
  assert.ok(fromNodes > 2 ** 20, `nodes sent ${fromNodes} bytes`)
  assert.ok(result.payloadCopies !== undefined && result.payloadCopies < 4)
})

lab('without a swarm the server sends a copy to each node', async () => {
  for (const method of ['http-wget', 'http-aria2'] as const) {
    const { result } = await play({ method, nodes: 2 })
    assert.ok(result.complete, method)
    assert.is(result.payloadCopies?.toFixed(1), '2.0', method)
  }
})

lab('the tracker comes up late', async () => {
  const { result } = await play({ nodes: 3, trackerLate: 3 })
  assert.ok(result.complete)
  assert.ok(result.makespan > 3, 'nobody could know a peer before')
})

lab('the origin is gone as soon as each piece is on one node or another', async () => {
  // One node is slow, so that it still needs the others when the origin is gone.
  const { result } = await play({ nodes: 3, slowNode: 4e6, originGone: true, parameters: 'seed_time=8' })
  assert.ok(result.complete)
  const { originGoneAt = Infinity, makespan } = result
  assert.ok(originGoneAt < makespan, `gone after ${originGoneAt} s, all complete after ${makespan} s`)
})

lab('a node dies in the middle', async () => {
  const { result } = await play({ size: 2 ** 22, rate: 20e6, originRate: 20e6, die: 1.5 })
  assert.equal(
    result.nodes.map(({ lost, same }) => lost || same),
    [true, true, true, true],
  )
  assert.is(result.nodes[3]?.lost, true)
  assert.is(result.nodes[3]?.took, undefined, 'it died after it was complete: the case shows nothing')
})

lab('half of the cables are pulled', async () => {
  const { result } = await play({ size: 2 ** 22, rate: 20e6, originRate: 20e6, cut: { share: 0.5, at: 1.5 } })
  assert.ok(result.complete)
  assert.equal(
    result.nodes.map(({ lost }) => lost),
    [false, false, true, true],
  )
})

lab('a peer whose pieces are all wrong does no harm', async () => {
  const { result } = await play({ liar: true, nodes: 3 })
  assert.ok(result.complete)
  assert.equal(statuses(result.nodes), [0, 0, 0])
})

lab('an origin whose pieces are all wrong gives nobody a file, and the stage says so', async () => {
  const { result, console } = await play({
    wrongOrigin: true,
    nodes: 2,
    size: 2 ** 20,
    parameters: 'aria2_options=--bt-stop-timeout=3',
  })
  assert.equal(statuses(result.nodes), [1, 1])
  assert.not.ok(result.nodes.some(({ took }) => took !== undefined))
  assert.match(console('node1'), /download: gave up after 1 tries/)
})

lab('a torrent that is not there', async () => {
  const { result, console } = await play({ nodes: 1, url: '{}/absent.torrent' })
  assert.equal(statuses(result.nodes), [1])
  assert.match(console('node1'), /absent\.torrent: not found on the server \(aria2 status 3/)
})

needsLab(test, { opentracker: 'opentracker' })("Debian's opentracker does as well", async () => {
  const { result } = await play({ nodes: 2, opentracker: true })
  assert.ok(result.complete)
})

test.run()
