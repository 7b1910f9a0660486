// Racks behind uplinks: what nodes know of them, and what they do when an uplink is gone.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { LabCase } from './case.ts'
import { needsLab, type Played, playCase } from './lab-test.ts'

const lab = (name: string, changes: Partial<LabCase>, check: (played: Played) => void) =>
  playCase(needsLab(test), name, changes, check)

const named = (name: string, changes: Partial<LabCase>) =>
  lab(name, { nodes: 8, ...changes }, ({ result: { complete, uplinkCopies = Infinity } }) => {
    assert.ok(complete)
    // With four nodes in a rack it is 2.5 where near and far are alike.
    assert.ok(uplinkCopies < 1.7, `${uplinkCopies} files over an uplink`)
  })

const uplink = 50e6
named('racks share what comes over their uplinks: hardly a piece crosses one twice', {
  racks: { count: 2, uplink },
})
named('the same with one prefix for all: the tracker knows the racks', {
  racks: { count: 2, uplink, by: 'map' },
})
named('or the nodes do: it needs nothing of the tracker', {
  racks: { count: 2, uplink, by: 'parameter' },
  opentracker: true,
})

const until = 24
lab(
  'a rack whose uplink is gone shares what it has, and completes when that comes back',
  {
    ...{ nodes: 6, size: 2 ** 23, rate: 20e6, originRate: 20e6 },
    ...{ racks: { count: 2, uplink: 10e6 }, uplinkGone: { from: 3.5, until } },
    // What stalls is not to be over before it is back.
    parameters: 'seed_time=1 aria2_options=--bt-stop-timeout=60',
  },
  ({ result: { complete, nodes, apart = { each: [], together: 0 } } }) => {
    assert.ok(complete)
    assert.is(apart.each.length, 3)
    assert.equal(apart.each, Array(3).fill(apart.together))
    // Else it shows nothing: 128 pieces are the file.
    assert.ok(apart.together > 3 && apart.together < 128, `${apart.together} of 128 pieces`)
    const took = nodes.map(node => node.took ?? Infinity)
    assert.ok(
      took.slice(0, 3).every(seconds => seconds < until),
      `outside of it: ${took}`,
    )
    assert.ok(
      took.slice(3).every(seconds => seconds > until),
      `behind it: ${took}`,
    )
  },
)

test.run()
