// The fleet's port: who may look, what it answers, and those who read slowly or not at all.
import { writeFileSync } from 'node:fs'
import { createServer, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { readToken } from '../../generator/fleet/fleet-access.ts'
import { Fleet } from '../../generator/fleet/fleet-nodes.ts'
import type { FleetMessage } from '../../generator/fleet/fleet-view.ts'
import {
  type FleetWatch,
  type FleetWatchOptions,
  startFleetWatch,
} from '../../generator/fleet/fleet-watch.ts'
import { LiveUpdates } from '../../generator/fleet/live-updates.ts'
import { SwarmSeries } from '../../generator/fleet/swarm-series.ts'
import type { BootEvent } from '../../generator/stages/api/boot-event.ts'
import { temporaryFolder, until } from '../serve/published.ts'

const token = '0123456789abcdef'
const hostile = '"><script>alert(1)</script>\n\ndata: x\r\n\u2028'

async function watching(options: Partial<FleetWatchOptions> = {}): Promise<FleetWatch & { port: number }> {
  const watch = await startFleetWatch(
    { bind: '127.0.0.1', port: 0, access: { hosts: ['fleet.example'] }, ...options },
    () => ({ http: 1, seeder: 2 }),
    () => {},
    () => {},
  )
  return { ...watch, port: Number(new URL(watch.url).port) }
}

const event = (given: Partial<BootEvent> = {}): BootEvent => ({
  node: { mac: '52:54:00:12:34:56', ip: '10.0.0.5', hostname: 'node5', uuid: '', serial: '' },
  ...{ stage: 'download', event: 'says', ms: 4000, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' },
  ...given,
})

interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

/** Asks with headers that fetch would not send. */
function ask(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, method }, response => {
      let text = ''
      response.on('data', piece => {
        text += piece
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }))
    })
    asked.on('error', reject)
    asked.end()
  })
}

/** Follows a stream. */
async function follow(port: number, path: string) {
  const end = new AbortController()
  let text = ''
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: end.signal })
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  void (async () => {
    for (;;) {
      const { value, done } = (await reader?.read().catch(() => undefined)) ?? {
        done: true,
        value: undefined,
      }
      if (done) return
      text += value
    }
  })()
  return { type: response.headers.get('content-type'), text: () => text, close: () => end.abort() }
}

test('names that lead here by accident or malice are refused', async () => {
  const { port, close } = await watching()
  const statusOf = async (host: string) => (await ask(port, '/metrics', { host })).status
  for (const host of ['127.0.0.1', `127.0.0.1:${port}`, 'localhost:1', '[::1]:80', 'Fleet.Example:8001'])
    assert.is(await statusOf(host), 200, host)
  for (const host of ['evil.example', 'localhost.evil.example', 'fleet.example.evil', '127.0.0.1.evil'])
    assert.is(await statusOf(host), 421, host)
  await close()
})

test('GET and HEAD alone', async () => {
  const { port, close } = await watching()
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])
    assert.is((await ask(port, '/metrics', {}, method)).status, 405, method)
  for (const path of ['/metrics', '/events', '/fleet/live'])
    assert.equal((({ status, text }) => [status, text])(await ask(port, path, {}, 'HEAD')), [200, ''], path)
  await close()
})

test('a token: by header or cookie, of the page by its address once; nothing without it', async () => {
  const { port, close } = await watching({ access: { hosts: [], token } })
  for (const path of ['/', '/fleet', '/fleet/live', '/fleet/node?key=x', '/metrics', '/events', '/absent']) {
    const { status, headers, text } = await ask(port, path)
    assert.is(status, 401, path)
    assert.is(headers['www-authenticate'], 'Bearer')
    assert.not.match(text, token)
  }
  const statusWith = async (headers: Record<string, string>, path = '/metrics') =>
    (await ask(port, path, headers)).status
  assert.is(await statusWith({ authorization: `Bearer ${token}` }), 200)
  assert.is(await statusWith({ cookie: `a=b; aria2-initrd-fleet=${token}` }), 200)
  assert.is(await statusWith({}, `/metrics?token=${token}`), 200)
  for (const wrong of ['', 'x', token.slice(1), `${token}x`, token.toUpperCase()]) {
    assert.is(await statusWith({ authorization: `Bearer ${wrong}` }), 401, wrong)
    assert.is(await statusWith({ cookie: `aria2-initrd-fleet=${wrong}%` }), 401, wrong)
    assert.is((await ask(port, `/fleet?token=${wrong}`)).headers['set-cookie'], undefined, wrong)
  }
  const { status, headers } = await ask(port, `/fleet?token=${token}`)
  assert.equal([status, headers.location], [303, '/fleet'])
  assert.equal(headers['set-cookie'], [`aria2-initrd-fleet=${token}; Path=/; HttpOnly; SameSite=Strict`])
  await close()
})

