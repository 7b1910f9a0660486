/** Clients that lie, hang and hang up; files that change under the origin. */
import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { httpLimits } from '../../generator/serve/http-limits.ts'
import { type Origin, type OriginRequest, startOrigin } from '../../generator/serve/origin.ts'
import { bytes, until } from './published.ts'
import { rawClient, rawRequest } from './raw-client.ts'

interface Context {
  work: string
  folder: string
  origin: Origin
  refusals: string[]
}

const test = suite<Context>('hostile clients')
const kernel = bytes(300_000, 'kernel')
/** More than the buffers of a connection hold on both sides. */
const large = 64 * 1024 * 1024

test.before.each(async context => {
  context.work = mkdtempSync(join(tmpdir(), 'origin-hostile-'))
  context.folder = join(context.work, 'served')
  context.refusals = []
  mkdirSync(join(context.folder, 'sub'), { recursive: true })
  mkdirSync(join(context.work, 'served-too'))
  writeFileSync(join(context.work, 'secret'), 'secret')
  writeFileSync(join(context.work, 'served-too', 'secret'), 'secret')
  writeFileSync(join(context.folder, 'kernel'), kernel)
  writeFileSync(join(context.folder, 'a b%+ü.img'), kernel)
  writeFileSync(join(context.folder, 'large'), '')
  truncateSync(join(context.folder, 'large'), large)
  context.origin = await startOrigin({
    folder: context.folder,
    limits: { ...httpLimits, header: 500, idle: 1000 },
    onRefusal: (_peer, reason) => context.refusals.push(reason),
  })
})
test.after.each(async ({ origin, work }) => {
  await origin.close()
  rmSync(work, { recursive: true })
})

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1])
const bodyOf = (answer: string) => Buffer.from(answer.split('\r\n\r\n').slice(1).join('\r\n\r\n'), 'latin1')

/** The origin serves on, whatever happened. */
async function serves({ origin }: Context): Promise<void> {
  const response = await fetch(`${origin.url}/kernel`)
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(kernel))
}

test('request targets', async context => {
  const cases: [string, number][] = [
    ['/kernel', 200],
    ['//kernel', 200],
    ['/kernel?version=1', 200],
    ['/kernel#x', 200],
    ['http://any.example/kernel', 200],
    ['/a%20b%25+%C3%BC.img', 200],
    ['/%6b%65rnel', 200],
    ['/kernel/', 404],
    ['/sub', 404],
    ['/sub/', 404],
    ['/', 404],
    ['/sub/../kernel', 404],
    ['/../secret', 404],
    ['/../served-too/secret', 404],
    ['/%2e%2e/secret', 404],
    ['/%2E%2E%2Fsecret', 404],
    ['/..%2fsecret', 404],
    ['/sub/..%2f..%2fsecret', 404],
    ['/%252e%252e/secret', 404],
    ['/..%5csecret', 404],
    ['/kernel%00', 404],
    ['/%00', 404],
    ['/%', 404],
    ['/%zz', 404],
    ['/%C3', 404],
    ['http://any.example/../secret', 404],
    ['ftp://any.example/kernel', 404],
    [`/${'x'.repeat(5000)}`, 404],
    [`/${'x/'.repeat(5000)}x`, 404],
    ['kernel', 400],
    ['*', 400],
  ]
  for (const [target, status] of cases) {
    const answer = await rawRequest(context.origin.port, `GET ${target} HTTP/1.1`)
    // Node's parser refuses some itself, which is as good.
    assert.ok(
      [status, ...(status === 404 ? [400] : []), ...(status === 400 ? [404] : [])].includes(statusOf(answer)),
      `${target}: ${answer.slice(0, 60)}`,
    )
    assert.is(bodyOf(answer).equals(kernel), status === 200, target)
    assert.not.match(answer, 'secret', target)
  }
})

test('ranges that lie', async ({ origin }) => {
  const size = kernel.length
  const cases: [string, number, Buffer][] = [
    [`bytes=${size - 1}-${size}`, 206, kernel.subarray(-1)],
    [`bytes=0-${'9'.repeat(15)}`, 206, kernel],
    [`bytes=${size}-`, 416, Buffer.alloc(0)],
    [`bytes=${'9'.repeat(400)}-`, 200, kernel],
    ['bytes=-1', 206, kernel.subarray(-1)],
    [`bytes=-${size + 1}`, 206, kernel],
    ['bytes=--5', 200, kernel],
    ['bytes=5--1', 200, kernel],
    ['bytes=-5-9', 200, kernel],
    ['bytes=1e3-', 200, kernel],
    ['bytes=0x0-0x9', 200, kernel],
    [`bytes=${Array.from({ length: 1000 }, (_, n) => `${n}-${n}`).join()}`, 200, kernel],
    ['bytes=0-0\tand more', 200, kernel],
    ['', 200, kernel],
  ]
  for (const [range, status, body] of cases) {
    const answer = await rawRequest(origin.port, `GET /kernel HTTP/1.1\r\nRange: ${range}`)
    assert.is(statusOf(answer), status, range)
    assert.ok(bodyOf(answer).equals(body), range)
  }
})

