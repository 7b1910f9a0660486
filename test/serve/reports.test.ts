// What `serve` takes for a report, and what strangers send instead.
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Fleet } from '../../generator/fleet/fleet-nodes.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { ReportedNodes } from '../../generator/serve/reported-nodes.ts'
import type { BootEvent } from '../../generator/stages/api/boot-event.ts'

const folder = mkdtempSync(join(tmpdir(), 'serve-reports-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const event: BootEvent = {
  node: { mac: '52:54:00:12:34:56', ip: '10.0.2.15', hostname: 'node5', uuid: '', serial: '' },
  ...{ stage: 'download', event: 'says', ms: 4_250, kibFromServer: 2048, kibFromSwarm: 0 },
  ...{ text: 'have /tmp/kernel/vmlinuz', cause: '' },
}

/** Sends a text as a report. @returns the status of the answer, and what was taken */
async function send(body: string, path = '/report', method = 'POST') {
  const taken: BootEvent[] = []
  const origin = await startOrigin({ folder, onReport: (_, each) => taken.push(each), onAnswer: () => {} })
  const { status } = await fetch(`http://127.0.0.1:${origin.port}${path}`, {
    method,
    ...(method === 'POST' ? { body } : {}),
  })
  await origin.close()
  return { status, taken }
}

test('a report is taken as it was sent, and nothing besides', async () => {
  const node = { ...event.node, more: 'x' }
  assert.equal(await send(JSON.stringify({ ...event, node, more: 'x', __proto__: {} })), {
    status: 204,
    taken: [event],
  })
})

test('the next system need not say more than that it is up', async () => {
  const node = { mac: '', ip: '', hostname: '', uuid: '', serial: '' }
  const up = { stage: '', event: 'up', ms: 0, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' }
  assert.equal(await send('{"event":"up"}'), { status: 204, taken: [{ node, ...up } as BootEvent] })
  assert.equal(await send('{"event":"up","node":{"mac":"m"},"ms":5}'), {
    status: 204,
    taken: [{ ...up, node: { ...node, mac: 'm' }, ms: 5 } as BootEvent],
  })
})

const wrong: Record<string, unknown> = {
  'no JSON': 'event=says',
  nothing: '',
  null: null,
  'a list': [event],
  'a text': 'says',
  'no node': { ...event, node: undefined },
  'a node that is a list': { ...event, node: [] },
  'a MAC that is a number': { ...event, node: { ...event.node, mac: 5 } },
  'an event that nobody knows': { ...event, event: 'constructor' },
  'a time before the start': { ...event, ms: -1 },
  'a part of a millisecond': { ...event, ms: 0.5 },
  'more than a number can hold': { ...event, kibFromServer: 1e300 },
  'KiB in words': { ...event, kibFromSwarm: '5' },
  'a text that is none': { ...event, text: { toString: 'x' } },
  'up with a node that is none': { event: 'up', node: 'x' },
  'up with a MAC that is none': { event: 'up', node: { mac: 5 } },
  'a nest of lists': '['.repeat(8000),
}
for (const [what, body] of Object.entries(wrong)) {
  test(`refused: ${what}`, async () => {
    const sent = typeof body === 'string' ? body : JSON.stringify(body)
    assert.equal(await send(sent), { status: 400, taken: [] })
  })
}

test('more than a reporter sends is not read to its end', async () => {
  assert.equal(await send(JSON.stringify({ ...event, text: 'x'.repeat(1 << 20) })), {
    status: 413,
    taken: [],
  })
})

test('another path, another method: as without reports', async () => {
  assert.equal(await send(JSON.stringify(event), '/report/x'), { status: 405, taken: [] })
  assert.equal(await send('', '/report', 'GET'), { status: 404, taken: [] })
})

test('one that announces a report and sends none, and one that hangs up, hold nobody', async () => {
  const taken: BootEvent[] = []
  const origin = await startOrigin({ folder, onReport: (_, each) => taken.push(each), onAnswer: () => {} })
  const head = 'POST /report HTTP/1.0\r\nContent-Length: 500\r\n\r\n{"node"'
  const silent = connect(origin.port, '127.0.0.1')
  silent.on('error', () => {})
  silent.write(head)
  const gone = connect(origin.port, '127.0.0.1')
  await new Promise<void>(resolve => gone.write(head, () => resolve()))
  gone.destroy()
  const { status } = await fetch(`http://127.0.0.1:${origin.port}/report`, {
    method: 'POST',
    body: JSON.stringify(event),
  })
  assert.is(status, 204)
  silent.destroy()
  await origin.close()
  assert.equal(taken, [event])
})

function reported(...given: [peer: string, event: Partial<BootEvent>][]) {
  const lines: string[] = []
  const nodes = new ReportedNodes(line => lines.push(line), new Fleet())
  for (const [peer, each] of given) nodes.took(peer, { ...event, ...each })
  return { lines, summary: nodes.summary() }
}

test('a line for an event, a row for a node: first those that gave up, then those that are under way', () => {
  const other = { ...event.node, mac: '52:54:00:12:34:57', hostname: '' }
  const { lines, summary } = reported(
    ['10.0.0.5', {}],
    ['10.0.0.5', { event: 'handed-over', stage: 'kexec', ms: 9000, text: '/tmp/kernel/vmlinuz' }],
    ['10.0.0.6', { node: other, event: 'failed', text: 'no', cause: 'no' }],
    ['10.0.0.6', { node: other, event: 'gave-up', text: 'reboot', cause: 'not found' }],
    ['10.0.0.7', { node: { ...other, mac: '52:54:00:12:34:58' } }],
  )
  assert.equal(lines, [
    '10.0.0.5 (node5): 4.3 s download: have /tmp/kernel/vmlinuz',
    '10.0.0.5 (node5): 9.0 s kexec: handed-over /tmp/kernel/vmlinuz',
    '10.0.0.6 (52:54:00:12:34:57): 4.3 s download: no',
    '10.0.0.6 (52:54:00:12:34:57): 4.3 s download: gave-up reboot',
    '10.0.0.7 (52:54:00:12:34:58): 4.3 s download: have /tmp/kernel/vmlinuz',
  ])
  assert.equal(
    summary.map(line => line.trim().replace(/ {2,}/g, '  ')),
    [
      'reports  3 of nodes, 1 gave up',
      '52:54:00:12:34:57  52:54:00:12:34:57  failed  4.3 s  2 MiB server, 0 MiB swarm  not found',
      '52:54:00:12:34:58  52:54:00:12:34:58  download  4.3 s  2 MiB server, 0 MiB swarm  have /tmp/kernel/vmlinuz',
      'node5  52:54:00:12:34:56  handed-over  9.0 s  2 MiB server, 0 MiB swarm',
    ],
  )
})

test('what a node says of itself begins no line, moves no cursor and fills no memory', () => {
  const node = { ...event.node, hostname: 'a\nserving /', mac: `\x1b[2J${'m'.repeat(9000)}` }
  const { lines, summary } = reported([
    '10.0.0.5',
    { node, stage: 's\r\n', text: `\x1b]0;x\x07${'t'.repeat(9000)}` },
  ])
  for (const line of [...lines, ...summary]) {
    assert.match(line, /^[ -~…]*$/)
    assert.ok(line.length < 700, `${line.length}`)
  }
  const many = Array.from({ length: 3000 }, (_, index): [string, Partial<BootEvent>] => [
    '10.0.0.5',
    { node: { ...event.node, mac: `${index}` } },
  ])
  const flood = reported(...many)
  assert.match(flood.summary[0] ?? '', /1024 of nodes/)
  assert.ok(flood.summary.length < 210, `${flood.summary.length}`)
  assert.is(flood.lines.length, 100)
})

test.run()
