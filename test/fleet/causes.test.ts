// What the fleet sees of each way in which a boot fails, from what its node reports.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Fleet } from '../../generator/fleet/fleet-nodes.ts'
import { failures } from './failures.ts'
import { bootEvents, makeNodes } from './load.ts'

for (const load of makeNodes(failures.length))
  test(`${load.failure?.name}: node, stage, and its cause`, () => {
    const fleet = new Fleet()
    const start = Date.now()
    const events = bootEvents(load, 10_000)
    for (const { at, event } of events) fleet.reported(load.address, event, start + at)
    const cause = load.failure?.cause ?? ''
    if (cause === '') fleet.sweep(start + 100_000)
    const [node] = fleet.nodes()
    assert.is(node?.hostname, load.node.hostname)
    assert.is(node?.stage, load.failure?.stage)
    assert.is(node?.state, cause === '' ? 'silent' : 'failed')
    if (cause === '') assert.match(node?.cause ?? '', /usually/)
    else assert.is(node?.cause, cause)
  })

test('a boot that goes well ends handed over, and up where the next system calls', () => {
  const fleet = new Fleet()
  // Of four systems one says nothing.
  for (const load of makeNodes(1000).slice(3, 5))
    for (const { at, event } of bootEvents(load, 10_000)) fleet.reported(load.address, event, 1e12 + at)
  const states = fleet.nodes().map(({ state, percent }) => `${state} ${percent}`)
  assert.equal(states.sort(), ['handed-over 100', 'up 100'])
})

test.run()
