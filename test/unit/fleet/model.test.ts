// What the fleet is seen as: from reports, from the HTTP log, from the tracker, and from silence.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { aria2Progress } from '../../../generator/fleet/aria2-progress.ts'
import type { FleetEvent } from '../../../generator/fleet/fleet-listener.ts'
import { Fleet } from '../../../generator/fleet/fleet-nodes.ts'
import type { FleetNode } from '../../../generator/fleet/fleet-view.ts'
import { rackOf, readRacks } from '../../../generator/fleet/rack-map.ts'
import type { BootEvent } from '../../../generator/stages/api/boot-event.ts'

const powerOn = 1_800_000_000_000
const mac = '52:54:00:12:34:56'

function report(given: Partial<BootEvent>): BootEvent {
  return {
    node: { mac, ip: '10.0.0.5', hostname: 'node5', uuid: '', serial: 'S5' },
    ...{ stage: 'download', event: 'says', ms: 4000, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' },
    ...given,
  }
}

/** A fleet that has heard of one node, each event as soon as it happened. */
function heard(...events: Partial<BootEvent>[]): Fleet {
  const fleet = new Fleet()
  for (const each of events) fleet.reported('10.0.0.5', report(each), powerOn + (each.ms ?? 4000))
  return fleet
}

const only = (fleet: Fleet): FleetNode => {
  const [node, another] = fleet.nodes()
  assert.is(another, undefined, 'one node')
  assert.ok(node)
  return node
}

const mib = 2 ** 20

test('progress of aria2, one file and several, from peers and from a server', () => {
  assert.equal(aria2Progress('[#2089b0 1.5MiB/30MiB(5%) CN:5 DL:3MiB ETA:9s]'), {
    ...{ have: 1.5 * mib, total: 30 * mib, rate: 3 * mib, isSwarm: false },
  })
  assert.equal(aria2Progress('[#2089b0 512B/2.0KiB(25%) CN:44 SD:3 DL:100B UL:1KiB(2KiB) ETA:9s]'), {
    ...{ have: 512, total: 2048, rate: 100, isSwarm: true },
  })
  assert.equal(aria2Progress('[DL:2.5MiB UL:0B][#a 1GiB/2GiB(50%)][#b 0B/1.0MiB(0%)]'), {
    ...{ have: 1024 * mib, total: 2049 * mib, rate: 2.5 * mib, isSwarm: false },
  })
  for (const text of ['', 'fetching http://s/k', '[#a SEED(0.0) CN:2 SD:0]', '9'.repeat(100_000)])
    assert.is(aria2Progress(text), undefined)
})

test('a boot, from its first word to the next system', () => {
  const fleet = new Fleet()
  const told: string[] = []
  fleet.listen({ ended: ({ state, seconds }) => told.push(`${state} ${seconds}`) })
  const at = (ms: number, given: Partial<BootEvent>) =>
    fleet.reported('10.0.0.5', report({ ms, ...given }), powerOn + ms)
  // What was recorded before the network came with the network: power-on was before, not then.
  fleet.reported('10.0.0.5', report({ ms: 900, event: 'entered', stage: 'drivers' }), powerOn + 3000)
  fleet.reported('10.0.0.5', report({ ms: 3100, event: 'entered' }), powerOn + 3100)
  assert.is(only(fleet).began, powerOn)
  assert.is(only(fleet).stageBegan, powerOn + 3100)
  at(13_000, { event: 'progress', text: '[#a 10MiB/40MiB(25%) CN:5 DL:2MiB]', kibFromSwarm: 1024 })
  assert.equal(
    (({ percent, rateFromServer, rateFromSwarm, fromServer, fromSwarm }) => ({
      ...{ percent, rateFromServer, rateFromSwarm, fromServer, fromSwarm },
    }))(only(fleet)),
    { percent: 25, rateFromServer: 2 * mib, rateFromSwarm: 0, fromServer: 10 * mib, fromSwarm: mib },
  )
  at(20_000, { event: 'fetched', text: 'server 40960 10.0.0.1', kibFromServer: 40_960, kibFromSwarm: 1024 })
  assert.is(only(fleet).rateFromServer, 0, 'it is over')
  at(21_000, { event: 'entered', stage: 'verify', kibFromServer: 40_960, kibFromSwarm: 1024 })
  assert.is(only(fleet).percent, 100)
  at(22_000, { event: 'handed-over', stage: 'kexec', kibFromServer: 40_960, kibFromSwarm: 1024 })
  assert.equal([only(fleet).state, only(fleet).seconds], ['handed-over', 22])
  fleet.sweep(powerOn + 3600_000)
  assert.is(only(fleet).state, 'handed-over', 'who has handed over owes no word')
  // Of the next kernel's clock.
  fleet.reported('10.0.0.5', report({ event: 'up', stage: '', ms: 9000 }), powerOn + 43_000)
  assert.equal([only(fleet).state, only(fleet).seconds], ['up', 43])
  assert.equal(fleet.received, { server: 40 * mib, swarm: mib })
  assert.equal(told, ['handed-over 22', 'up 43'])
})

test('a next system that says no more than that it is up closes the line of its address', () => {
  const up = report({
    event: 'up',
    ms: 0,
    stage: '',
    node: { mac: '', ip: '', hostname: '', uuid: '', serial: '' },
  })
  const fleet = heard({ event: 'handed-over', stage: 'kexec', ms: 20_000 })
  fleet.reported('10.0.0.5', up, powerOn + 43_000)
  assert.equal((({ state, seconds, hostname, stage }) => [state, seconds, hostname, stage])(only(fleet)), [
    'up',
    43,
    'node5',
    'kexec',
  ])
  assert.is(only(fleet).mac, mac)
  fleet.reported('10.0.0.5', report({ event: 'entered', stage: 'drivers', ms: 30_000 }), powerOn + 90_000)
  assert.is(only(fleet).state, 'booting', 'whatever its clock says, a stage begins')
})

test('a node that is up has no cause of a failure, also where its jump was not told', () => {
  const fleet = heard({ event: 'failed', text: 'not found' }, { event: 'up', stage: '', ms: 5000 })
  assert.equal([only(fleet).state, only(fleet).cause], ['up', ''])
})

test('what says its MAC later is the same node; of several behind one address none is closed by guess', () => {
  const up = report({ event: 'up', ms: 9000, stage: '', node: { ...report({}).node, mac: '', hostname: '' } })
  const fleet = new Fleet()
  fleet.reported('10.0.0.5', up, powerOn)
  assert.equal([only(fleet).state, only(fleet).seconds], ['up', 9])
  fleet.reported('10.0.0.5', report({ event: 'entered' }), powerOn + 60_000)
  assert.equal([only(fleet).state, only(fleet).mac], ['booting', mac])
  fleet.reported('10.0.0.5', report({ node: { ...report({}).node, mac: 'other' } }), powerOn + 61_000)
  fleet.reported('10.0.0.5', up, powerOn + 62_000)
  assert.equal(
    fleet.nodes().map(({ state }) => state),
    ['booting', 'booting'],
  )
})

test('a boot that gives up says why; the next one begins anew', () => {
  const fleet = heard(
    { event: 'entered', ms: 3000 },
    { event: 'failed', ms: 5000, text: 'http://s/k: not found on the server' },
    { event: 'gave-up', ms: 6000, text: 'reboot', cause: 'http://s/k: not found on the server' },
  )
  const { key, state, stage, cause, seconds } = only(fleet)
  assert.equal(
    [state, stage, cause, seconds],
    ['failed', 'download', 'http://s/k: not found on the server', 6],
  )
  assert.is(fleet.timeline(key).length, 3)
  fleet.reported('10.0.0.5', report({ event: 'entered', stage: 'drivers', ms: 800 }), powerOn + 60_000)
  assert.equal([only(fleet).key, only(fleet).state, only(fleet).cause], [key, 'booting', ''])
  assert.is(fleet.timeline(key).length, 1)
})

test('a boot that ends without a word is told as one when the next begins', () => {
  const fleet = heard({ event: 'entered', ms: 9000 })
  const told: string[] = []
  fleet.listen({ ended: ({ state, stage }) => told.push(`${state} in ${stage}`) })
  fleet.reported('10.0.0.5', report({ event: 'entered', stage: 'drivers', ms: 900 }), powerOn + 30_000)
  assert.equal(told, ['booting in download'])
})

test('silence: each stage has its time, one word ends it', () => {
  const told: FleetEvent[] = []
  for (const [stage, seconds] of [
    ['network', 60],
    ['download', 90],
    ['verify', 180],
    ['a site’s own', 90],
    ['constructor', 90],
  ] as const) {
    const fleet = heard({ event: 'entered', stage, ms: 4000 })
    fleet.listen({ happened: (_, event) => told.push(event) })
    fleet.sweep(powerOn + 4000 + seconds * 1000 - 1)
    assert.is(only(fleet).state, 'booting', stage)
    fleet.sweep(powerOn + 4000 + seconds * 1000)
    fleet.sweep(powerOn + 4000 + seconds * 1000 + 1000)
    assert.is(only(fleet).state, 'silent', stage)
    assert.match(only(fleet).cause, new RegExp(`^no word for ${seconds} s: usually `))
    fleet.reported('10.0.0.5', report({ stage, ms: 300_000 }), powerOn + 300_000)
    assert.equal([only(fleet).state, only(fleet).cause], ['booting', ''])
  }
  assert.is(told.filter(({ event }) => event === 'silent').length, 5, 'told once each')
})

test('a node that reports nothing is seen by what it asks for', () => {
  const fleet = new Fleet()
  const get = (path: string, seconds: number, given = {}) =>
    fleet.answered('10.0.0.6', { path, sent: 1000, whole: true, ...given }, powerOn + seconds * 1000)
  get('/node.boot/stage-one/vmlinuz', 0)
  assert.equal([only(fleet).stage, only(fleet).seenBy], ['stage one', ['http']])
  fleet.sweep(powerOn + 91_000)
  assert.equal(only(fleet).state, 'silent')
  assert.match(only(fleet).cause, 'no driver')
  get('/stage-one/vmlinuz', 200)
  assert.equal([only(fleet).state, only(fleet).fromServer], ['booting', 1000], 'another boot')
  get('/root.img', 210)
  assert.equal([only(fleet).stage, only(fleet).state], ['files', 'booting'])
  fleet.sweep(powerOn + 271_000)
  assert.equal([only(fleet).state, only(fleet).seconds], ['complete', 10])
  get('/root.img', 400, { whole: false })
  fleet.sweep(powerOn + 500_000)
  assert.is(only(fleet).state, 'silent')
  assert.match(only(fleet).cause, 'broken off')
})

test('what a stranger asks for in vain makes no node of it', () => {
  const fleet = new Fleet()
  fleet.answered('10.0.0.9', { path: '/wp-login', sent: 9, whole: true, trouble: 'no such file' })
  assert.equal(fleet.nodes(), [])
})

test('a node that only announces is in the swarm, with how much it has', () => {
  const fleet = new Fleet()
  const torrent = { infoHash: 'a'.repeat(40) }
  fleet.announced('10.0.0.7', { ...torrent, left: 75, downloaded: 25 }, powerOn)
  assert.equal(
    (({ stage, state, percent, seenBy, fromSwarm }) => [stage, state, percent, seenBy, fromSwarm])(
      only(fleet),
    ),
    ['swarm', 'booting', 25, ['tracker'], 25],
  )
  fleet.announced('10.0.0.7', { ...torrent, left: 0, downloaded: 100 }, powerOn + 9000)
  assert.equal([only(fleet).state, only(fleet).percent, only(fleet).seconds], ['complete', 100, 9])
  assert.equal(fleet.received, { server: 0, swarm: 100 })
})

test('what servers have seen and what it says itself is one node; behind one address several are told apart', () => {
  const fleet = new Fleet()
  fleet.answered('10.0.0.5', { path: '/stage-one/vmlinuz', sent: 1, whole: true }, powerOn)
  fleet.reported('10.0.0.5', report({}), powerOn + 4000)
  fleet.announced('10.0.0.5', { infoHash: 'a', left: 1, downloaded: 0 }, powerOn + 5000)
  assert.equal([only(fleet).seenBy, only(fleet).stage], [['http', 'report', 'tracker'], 'download'])
  const other = report({ node: { ...report({}).node, mac: '52:54:00:12:34:57' } })
  fleet.reported('10.0.0.5', other, powerOn + 5000)
  fleet.answered('10.0.0.5', { path: '/x', sent: 1, whole: true }, powerOn + 6000)
  assert.equal(
    fleet.nodes().map(node => [node.mac, node.contested, node.lastSeen - powerOn]),
    [
      [mac, false, 5000],
      ['52:54:00:12:34:57', false, 5000],
    ],
  )
})

test('a MAC that two addresses claim: two nodes, both contested, neither changed by the other', () => {
  const fleet = heard({ event: 'entered', ms: 4000 })
  fleet.reported('10.0.0.66', report({ event: 'gave-up', cause: 'forged' }), powerOn + 5000)
  assert.equal(
    fleet.nodes().map(({ address, state, contested }) => [address, state, contested]),
    [
      ['10.0.0.5', 'booting', true],
      ['10.0.0.66', 'failed', true],
    ],
  )
})

test('a machine that comes back with another lease an hour later is not contested', () => {
  const fleet = heard({ event: 'handed-over', ms: 4000 })
  fleet.reported('10.0.0.8', report({ event: 'entered', ms: 900 }), powerOn + 3600_000)
  assert.equal(
    fleet.nodes().map(({ contested }) => contested),
    [false, false],
  )
})

test('who looks on gets what has changed, and what is forgotten', () => {
  const fleet = heard({})
  const { version } = fleet
  assert.equal(fleet.nodes(version), [])
  fleet.reported('10.0.0.6', report({ node: { ...report({}).node, mac: '' } }), powerOn + 5000)
  assert.equal(
    fleet.nodes(version).map(({ address }) => address),
    ['10.0.0.6'],
  )
  const keys = fleet.nodes().map(({ key }) => key)
  fleet.sweep(powerOn + 25 * 3600_000)
  assert.equal(fleet.nodes(), [])
  assert.equal(fleet.gone(version)?.sort(), keys.sort())
  assert.equal(fleet.gone(fleet.version), [])
})

test('a rate is of a moment', () => {
  const fleet = heard({ event: 'progress', text: '[#a 10MiB/40MiB(25%) CN:5 DL:2MiB]', ms: 4000 })
  fleet.sweep(powerOn + 14_000)
  assert.is(only(fleet).rateFromServer, 2 * mib)
  fleet.sweep(powerOn + 30_000)
  assert.is(only(fleet).rateFromServer, 0)
})

test('racks: the longest beginning of a MAC, else of an address; a line that is none is named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'racks-'))
  const file = join(folder, 'racks')
  try {
    writeFileSync(file, '# racks\n\n52:54:00 all of them\n52-54-00-12 rack 12\r\n10.0.3. rack-3\nFE80: six\n')
    const racks = readRacks(file)
    assert.is(rackOf(racks, mac, '10.0.3.9'), 'rack 12')
    assert.is(rackOf(racks, '52:54:00:99:00:00', ''), 'all of them')
    assert.is(rackOf(racks, '', '10.0.3.9'), 'rack-3')
    assert.is(rackOf(racks, '', 'fe80::1'), 'six')
    assert.is(rackOf(racks, '', '10.0.30.9'), '')
    const fleet = new Fleet({ rackOf: (...node) => rackOf(racks, ...node) })
    fleet.reported('10.0.0.5', report({}))
    assert.is(only(fleet).rack, 'rack 12')
    writeFileSync(file, '10.0.3. rack-3\nrack-4\n')
    assert.throws(() => readRacks(file), /racks, line 2: not an address and a rack/)
    assert.throws(() => readRacks(join(folder, 'absent')), /no such file/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
