import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { type Origin, startOrigin } from '../../generator/serve/origin.ts'

const test = suite<{ folder: string; origin: Origin }>('origin')
const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251))

test.before.each(async context => {
  context.folder = mkdtempSync(join(tmpdir(), 'origin-test-'))
  mkdirSync(join(context.folder, 'public'))
  writeFileSync(join(context.folder, 'secret'), 'secret')
  writeFileSync(join(context.folder, 'public', 'kernel'), content)
  writeFileSync(join(context.folder, 'public', 'initrd.cpio.gz'), content)
  context.origin = await startOrigin({ folder: join(context.folder, 'public') })
})
test.after.each(async ({ origin, folder }) => {
  await origin.close()
  rmSync(folder, { recursive: true })
})

async function get(url: string, range?: string): Promise<{ response: Response; body: Buffer }> {
  const response = await fetch(url, { headers: range === undefined ? {} : { range } })
  return { response, body: Buffer.from(await response.arrayBuffer()) }
}

/** A request as it stands, without a client's corrections. */
function raw(port: number, request: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`${request}\r\nHost: x\r\nConnection: close\r\n\r\n`),
    )
    socket.setEncoding('latin1').on('data', piece => {
      answer += piece
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

test('a file comes whole, and a compressed one as it lies', async ({ origin }) => {
  for (const name of ['kernel', 'initrd.cpio.gz']) {
    const { response, body } = await get(`${origin.url}/${name}`)
    assert.is(response.status, 200)
    assert.equal(body, content, name)
  }
})

test('ranges', async ({ origin }) => {
  const cases: [string, number, Buffer][] = [
    ['bytes=0-9', 206, content.subarray(0, 10)],
    ['bytes=99990-', 206, content.subarray(99_990)],
    ['bytes=99990-200000', 206, content.subarray(99_990)],
    ['bytes=100000-', 416, Buffer.alloc(0)],
    ['bytes=-10', 206, content.subarray(-10)],
    ['bytes=-200000', 206, content],
    ['bytes=-0', 416, Buffer.alloc(0)],
    // What it does not know it may ignore, but not get wrong.
    ['bytes=9-0', 200, content],
    ['bytes=0-1,5-6', 200, content],
    ['bytes=-', 200, content],
    ['bytes=0-99999999999999999999', 200, content],
    ['furlongs=0-1', 200, content],
    ['bytes=x-y', 200, content],
  ]
  for (const [range, status, wanted] of cases) {
    const { response, body } = await get(`${origin.url}/kernel`, range)
    assert.is(response.status, status, range)
    assert.ok(body.equals(wanted), range)
  }
})

test('nothing outside the folder, no listing, no crash', async ({ origin }) => {
  for (const path of [
    '/',
    '/absent',
    '/../secret',
    '/%2e%2e/secret',
    '/..%2fsecret',
    '//',
    '/%',
    '/kernel/x',
    '/\0',
  ]) {
    const answer = await raw(origin.port, `GET ${path} HTTP/1.1`)
    assert.match(answer, /^HTTP\/1\.1 4\d\d /, path)
    assert.not.match(answer, 'secret', path)
  }
  assert.is((await get(`${origin.url}/kernel`)).response.status, 200)
})

test('the access log says who asked for what, and the bytes sent', async ({ origin }) => {
  await get(`${origin.url}/kernel?x=1`, 'bytes=0-999')
  await get(`${origin.url}/absent`)
  const [part, absent] = origin.requests
  assert.is(part?.peer, '127.0.0.1')
  assert.equal(
    [part?.method, part?.path, part?.range, part?.status],
    ['GET', '/kernel?x=1', 'bytes=0-999', 206],
  )
  assert.ok((part?.sent ?? 0) > 1000 && (part?.sent ?? 0) < 2000, `sent ${part?.sent}`)
  assert.is(absent?.status, 404)
})

test('a limited origin sends the same bytes, ranges and refusals too', async ({ folder }) => {
  const slow = await startOrigin({ folder: join(folder, 'public'), bytesPerSecond: 10_000_000 })
  try {
    assert.equal((await get(`${slow.url}/kernel`)).body, content)
    assert.equal((await get(`${slow.url}/kernel`, 'bytes=5-9')).body, content.subarray(5, 10))
    assert.is((await get(`${slow.url}/kernel`, 'bytes=100000-')).response.status, 416)
    assert.is((await get(`${slow.url}/absent`)).response.status, 404)
    assert.is((await raw(slow.port, 'HEAD /kernel HTTP/1.1')).split('\r\n\r\n')[1], '')
  } finally {
    await slow.close()
  }
})

test('a client that hangs up in the middle leaves a limited origin alive', async ({ folder }) => {
  const slow = await startOrigin({ folder: join(folder, 'public'), bytesPerSecond: 1_000_000 })
  try {
    const abort = new AbortController()
    const response = await fetch(`${slow.url}/kernel`, { signal: abort.signal })
    abort.abort()
    await response.arrayBuffer().catch(() => {})
    assert.equal((await get(`${slow.url}/kernel`, 'bytes=0-4')).body, content.subarray(0, 5))
  } finally {
    await slow.close()
  }
})

test('a port that is taken is one clear error', async ({ origin, folder }) => {
  const error: unknown = await startOrigin({ folder, port: origin.port }).then(
    () => undefined,
    caught => caught,
  )
  assert.instance(error, CommandError)
  assert.match((error as CommandError).message, `cannot listen on 127.0.0.1:${origin.port}`)
})

test.run()
