// Racks: what peers learn of their own, and who is listed for them.
import bencode from 'bencode'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SwarmPeers } from '../../generator/serve/swarm-peers.ts'
import { startTracker } from '../../generator/serve/tracker.ts'

const ours = 'aa'.repeat(20)

test('a peer is told its rack: its own word, or else what the site knows of its address', async () => {
  const racks: Record<string, string> = { '10.0.0.5': 'b12' }
  const tracker = await startTracker({ infoHashes: [ours], rackOf: address => racks[address] ?? '' })
  const rackFor = async (more: string) => {
    const query = `info_hash=${'%aa'.repeat(20)}&peer_id=${'p'.repeat(20)}&port=7001&left=1&uploaded=0&downloaded=0`
    const response = await fetch(`${tracker.url}?${query}&${more}`)
    const { rack } = bencode.decode(new Uint8Array(await response.arrayBuffer())) as { rack?: Uint8Array }
    return rack === undefined ? undefined : Buffer.from(rack).toString()
  }
  try {
    assert.is(await rackFor('ip=10.0.0.5'), 'b12')
    assert.is(await rackFor('ip=10.0.0.6'), undefined)
    assert.is(await rackFor('ip=10.0.0.5&rack=row%203%2C%20%C3%A9'), 'row 3, \u00e9')
    assert.equal(
      tracker.announces.map(({ rack }) => rack),
      ['', '', 'row 3, \u00e9'],
    )
  } finally {
    await tracker.close()
  }
})

interface Node {
  index: number
  rack: string
}

/** Nodes that all come once, in any order, each with the peers that it is told of, as their numbers. */
function swarmOf(nodes: number, racks: number): { node: Node; told: Node[] }[] {
  const swarm = new SwarmPeers(60_000)
  const all = Array.from({ length: nodes }, (_, index) => ({ index, rack: `rack-${index % racks}` }))
  const byAddress = new Map(all.map(node => [`10.0.${node.index >> 8}.${node.index & 255}`, node]))
  const came = [...byAddress].sort(() => Math.random() - 0.5)
  return came.map(([host, node]) => {
    const id = Buffer.alloc(20, String(node.index))
    const told = swarm.some(50, node.rack).map(peer => byAddress.get(peer.host) as Node)
    swarm.announce({ host, port: 7000, id, client: host, rack: node.rack, complete: false, left: false })
    return { node, told }
  })
}

test('of each three that are listed two are of the rack, as long as there are any', () => {
  const { node, told } = swarmOf(1000, 25).at(-1) as { node: Node; told: Node[] }
  const near = told.map(({ rack }) => rack === node.rack)
  assert.is(told.length, 50)
  assert.is(new Set(told.map(({ index }) => index)).size, 50)
  assert.equal(near.slice(0, 9), [true, true, false, true, true, false, true, true, false])
  assert.is(near.filter(Boolean).length, 34)
})

test('a rack that is larger than an answer is no island: the first that nodes dial lead everywhere', () => {
  // aria2 dials five in its first ten seconds, and the origin is one of them.
  const dialled = swarmOf(1000, 10).map(
    ({ node, told }) => [node.index, told.slice(0, 4).map(({ index }) => index)] as const,
  )
  const links = new Map<number, Set<number>>(dialled.map(([node]) => [node, new Set()]))
  for (const [node, peers] of dialled)
    for (const peer of peers) {
      links.get(node)?.add(peer)
      links.get(peer)?.add(node)
    }
  const reached = new Set([0])
  for (const node of reached) for (const peer of links.get(node) ?? []) reached.add(peer)
  assert.is(reached.size, 1000)
})

test('those that have left are no longer listed, whatever their rack', () => {
  const swarm = new SwarmPeers(1000)
  const peer = { host: '10.0.0.5', port: 1, id: Buffer.alloc(20), client: '10.0.0.5', complete: false }
  swarm.announce({ ...peer, rack: 'a', left: false }, 0)
  // It has another rack now.
  swarm.announce({ ...peer, rack: 'b', left: false }, 1)
  assert.equal(
    ['a', 'b', ''].map(rack => swarm.some(9, rack).length),
    [1, 1, 1],
  )
  swarm.announce({ ...peer, rack: 'b', left: true }, 2)
  assert.equal(
    ['a', 'b', ''].map(rack => swarm.some(9, rack).length),
    [0, 0, 0],
  )
})

test.run()