test('a token is long, visible, and a text or a file’s first line', () => {
  const file = join(temporaryFolder(), 'token')
  writeFileSync(file, `${token}\n\nmore\n`)
  assert.is(readToken(file), token)
  assert.is(readToken(token), token)
  writeFileSync(file, '\n')
  for (const given of [file, 'short', '', `${token} `, `${token}ä`])
    assert.throws(() => readToken(given), /16 or more/)
  assert.throws(() => readToken('/absent/token'), /cannot read the token from \/absent\/token: no such file/)
})

test('where the usual port is taken, any will do', async () => {
  const usual = () =>
    startFleetWatch(
      { bind: '127.0.0.1', access: { hosts: [] } },
      () => ({ http: 0, seeder: 0 }),
      () => {},
      () => {},
    )
  const [one, other] = [await usual(), await usual()]
  assert.is.not(one.url, other.url)
  for (const { url } of [one, other]) assert.is((await fetch(new URL('/metrics', url))).status, 200)
  await Promise.all([one.close(), other.close()])
})

test('every answer has a strict policy, and no page elsewhere may read it', async () => {
  const { port, close } = await watching()
  for (const path of [
    '/',
    '/metrics',
    '/absent',
    '/fleet/../../package.json',
    '/fleet/%2e%2e/fleet-view.ts',
  ]) {
    const { headers, status } = await ask(port, path, { origin: 'http://evil.example' })
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';/)
    assert.not.match(policy, 'unsafe')
    assert.is(headers['x-content-type-options'], 'nosniff')
    assert.is(headers['referrer-policy'], 'no-referrer')
    assert.is(headers['access-control-allow-origin'], undefined)
    assert.ok([200, 302, 404].includes(status), path)
    if (path.includes('..') || path.includes('%2e')) assert.is(status, 404, path)
  }
  await close()
})

/** The messages of a text of server-sent events. */
const messagesIn = (text: string): [kind: string, message: FleetMessage][] =>
  [...text.matchAll(/^event: (\w+)\ndata: ([^\n]*)\n\n/gm)].map(([, kind = '', data = '']) => [
    kind,
    JSON.parse(data),
  ])

test('live: all nodes first, then only those that change; what a node says ends no message', async () => {
  const { fleet, port, close } = await watching()
  fleet.reported('10.0.0.5', event())
  fleet.reported('10.0.0.6', event({ node: { ...event().node, mac: 'b', hostname: hostile } }))
  const live = await follow(port, '/fleet/live')
  assert.is(live.type, 'text/event-stream')
  await until('all are told', () => messagesIn(live.text()).length > 0)
  const [first] = messagesIn(live.text())
  assert.is(first?.[0], 'fleet')
  assert.equal(
    first?.[1].nodes.map(({ hostname }) => hostname),
    ['node5', hostile],
  )
  fleet.reported('10.0.0.5', event({ event: 'gave-up', cause: hostile }))
  const changes = () => messagesIn(live.text()).filter(([kind]) => kind === 'changes')
  const nodes = () => changes().flatMap(([, message]) => message.nodes)
  await until('the change is told', () => nodes().length > 0)
  assert.equal(
    nodes().map(({ address, state, cause }) => [address, state, cause]),
    [['10.0.0.5', 'failed', hostile]],
  )
  await until('points are told', () => changes().some(([, { points }]) => points.length > 0))
  const point = changes().flatMap(([, { points }]) => points)[0]
  assert.equal([point?.serverBytes, point?.states.failed], [3, 1])
  live.close()
  await close()
})

test('live: a thousand events between two messages are one message', async () => {
  const { fleet, port, close } = await watching()
  fleet.reported('10.0.0.5', event())
  const live = await follow(port, '/fleet/live')
  await until('it begins', () => messagesIn(live.text()).length > 0)
  for (let index = 0; index < 1000; index++) fleet.reported('10.0.0.5', event({ text: `${index}` }))
  const last = () => messagesIn(live.text()).some(([, { nodes }]) => nodes[0]?.said === '999')
  await until('the last is told', last)
  const told = messagesIn(live.text()).filter(([kind, { nodes }]) => kind === 'changes' && nodes.length > 0)
  assert.is(told.length, 1)
  live.close()
  await close()
})

