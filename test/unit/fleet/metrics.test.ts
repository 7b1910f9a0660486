// /metrics, as Prometheus reads it.
import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FleetMetrics } from '../../../generator/fleet/fleet-metrics.ts'
import { Fleet } from '../../../generator/fleet/fleet-nodes.ts'
import type { BootEvent } from '../../../generator/stages/api/boot-event.ts'
import { needs } from '../../support/needs.ts'

const powerOn = 1_800_000_000_000

function booted(): FleetMetrics {
  const fleet = new Fleet()
  const metrics = new FleetMetrics(fleet, () => ({ http: 500, seeder: 700 }))
  const send = (address: string, given: Partial<BootEvent> & { ms: number }) =>
    fleet.reported(
      address,
      {
        node: { mac: address, ip: '', hostname: '', uuid: '', serial: '' },
        ...{ stage: 'download', event: 'says', kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' },
        ...given,
      },
      powerOn + given.ms,
    )
  send('10.0.0.1', { event: 'entered', ms: 3000 })
  send('10.0.0.2', { event: 'entered', stage: 'network', ms: 3000 })
  send('10.0.0.3', { event: 'gave-up', ms: 7000 })
  for (const [address, ms] of [
    ['10.0.0.4', 12_000],
    ['10.0.0.5', 50_000],
  ] as const)
    send(address, { event: 'handed-over', stage: 'kexec', ms, kibFromServer: 2, kibFromSwarm: 3 })
  send('10.0.0.5', { event: 'up', stage: '', ms: 60_000 })
  fleet.sweep(powerOn + 95_000)
  return metrics
}

test('nodes by state and stage, boots by their end, times, bytes', () => {
  const text = booted().text()
  const value = (sample: string) =>
    new RegExp(`^${sample.replace(/[{}+]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1]
  const wanted: Record<string, string> = {
    'nodes{state="silent"}': '2',
    'nodes{state="failed"}': '1',
    'nodes{state="handed-over"}': '1',
    'nodes{state="up"}': '1',
    'stage_nodes{stage="download"}': '1',
    'stage_nodes{stage="network"}': '1',
    'stage_nodes{stage="kexec"}': '0',
    'boots_total{result="failed"}': '1',
    'boots_total{result="handed-over"}': '2',
    'boots_total{result="up"}': '1',
    reports_total: '6',
    silences_total: '2',
    'sent_bytes_total{by="http"}': '500',
    'sent_bytes_total{by="seeder"}': '700',
    'received_bytes_total{from="server"}': '4096',
    'received_bytes_total{from="swarm"}': '6144',
    'boot_duration_seconds_bucket{le="10"}': '0',
    'boot_duration_seconds_bucket{le="20"}': '1',
    'boot_duration_seconds_bucket{le="60"}': '2',
    'boot_duration_seconds_bucket{le="+Inf"}': '2',
    boot_duration_seconds_sum: '62',
    boot_duration_seconds_count: '2',
  }
  for (const [sample, count] of Object.entries(wanted))
    assert.is(value(`aria2_initrd_${sample}`), count, `${sample}\n${text}`)
})

needs(test, { promtool: 'prometheus' })('promtool finds nothing', () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: booted().text(),
    encoding: 'utf8',
  })
  assert.is(`${stdout}${stderr}`, '')
  assert.is(status, 0)
})

test.run()