test('other methods get no file', async ({ origin }) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH'])
    assert.is(
      statusOf(await rawRequest(origin.port, `${method} /kernel HTTP/1.1\r\nContent-Length: 0`)),
      405,
      method,
    )
  const head = await rawRequest(origin.port, 'HEAD /kernel HTTP/1.1')
  assert.is(statusOf(head), 200)
  assert.match(head, `Content-Length: ${kernel.length}`)
  assert.is(bodyOf(head).length, 0)
})

test('links: within the folder they are followed, out of it they are refused', async context => {
  const { folder, work, origin } = context
  symlinkSync('kernel', join(folder, 'inside'))
  symlinkSync(join(work, 'secret'), join(folder, 'outside'))
  symlinkSync(work, join(folder, 'up'))
  symlinkSync('../../served-too/secret', join(folder, 'sub', 'neighbour'))
  symlinkSync('circle', join(folder, 'circle'))
  symlinkSync('nowhere', join(folder, 'dangling'))
  symlinkSync('/dev/zero', join(folder, 'zero'))
  const wanted: [string, number][] = [
    ['inside', 200],
    ['outside', 403],
    ['up/secret', 403],
    ['up/served/kernel', 200],
    ['sub/neighbour', 403],
    ['circle', 404],
    ['dangling', 404],
    ['zero', 403],
  ]
  for (const [path, status] of wanted) {
    const response = await fetch(`${origin.url}/${path}`)
    assert.is(response.status, status, path)
    assert.not.match(await response.text(), 'secret')
  }
})

test('what is no plain file is not waited for', async context => {
  execFileSync('mkfifo', [join(context.folder, 'pipe')])
  assert.is((await fetch(`${context.origin.url}/pipe`)).status, 403)
  await serves(context)
})

test('a header of 10 MB is cut off', async context => {
  const client = await rawClient(context.origin.port)
  client.socket.write(`GET /kernel HTTP/1.1\r\nX: ${'x'.repeat(10_000_000)}\r\n\r\n`)
  await client.end
  assert.equal(context.refusals, ['431 Request Header Fields Too Large'])
  await serves(context)
})

test('what is no HTTP is refused', async context => {
  for (const junk of [
    '\0\0\0\0\r\n\r\n',
    'GET\r\n\r\n',
    '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
  ]) {
    const client = await rawClient(context.origin.port)
    client.socket.write(junk, 'latin1')
    assert.is(statusOf(await client.end), 400, JSON.stringify(junk))
  }
  await serves(context)
})

test('300 clients whose header never ends are hung up on, and others are served meanwhile', async context => {
  const clients = await Promise.all(Array.from({ length: 300 }, () => rawClient(context.origin.port)))
  for (const { socket } of clients) socket.write('GET /kernel HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  await serves(context)
  for (const answer of await Promise.all(clients.map(({ end }) => end))) assert.is(statusOf(answer), 408)
})

test('50 clients that take nothing of their answer are hung up on', async context => {
  const clients = await Promise.all(Array.from({ length: 50 }, () => rawClient(context.origin.port)))
  for (const { socket } of clients) {
    socket.pause()
    socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
  }
  await serves(context)
  await until('all are hung up on', () => context.refusals.length === 50)
  assert.match(context.refusals[0] ?? '', 'took nothing of its answer')
  for (const { socket } of clients) socket.destroy()
  await serves(context)
})

test('a client that waits for a limited origin is not taken for one that hangs', async context => {
  const slow = await startOrigin({
    folder: context.folder,
    bytesPerSecond: 50_000,
    limits: { ...httpLimits, header: 300, idle: 300 },
  })
  try {
    // The first piece of 64 KiB takes longer than the limit.
    const response = await fetch(`${slow.url}/kernel`, { headers: { range: 'bytes=0-99999' } })
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(kernel.subarray(0, 100_000)))
  } finally {
    await slow.close()
  }
})