test('a node’s timeline and boots; a key that is none', async () => {
  const { fleet, port, close } = await watching()
  fleet.reported('10.0.0.5', event({ event: 'entered' }))
  fleet.reported('10.0.0.5', event({ ms: 5000, text: hostile }))
  const { key } = fleet.nodes()[0] ?? {}
  const { headers, text } = await ask(port, `/fleet/node?key=${key}`)
  assert.is(headers['content-type'], 'application/json')
  const { node, timeline, boots } = JSON.parse(text)
  assert.is(node.key, key)
  assert.equal(boots, [])
  assert.equal(timeline, [
    { ms: 4000, stage: 'download', event: 'entered', text: '' },
    { ms: 5000, stage: 'download', event: 'says', text: hostile },
  ])
  for (const wrong of ['', 'x', '__proto__', '../../etc/passwd'])
    assert.is((await ask(port, `/fleet/node?key=${wrong}`)).status, 404, wrong)
  await close()
})

test('events: a line of JSON each, from now on, silence too', async () => {
  const { fleet, port, close } = await watching()
  fleet.reported('10.0.0.5', event({ text: 'before' }))
  const events = await follow(port, '/events')
  assert.is(events.type, 'application/x-ndjson')
  fleet.reported('10.0.0.5', event({ event: 'failed', text: hostile }))
  fleet.sweep(Date.now() + 100_000)
  await until('both are told', () => events.text().split('\n').length > 2)
  const lines = events
    .text()
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  assert.equal(
    lines.map(line => [line.event, line.address, line.mac, line.state, line.stage]),
    [
      ['failed', '10.0.0.5', '52:54:00:12:34:56', 'booting', 'download'],
      ['silent', '10.0.0.5', '52:54:00:12:34:56', 'silent', 'download'],
    ],
  )
  assert.is(lines[0]?.text, hostile)
  events.close()
  await close()
})

test('events: who does not read is left, and holds nobody', async () => {
  const { fleet, port, close } = await watching()
  const deaf = connect(port, '127.0.0.1')
  deaf.pause()
  deaf.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n')
  const events = await follow(port, '/events')
  const text = 'x'.repeat(200)
  // 10 MB: more than the kernel keeps for one that does not read.
  for (let round = 0; round < 12; round++) {
    for (let index = 0; index < 900; index++)
      fleet.reported(
        '10.0.0.5',
        event({
          ...{ node: { ...event().node, mac: `${index}` }, event: 'failed' },
          text: `${round} ${text}`,
        }),
      )
    await until('who reads has it', () => events.text().slice(-2000).includes(`"text":"${round} `))
  }
  let got = ''
  deaf.on('data', piece => {
    got += piece
  })
  let isLeft = false
  deaf.on('close', () => {
    isLeft = true
  })
  deaf.on('error', () => {})
  deaf.resume()
  await until('it is left, or has all', () => isLeft || got.includes('"text":"11 '))
  assert.match(got, '"text":"0 ')
  assert.not.match(got, '"text":"11 ')
  deaf.destroy()
  events.close()
  await close()
})

test('live: who takes nothing is sent no second message, and left after half a minute', async () => {
  const fleet = new Fleet()
  for (let index = 0; index < 1000; index++)
    for (const client of [1, 2, 3, 4, 5, 6, 7, 8])
      fleet.reported(
        `10.0.0.${client}`,
        event({ node: { ...event().node, mac: `${index}` }, text: 'x'.repeat(200), cause: 'y'.repeat(200) }),
      )
  const live = new LiveUpdates(fleet, new SwarmSeries(fleet, () => 0))
  let opened: ServerResponse | undefined
  const server = createServer((_, response) => {
    opened = response
    live.open(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await until('all nodes wait for it', () => opened?.writableNeedDrain === true)
  const waiting = opened?.writableLength
  const now = Date.now()
  for (let second = 0; second < 29; second++) {
    fleet.reported('10.0.0.1', event({ text: `${second}` }))
    live.tell(now + second * 1000)
  }
  assert.is(opened?.writableLength, waiting)
  assert.not.ok(opened?.destroyed)
  live.tell(now + 32_000)
  assert.ok(opened?.destroyed)
  socket.destroy()
  live.close()
  server.close()
})

test('more than 64 do not follow at once', async () => {
  const { port, close } = await watching()
  const readers = await Promise.all(Array.from({ length: 64 }, () => follow(port, '/events')))
  assert.is((await ask(port, '/events')).status, 503)
  readers[0]?.close()
  await until('a place is free', async () => (await ask(port, '/events', {}, 'HEAD')).status === 200)
  for (const reader of readers) reader.close()
  await close()
})

test.run()
