// What a node sends is a stranger's: it costs bounded memory, and changes nothing of others.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FleetMetrics } from '../../../generator/fleet/fleet-metrics.ts'
import { Fleet } from '../../../generator/fleet/fleet-nodes.ts'
import { changeLine, fleetTable } from '../../../generator/fleet/fleet-table.ts'
import { SwarmSeries } from '../../../generator/fleet/swarm-series.ts'
import { parseBootEvent } from '../../../generator/serve/report-answer.ts'
import type { BootEvent } from '../../../generator/stages/api/boot-event.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes of the heap that are in use. */
function inUse(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

const hostile = '\u0000\u001b[2J"><script>alert(1)</script>\u202e\n=cmd|'

/** As it comes over the network, so that no two texts share memory. */
function report(given: { mac?: string; hostname?: string } & Partial<BootEvent> = {}): BootEvent {
  const { mac = '52:54:00:12:34:56', hostname = 'n', ...rest } = given
  const event = parseBootEvent(
    JSON.stringify({
      node: { mac, ip: '', hostname, uuid: '', serial: '' },
      ...{
        stage: 'download',
        event: 'says',
        ms: 4000,
        kibFromServer: 0,
        kibFromSwarm: 0,
        text: '',
        cause: '',
      },
      ...rest,
    }),
  )
  assert.ok(event)
  return event
}

test('100,000 events, of a thousand nodes and as long as they can be, leave bounded memory behind', () => {
  const fleet = new Fleet()
  const text = 'x'.repeat(2000)
  const send = (round: number) => {
    for (let index = 0; index < 1000; index++)
      fleet.reported(
        `10.0.${index >> 8}.${index & 255}`,
        report({ mac: `${index}`, ms: 4000 + round, text: `${round} ${text}` }),
      )
  }
  const before = inUse()
  for (let round = 0; round < 100; round++) send(round)
  const full = inUse() - before
  assert.ok(full < 80 << 20, `${full >> 20} MiB for 1,000 nodes with 100 events of 200 characters each`)
  for (let round = 100; round < 120; round++) send(round)
  assert.ok(inUse() - before < full * 1.1, 'more events take no more')
})

test('a node that floods has the last hundred events; when there are many such nodes, ten', () => {
  const fleet = new Fleet()
  for (let index = 0; index < 300; index++) fleet.reported('10.0.0.1', report({ ms: 4000 + index }))
  const [first] = fleet.nodes()
  assert.is(fleet.timeline(first?.key ?? '').length, 100)
  const event = report()
  for (let index = 0; index < 2300; index++)
    for (let round = 0; round < 100; round++)
      fleet.reported(`10.1.${index >> 8}.${index & 255}`, { ...event, ms: 4000 + round })
  const kept = fleet.nodes().reduce((sum, { key }) => sum + fleet.timeline(key).length, 0)
  assert.ok(kept <= 200_000 + 2300 * 10, `${kept}`)
})

test('an address has 1,024 nodes at most, an IPv6 network as many; all together 20,000', () => {
  const fleet = new Fleet()
  for (let index = 0; index < 3000; index++) {
    fleet.reported('10.0.0.66', report({ mac: `${index}` }))
    fleet.reported(`fd00::${index.toString(16)}`, report({ mac: `${index}` }))
  }
  fleet.reported('10.0.0.5', report({ mac: 'honest' }))
  const of = (address: RegExp) => fleet.nodes().filter(node => address.test(node.address)).length
  assert.equal([of(/^10\.0\.0\.66$/), of(/^fd00/), of(/^10\.0\.0\.5$/)], [1024, 1024, 1])
  const { node, ...event } = report()
  for (let client = 0; client < 30; client++)
    for (let index = 0; index < 1024; index++)
      fleet.reported(`10.2.0.${client}`, { ...event, node: { ...node, mac: `${index}` } })
  assert.is(fleet.nodes().length, 20_000)
})

test('a text is cut, and is no copy of what was not kept', () => {
  const fleet = new Fleet()
  const before = inUse()
  for (let index = 0; index < 1000; index++)
    fleet.reported('10.0.0.5', report({ mac: `${index}`, text: `${index}${'y'.repeat(12_000)}` }))
  const [node] = fleet.nodes()
  assert.is(node?.said.length, 200)
  assert.ok(inUse() - before < 8 << 20, 'of 12 MB a fraction')
})

test('numbers beyond belief stay numbers', () => {
  const fleet = new Fleet()
  const most = Number.MAX_SAFE_INTEGER
  const text = '[#a 9999999999999999TiB/1B(100%) CN:5 DL:9999999999999999TiB]'
  fleet.reported(
    '10.0.0.5',
    report({ event: 'progress', ms: most, kibFromServer: most, kibFromSwarm: most, text }),
  )
  const [node] = fleet.nodes()
  assert.ok(node)
  assert.is(node.percent, 100)
  for (const value of [node.began, node.seconds, node.fromServer, node.fromSwarm, node.rateFromServer])
    assert.ok(Number.isFinite(value) && value >= 0, `${value}`)
  assert.ok(node.began > Date.now() - 31 * 24 * 3600_000)
})

test('the metrics have the same lines, whatever nodes call themselves and their stages', () => {
  const fleet = new Fleet()
  const metrics = new FleetMetrics(fleet, () => ({ http: 0, seeder: 0 }))
  const shape = () => metrics.text().replace(/ [\d.e+]+$/gm, '')
  const before = shape()
  for (let index = 0; index < 500; index++)
    fleet.reported(
      '10.0.0.5',
      report({ mac: `${index}${hostile}`, stage: `${hostile}${index}`, hostname: hostile }),
    )
  assert.is(shape(), before)
  assert.match(metrics.text(), '\naria2_initrd_stage_nodes{stage="other"} 500\n')
})

test('on a terminal nothing that a node says is a control character', () => {
  const fleet = new Fleet()
  fleet.reported(
    '10.0.0.5',
    report({ mac: hostile, hostname: hostile, stage: hostile, event: 'gave-up', cause: hostile }),
  )
  const lines = [...fleetTable(fleet.nodes()), ...fleet.nodes().map(changeLine)]
  assert.ok(lines.length >= 4)
  for (const line of lines) assert.match(line, /^[ -~…]*$/)
})

test('a series has 1,800 points, whatever happens', () => {
  const fleet = new Fleet()
  let bytes = 0
  const series = new SwarmSeries(fleet, () => ++bytes)
  for (let second = 0; second < 5000; second++) series.add(second * 1000)
  assert.is(series.since(-1).length, 1800)
  assert.is(series.since(4_998_000).length, 1)
})

test.run()
