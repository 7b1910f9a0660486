import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { LabCase } from './case.ts'
import { fluidBound, median } from './measure.ts'
import { sha256Of, writePayload } from './payload.ts'
import { Spread } from './spread.ts'
import { bitsOf, bytesOf, cutOf } from './units.ts'

/** A million bytes: eight seconds at 1 Mbit/s. */
const base: LabCase = { nodes: 4, size: 1e6, rate: 1e6, originRate: 1e6, method: 'swarm', limit: 1 }
const bound = (changes: Partial<LabCase>) => Number(fluidBound({ ...base, ...changes }).toFixed(3))

test('the least makespan is set by the origin, a node, or all uplinks together', () => {
  assert.is(bound({}), 8)
  assert.is(bound({ originRate: 0.5e6 }), 16)
  assert.is(bound({ originRate: 4e6, rate: 2e6 }), 4)
  assert.is(bound({ slowNode: 0.1e6 }), 80)
  // 4 million bytes through 10 + 4 · 1 Mbit/s would take 2.3 s: a node's own link takes 8.
  assert.is(bound({ originRate: 10e6 }), 8)
  // A hundred nodes, whose links are ten times the origin's: 800 s of data through 1 + 100 · 10 Mbit/s, 8 from the origin.
  assert.is(bound({ nodes: 100, rate: 10e6 }), 8)
})

test('it knows of late nodes and thin uplinks', () => {
  assert.is(bound({ stagger: 2 }), 14)
  assert.is(bound({ secondRack: 0.25e6 }), 32)
  assert.is(bound({ racks: { count: 4, uplink: 0.25e6 } }), 32)
  // The last of four racks comes after 30 s, and wants 8 s.
  assert.is(bound({ racks: { count: 4, uplink: 4e6 }, waves: 10 }), 38)
})

test('the median of an even count lies between the two in the middle', () => {
  assert.is(median([3, 1, 2]), 2)
  assert.is(median([4, 1, 2, 3]), 2.5)
})

test('units', () => {
  assert.is(bytesOf('64M'), 64 * 1024 * 1024)
  assert.is(bitsOf('2.5mbit'), 2_500_000)
  assert.equal(cutOf('25%@5'), { share: 0.25, at: 5 })
  for (const wrong of ['', '64', 'mbit', '64MB', '-1mbit']) assert.throws(() => bitsOf(wrong), /is not what/)
  assert.throws(() => cutOf('25@5'), /is not what/)
})

test('the payload is the same each time, and no byte of it is for nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-lab-test-'))
  try {
    const digests: string[] = []
    for (const name of ['a', 'b']) {
      await writePayload(join(folder, name), 3_000_001)
      digests.push(await sha256Of(join(folder, name)))
    }
    assert.is(digests[0], digests[1])
    const spread = new Spread(3_000_001, 2 ** 18)
    spread.add(join(folder, 'a'))
    assert.ok(spread.complete)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('two files have all pieces together', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-lab-test-'))
  const file = (name: string, pieces: number[]) => {
    const path = join(folder, name)
    const open = openSync(path, 'w')
    ftruncateSync(open, 2500)
    for (const piece of pieces)
      writeSync(open, Buffer.alloc(piece === 2 ? 500 : 1000, 7), 0, null, piece * 1000)
    closeSync(open)
    return path
  }
  try {
    const spread = new Spread(2500, 1000)
    spread.add(file('one', [0, 2]))
    assert.not.ok(spread.complete)
    spread.add(file('other', [2]))
    assert.not.ok(spread.complete)
    spread.add(file('third', [1]))
    assert.ok(spread.complete)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