test('a client that asks for thousands in a row has one file open, and gets them all', async context => {
  const greedy = await rawClient(context.origin.port)
  greedy.socket.pause()
  greedy.socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000))
  await until('all are asked for', () => context.origin.requests.length === 1000)
  await until('one is begun', () => filesOpen(context.folder) > 0)
  await serves(context)
  // What the other client asked for closes a moment after its answer.
  await until('only that one is open', () => filesOpen(context.folder) === 1)
  greedy.socket.destroy()
  await until('it is closed', () => filesOpen(context.folder) === 0)

  const client = await rawClient(context.origin.port)
  client.socket.write('GET /kernel HTTP/1.1\r\nHost: x\r\nRange: bytes=0-0\r\n\r\n'.repeat(3000))
  await until('all are answered', () => client.answer().split('HTTP/1.1 206').length === 3001)
  client.socket.destroy()
})

test('500 connections at once', async ({ origin }) => {
  const answers = await Promise.all(
    Array.from({ length: 500 }, () =>
      rawRequest(origin.port, 'GET /kernel HTTP/1.1\r\nRange: bytes=100-199'),
    ),
  )
  for (const answer of answers) assert.ok(bodyOf(answer).equals(kernel.subarray(100, 200)))
})

test('more connections than the limit are hung up on', async context => {
  const few = await startOrigin({
    folder: context.folder,
    limits: { ...httpLimits, connections: 5 },
    onRefusal: (_peer, reason) => context.refusals.push(reason),
  })
  const clients = await Promise.all(Array.from({ length: 6 }, () => rawClient(few.port)))
  await until('one is refused', () => context.refusals.length > 0)
  assert.equal(context.refusals, ['more than 5 connections'])
  for (const { socket } of clients) socket.destroy()
  await few.close()
})

test('clients that hang up midway cost no open file', async context => {
  for (let round = 0; round < 20; round += 1) {
    const client = await rawClient(context.origin.port)
    client.socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
    await until('it begins', () => client.answer().length > 0)
    client.socket.destroy()
  }
  await until('all files are closed', () => filesOpen(context.folder) === 0)
  await until('all answers are over', () => context.origin.requests.every(({ status }) => status === 200))
  assert.ok(context.origin.requests.every(({ whole }) => !whole))
})

test('a file that becomes shorter while it is sent: the answer is cut, not padded', async context => {
  const answers: OriginRequest[] = []
  const origin = await startOrigin({ folder: context.folder, onAnswer: answer => answers.push(answer) })
  try {
    const client = await rawClient(origin.port)
    client.socket.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n')
    await until('it begins', () => client.answer().length > 0)
    client.socket.pause()
    truncateSync(join(context.folder, 'large'), 1000)
    client.socket.resume()
    assert.ok((await client.end).length < large, 'hung up before the end')
    await until('it is over', () => answers.length === 1)
    assert.is(answers[0]?.trouble, 'the file became shorter while it was sent')
    assert.is(answers[0]?.whole, false)
  } finally {
    await origin.close()
  }
})

test('a file that grows or is replaced while it is sent: the answer is the old one, whole', async context => {
  const path = join(context.folder, 'large')
  const response = await fetch(`${context.origin.url}/large`)
  const tag = response.headers.get('etag') ?? ''
  writeFileSync(`${path}.new`, 'new')
  renameSync(`${path}.new`, path)
  assert.is((await response.arrayBuffer()).byteLength, large)
  // A client that goes on with a range of the old file gets the new one, whole.
  const next = await fetch(`${context.origin.url}/large`, { headers: { range: 'bytes=1-', 'if-range': tag } })
  assert.is(next.status, 200)
  assert.is(await next.text(), 'new')
})

test('a cache that has the file is told so, until it changes', async ({ origin, folder }) => {
  const tag = (await fetch(`${origin.url}/kernel`, { method: 'HEAD' })).headers.get('etag') ?? ''
  const again = async () =>
    (await rawRequest(origin.port, `GET /kernel HTTP/1.1\r\nIf-None-Match: ${tag}`)).slice(9, 12)
  assert.is(await again(), '304')
  writeFileSync(join(folder, 'kernel'), 'new')
  assert.is(await again(), '200')
})

test('a folder that vanishes and comes back', async context => {
  renameSync(context.folder, `${context.folder}-away`)
  assert.is((await fetch(`${context.origin.url}/kernel`)).status, 503)
  renameSync(`${context.folder}-away`, context.folder)
  await serves(context)
})

/** How many files below a folder this process has open. */
function filesOpen(folder: string): number {
  const open = (descriptor: string): string => {
    try {
      return readlinkSync(join('/proc/self/fd', descriptor))
    } catch {
      return '' // closed since it was listed
    }
  }
  return readdirSync('/proc/self/fd').filter(each => open(each).startsWith(`${folder}/`)).length
}

test.run()
