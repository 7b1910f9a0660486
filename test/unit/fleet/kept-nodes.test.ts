// A server that was killed and started again goes on with the nodes that the one before it knew.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Fleet } from '../../../generator/fleet/fleet-nodes.ts'
import { KeptNodes } from '../../../generator/fleet/kept-nodes.ts'
import type { BootEvent } from '../../../generator/stages/api/boot-event.ts'
import { until } from '../../serve/published.ts'

const folder = mkdtempSync(join(tmpdir(), 'fleet-kept-'))
const file = join(folder, 'nodes.json')
test.after(() => rmSync(folder, { recursive: true, force: true }))

const report = (mac: string, given: Partial<BootEvent>): BootEvent => ({
  node: { mac, ip: '10.0.0.5', hostname: `node-${mac}`, uuid: 'U', serial: 'S' },
  ...{ stage: 'download', event: 'says', ms: 4000, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' },
  ...given,
})

/** Nodes that have come to each state, seen by each way. */
function boot(fleet: Fleet): void {
  fleet.reported('10.0.0.1', report('1', { event: 'entered', stage: 'drivers', ms: 900 }))
  fleet.reported('10.0.0.1', report('1', { stage: 'drivers', text: 'a card without driver' }))
  fleet.reported('10.0.0.1', report('1', { event: 'gave-up', ms: 9000, cause: 'not found' }))
  fleet.reported('10.0.0.2', report('2', { event: 'progress', text: '[#a 1MiB/4MiB(25%) CN:5 DL:2MiB]' }))
  fleet.reported('10.0.0.3', report('3', { event: 'handed-over', kibFromServer: 7, kibFromSwarm: 9 }))
  for (const address of ['10.0.0.4', '10.0.0.5']) fleet.reported(address, report('4', { text: 'forged?' }))
  fleet.announced('10.0.0.6', { infoHash: 'a', left: 75, downloaded: 25 })
  fleet.answered('10.0.0.7', { path: '/stage-one/vmlinuz', sent: 5, whole: true, userAgent: 'iPXE/1.21' })
}

const quiet = () => {}

const emptyFleet = () => new Fleet({ rackOf: mac => `rack of ${mac}` })

/** A fleet with such nodes, which the folder then has. */
async function keptSite(): Promise<Fleet> {
  rmSync(file, { force: true })
  const fleet = emptyFleet()
  const kept = new KeptNodes(fleet, folder, quiet)
  boot(fleet)
  await kept.close()
  return fleet
}

/** A fleet with what the folder has. */
async function next(said: (line: string) => void = quiet): Promise<Fleet> {
  const fleet = emptyFleet()
  await new KeptNodes(fleet, folder, said).close()
  return fleet
}

test('each node is as it was: facts, boot, timeline; and it is written without being asked to', async () => {
  const fleet = emptyFleet()
  const kept = new KeptNodes(fleet, folder, quiet)
  boot(fleet)
  fleet.reported('10.0.0.2', report('2', { ms: 4100, text: 'more' }))
  await until('it is written', () => existsSync(file) && readFileSync(file, 'utf8').includes('"said":"more"'))
  const again = await next()
  assert.equal(again.nodes(), fleet.nodes())
  for (const { key } of fleet.nodes()) assert.equal(again.timeline(key), fleet.timeline(key))
  await kept.close()
})

test('what comes next goes on where it was, and tells nobody twice what was', async () => {
  await keptSite()
  const fleet = await next()
  const told: string[] = []
  fleet.listen({
    ended: ({ hostname, state }) => told.push(`${hostname} ${state}`),
    happened: ({ hostname }, { event }) => told.push(`${hostname} ${event}`),
  })
  fleet.reported('10.0.0.3', report('', { event: 'up', ms: 5000 }))
  assert.equal(told, ['node- up', 'node- up'])
  const [third] = fleet.nodes().filter(({ address }) => address === '10.0.0.3')
  assert.ok((third?.seconds ?? 0) < 60 && third?.mac === '3', 'the same boot, since its power-on')
  fleet.reported('10.0.0.2', report('2', { event: 'entered', stage: 'verify', ms: 6000 }))
  fleet.announced('10.0.0.6', { infoHash: 'a', left: 0, downloaded: 100 })
  assert.is(fleet.nodes().length, 7)
  assert.equal(fleet.received, { server: 0, swarm: 75 }, 'what was got before is not counted again')
})

test('while no server listened nobody was silent', async () => {
  const fleet = await keptSite()
  const later = Date.now() + 3_000_000
  const again = new Fleet()
  again.restore(fleet.kept(), later)
  again.sweep(later + 1000)
  assert.is(again.states().silent, 0)
  again.sweep(later + 95_000)
  assert.is(again.states().silent, 4, 'those whose boot was under way, but for the one in the swarm')
  again.restore(fleet.kept(), later + 25 * 3_600_000)
  assert.is(again.nodes().length, 7, 'after a day a node is forgotten')
})

test('a file that is none of ours, or not whole, is said; what a killed one has begun is removed', async () => {
  await keptSite()
  const text = readFileSync(file, 'utf8')
  writeFileSync(`${file}.0011aabb.tmp`, text.slice(0, 100))
  for (const [content, wanted] of [
    [text.slice(0, 100), 'it is not whole'],
    [text.replace('"version":1', '"version":0'), 'it is of version 0'],
  ] as const) {
    writeFileSync(file, content)
    const said: string[] = []
    assert.equal((await next(line => said.push(line))).nodes(), [])
    assert.equal(said, [`--state: ${file} is not read: ${wanted}; nodes are seen again when they speak`])
    assert.not.ok(existsSync(`${file}.0011aabb.tmp`))
  }
})

test.run()
