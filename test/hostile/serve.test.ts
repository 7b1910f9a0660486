/** What clients may do to `serve`'s HTTP, and what a folder may hold. The times are shorter than the real ones. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { countedAs } from '../../generator/serve/client-address.ts'
import { EventLines } from '../../generator/serve/event-lines.ts'
import { httpLimits } from '../../generator/serve/http-limits.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { Tally } from '../../generator/serve/tally.ts'
import { bytes, temporaryFolder, until } from '../serve/published.ts'
import { type RawClient, rawClient } from '../serve/raw-client.ts'
import { declareInputs, type HostileInput } from './inputs.ts'

const test = suite('hostile clients of serve')

const folder = temporaryFolder()
const kernel = bytes(100_000, 'kernel')
mkdirSync(join(folder, 'sub', '.git'), { recursive: true })
mkdirSync(join(folder, '.well-known'))
for (const name of ['kernel', '.node.digests.json', 'sub/.hidden', 'sub/.git/config', '.well-known/x'])
  writeFileSync(join(folder, name), kernel)
writeFileSync(join(folder, 'large'), '')
truncateSync(join(folder, 'large'), 64 * 1024 * 1024)
symlinkSync('.node.digests.json', join(folder, 'link'))

/** As `serve` puts them together. */
const lines: string[] = []
const events = new EventLines(line => lines.push(line))
const tally = new Tally(events)
const refusals: string[] = []
const limits = { ...httpLimits, header: 3000, keepAlive: 4000, idle: 3000 }
const options = {
  folder,
  limits,
  onAnswer: tally.answered.bind(tally),
  onRefusal: (peer: string, reason: string) => {
    refusals.push(reason)
    events.about(peer, `HTTP: ${reason}`)
  },
}
const origin = await startOrigin(options)
test.before.each(async () => {
  refusals.length = 0
  events.flush()
  lines.length = 0
})
test.after(() => origin.close())

const [attacker, other] = ['127.0.0.1', '127.0.0.9']
const statusOf = (answer: string) => /^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1] ?? 'no answer'

async function asks(text: string, address = attacker): Promise<string> {
  const client = await rawClient(origin.port, '127.0.0.1', address)
  client.socket.write(text, 'latin1')
  return client.end
}

const get = (target: string, more = '') =>
  `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`

/** What another client gets meanwhile. */
const another = async () => `another address: ${statusOf(await asks(get('/kernel'), other))}`

const many = (count: number, address = attacker) =>
  Promise.all(Array.from({ length: count }, () => rawClient(origin.port, '127.0.0.1', address)))

const hangUp = (clients: RawClient[]) => {
  for (const { socket } of clients) socket.destroy()
}

/** Sends the pieces, one after the other, until the other side hangs up, which must be within some seconds. */
async function drip(client: RawClient, first: string, piece: string): Promise<string> {
  client.socket.write(first)
  const timer = setInterval(() => client.socket.write(piece), 100)
  const answer = await Promise.race([client.end, sleep(15_000, 'still connected', { ref: false })])
  clearInterval(timer)
  client.socket.destroy()
  return answer === 'still connected' ? answer : `${statusOf(answer)}, hung up`
}

/** How a request for a file ends. */
const request = (input: string, text: string, expected: string): HostileInput => ({
  input,
  expected,
  run: 'serve',
  async see() {
    const answer = await asks(text)
    const status = statusOf(answer)
    const body = Buffer.from(answer.split('\r\n\r\n').slice(1).join('\r\n\r\n'), 'latin1')
    assert.is(body.equals(kernel), status === '200', 'the file and nothing else')
    const seen = `${status}; ${await another()}`
    assert.is(seen, `${expected}; another address: 200`)
    return seen
  },
})

const inputs: HostileInput[] = [
  {
    input: '4,096 kept-alive connections of one address, each asks once and then is silent',
    expected: 'another address is served at once; none is left after the limit',
    run: 'serve',
    async see() {
      const clients: RawClient[] = []
      for (let round = 0; round < 16; round += 1) {
        const some = await many(256)
        for (const { socket } of some) socket.write('HEAD /kernel HTTP/1.1\r\nHost: x\r\n\r\n')
        clients.push(...some)
      }
      const meanwhile = await another()
      await until('all are hung up on', () => clients.every(({ socket }) => socket.destroyed))
      return `${meanwhile}; all hung up on`
    },
  },
  {
    input: '2,000 connections of one address that send nothing',
    expected: 'no more than 1,024 are kept; another address is served at once',
    run: 'serve',
    async see() {
      const clients = await many(2000)
      const seen = await another()
      await until('some are refused', () => clients.some(({ socket }) => socket.destroyed))
      hangUp(clients)
      assert.ok(refusals.includes('more than 1024 connections of one address'))
      return `${seen}; refused: more than 1024 connections of one address`
    },
  },
  {
    input: '1,024 connections of each of four addresses: all 4,096 are taken',
    expected: 'a fifth address is served',
    run: 'serve',
    async see() {
      const clients: RawClient[] = []
      for (const address of ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'])
        clients.push(...(await many(1024, address)))
      const seen = await another()
      hangUp(clients)
      return seen
    },
  },
  {
    input: 'the address of an IPv4 client on a socket for IPv6, another of the same IPv6 network',
    expected: 'counted as one',
    run: 'serve',
    see() {
      const six = ['2001:db8:0:7::1', '2001:db8:0:7:ffff::2', '2001:0db8::8:0:0:0:1'].map(countedAs)
      assert.is(six[0], six[1])
      assert.is.not(six[0], six[2])
      return `${countedAs('10.0.0.9')}; ${six.join(', ')}`
    },
  },
  {
    input: 'a client that lost its link after its answer',
    expected: 'the system asks whether it is there',
    run: 'serve',
    async see() {
      const client = await rawClient(origin.port)
      client.socket.write('HEAD /kernel HTTP/1.1\r\nHost: x\r\n\r\n')
      await until('it is answered', () => client.answer() !== '')
      const { localPort } = client.socket
      const table = execFileSync('ss', ['-tnoH', `sport = :${origin.port} and dport = :${localPort}`])
      client.socket.destroy()
      return /timer:\((keepalive),/.exec(table.toString())?.[1] ?? 'no timer'
    },
  },
  {
    input: 'a header of one byte each 100 ms',
    expected: 'hung up on when the time for a header is over',
    run: 'serve',
    async see() {
      return drip(await rawClient(origin.port), 'GET /kernel HTTP/1.1\r\nX: ', 'x')
    },
  },
  {
    input: 'an empty line each 100 ms on a kept-alive connection',
    expected: 'hung up on when the time between requests is over',
    run: 'serve',
    async see() {
      return drip(await rawClient(origin.port), 'HEAD /kernel HTTP/1.1\r\nHost: x\r\n\r\n', '\r\n')
    },
  },
  {
    input: 'an empty line each 100 ms and nothing else',
    expected: 'hung up on when the time for a header is over',
    run: 'serve',
    async see() {
      return drip(await rawClient(origin.port), '\r\n', '\r\n')
    },
  },
  {
    input: 'a POST whose content comes one byte each 100 ms',
    expected: 'refused at once, and hung up on',
    run: 'serve',
    async see() {
      const client = await rawClient(origin.port)
      return drip(client, 'POST /kernel HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n', 'x')
    },
  },
  request('a GET with content', `${get('/kernel', 'Content-Length: 5\r\n')}hello`, '413'),
  request(
    'a GET with chunks',
    `${get('/kernel', 'Transfer-Encoding: chunked\r\n')}5\r\nhello\r\n0\r\n\r\n`,
    '413',
  ),
  request(
    'both a length and chunks',
    get('/kernel', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'),
    '400',
  ),
  request('two lengths', get('/kernel', 'Content-Length: 0\r\nContent-Length: 5\r\n'), '400'),
  request('a length of -1', get('/kernel', 'Content-Length: -1\r\n'), '400'),
  request(
    'a length of 99999999999999999999',
    get('/kernel', 'Content-Length: 99999999999999999999\r\n'),
    '400',
  ),
  request(
    'Expect: 100-continue, for content that never comes',
    get('/kernel', 'Expect: something\r\n'),
    '417',
  ),
  {
    input: 'a client that takes nothing of 64 MiB',
    expected: 'hung up on after the time for that, with a line',
    run: 'serve',
    async see() {
      const client = await rawClient(origin.port)
      client.socket.pause()
      client.socket.write(get('/large'))
      await until('it is refused', () => refusals.length > 0)
      client.socket.destroy()
      return refusals.join()
    },
  },
  {
    input: 'a client that takes 64 bytes of 64 MiB each 100 ms',
    expected: 'the same',
    run: 'serve',
    async see() {
      const socket = connect(origin.port, '127.0.0.1').on('error', () => {})
      socket.write(get('/large'))
      // `read` takes as much of the network as fits in a buffer, 16 KiB, and no more before that is taken.
      const timer = setInterval(() => socket.read(64), 100)
      socket.on('readable', () => {})
      await until('it is refused', () => refusals.length > 0)
      clearInterval(timer)
      socket.destroy()
      return refusals.join()
    },
  },
  {
    input: '60 clients that take nothing, of one address',
    expected: 'another address is served at once; all are hung up on',
    run: 'serve',
    async see() {
      const clients = await many(60)
      for (const { socket } of clients) socket.pause().write(get('/large'))
      const seen = await another()
      await until('all are refused', () => refusals.length === 60)
      hangUp(clients)
      return `${seen}; ${refusals.length} hung up on`
    },
  },
  {
    input: 'a client that has said all it has to say (FIN) and waits for its answer',
    expected: 'gets it whole',
    run: 'serve',
    async see() {
      const client = await rawClient(origin.port)
      client.socket.end(get('/kernel'))
      const answer = await client.end
      return `${statusOf(answer)}, ${answer.split('\r\n\r\n')[1]?.length === kernel.length ? 'whole' : 'cut'}`
    },
  },
  {
    input: '3,000 requests in a row on one connection, without waiting for an answer',
    expected: '3,000 answers; the bytes of each are counted once',
    run: 'serve',
    async see() {
      const counted: number[] = []
      const own = await startOrigin({ folder, onAnswer: ({ sent }) => counted.push(sent) })
      const client = await rawClient(own.port)
      client.socket.write('GET /kernel HTTP/1.1\r\nHost: x\r\nRange: bytes=0-0\r\n\r\n'.repeat(2999))
      client.socket.write(get('/kernel', 'Range: bytes=0-0\r\n'))
      const answer = await client.end
      await until('the last is counted', () => counted.length === 3000)
      await own.close()
      const sum = counted.reduce((all, sent) => all + sent, 0)
      assert.is(sum, answer.length)
      return `${answer.split('HTTP/1.1 206').length - 1} answers, ${counted.length} counted, as many bytes as came`
    },
  },
  {
    input: '100,000 requests in a row by a client that reads nothing',
    expected: 'hung up on when 5,000 wait; another address is served',
    run: 'serve',
    async see() {
      const client = await rawClient(origin.port)
      client.socket.pause()
      const thousand = 'GET /large HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(1000)
      for (let n = 0; n < 100; n += 1) client.socket.write(thousand)
      const seen = await another()
      await until('it is hung up on', () => refusals.length > 0)
      client.socket.destroy()
      return `${seen}; ${refusals.join()}`
    },
  },
  {
    input: 'CONNECT 10.0.0.1:22',
    expected: 'hung up on: no proxy',
    run: 'serve',
    see: async () => statusOf(await asks('CONNECT 10.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n')),
  },
  request(
    'an upgrade to WebSocket',
    get('/kernel', 'Upgrade: websocket\r\n').replace('close', 'close, Upgrade'),
    '200',
  ),
  request('an upgrade to HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', '400'),
  request('HTTP/0.9: GET /kernel', 'GET /kernel\r\n', '408'),
  request('HTTP/1.0', 'GET /kernel HTTP/1.0\r\n\r\n', '200'),
  request('HTTP/1.1 without a host', 'GET /kernel HTTP/1.1\r\n\r\n', '400'),
  request('two hosts', get('/kernel', 'Host: y\r\n'), '200'),
  request('an absolute target', get('http://other.example/kernel'), '200'),
  request('an absolute target that leads upwards', get('http://other.example/../kernel'), '404'),
  request('an absolute target of a hidden file', get('HTTP://other.example/.node.digests.json'), '404'),
  request(
    '3,000 headers',
    get('/kernel', Array.from({ length: 3000 }, (_, n) => `X${n}: 1\r\n`).join('')),
    '431',
  ),
  request('a header of 17 KiB', get('/kernel', `X: ${'x'.repeat(17 * 1024)}\r\n`), '431'),
  request('a header line without a colon', get('/kernel', 'X\r\n'), '400'),
  request('a header with a bare line feed', 'GET /kernel HTTP/1.1\nHost: x\nConnection: close\n\n', '400'),
  request('a NUL in a header', get('/kernel', 'X: a\0b\r\n'), '400'),
  ...(
    [
      ['a hidden file', '/.node.digests.json', '404'],
      ['a hidden file, its dot encoded', '/%2enode.digests.json', '404'],
      ['a hidden file in a folder', '/sub/.hidden', '404'],
      ['a hidden file in a folder, all encoded', '/sub/%2E%68%69%64%64%65%6e', '404'],
      ['a file in a hidden folder', '/sub/.git/config', '404'],
      ['a hidden file behind an encoded slash', '/sub%2f.hidden', '404'],
      ['.well-known', '/.well-known/x', '404'],
      ['a link to a hidden file', '/link', '403'],
      ['a dot for the folder itself', '/./kernel', '404'],
      ['a query that looks like a hidden file', '/kernel?/.hidden', '200'],
    ] as const
  ).map(([input, target, status]) => request(`${input}: ${target}`, get(target), status)),
  {
    input: '1,000 requests for a file that is not there',
    expected: '5 lines and a count',
    run: 'serve',
    async see() {
      const client = await rawClient(origin.port)
      client.socket.write('GET /absent HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(999) + get('/absent'))
      await client.end
      await until('all are told of', () => tally.summary(0)[0]?.includes(' refusals') === true)
      await sleep(50)
      events.flush()
      const own = lines.filter(line => line.includes('/absent'))
      assert.ok(own.length <= 10 && lines.some(line => line.endsWith('more of the kind')), lines.join())
      return `${own[0]}; then a count`
    },
  },
  {
    input: '1,000 whole files',
    expected: '5 lines and a count',
    run: 'serve',
    async see() {
      const client = await rawClient(origin.port)
      client.socket.write('GET /kernel HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(999) + get('/kernel'))
      await client.end
      await sleep(50)
      events.flush()
      const own = lines.filter(line => line.includes('has /kernel'))
      assert.ok(own.length <= 10 && lines.some(line => line.endsWith('more of the kind')), lines.join())
      return `${own[0]?.replace(/ \(.*/, '')}; then a count`
    },
  },
  {
    input: '300 addresses, each of which asks for what is not there',
    expected: '100 lines and a count',
    run: 'serve',
    async see() {
      for (let n = 0; n < 300; n += 1) await asks(get('/absent'), `127.0.${1 + (n >> 8)}.${n & 255}`)
      await sleep(50)
      events.flush()
      return `${lines.length - 1} lines; ${lines.at(-1)}`
    },
  },
  {
    input: 'a path and a program name with control characters of one byte, 0x9b 2J and 0x85',
    expected: 'shown by their numbers',
    run: 'serve',
    async see() {
      await asks(get('/\x9b2J\x85aria2-initrd:', 'User-Agent: \x9b2J\r\n'))
      await sleep(50)
      assert.not.match(lines.join(''), /[^ -~]/)
      return lines.join('; ')
    },
  },
  {
    input: 'a path with ESC and a line feed, as they are',
    expected: 'refused; no line of its own',
    run: 'serve',
    async see() {
      await asks(get('/\x1b[2J'))
      await asks(get('/a\nserving'))
      assert.not.match(lines.join(''), /[^ -~]/)
      return lines.join('; ')
    },
  },
  {
    input: 'a path with ESC and a line feed, encoded',
    expected: 'stays encoded',
    run: 'serve',
    async see() {
      await asks(get('/%1b[2J%0aserving'))
      await sleep(50)
      return lines.join('; ')
    },
  },
  {
    input: 'a path of 15,000 characters',
    expected: 'cut',
    run: 'serve',
    async see() {
      await asks(get(`/${'x'.repeat(15_000)}`))
      await sleep(50)
      assert.is(lines[0]?.length, 301)
      return `${lines[0]?.slice(0, 30)}… (${lines[0]?.length} characters)`
    },
  },
]

declareInputs(test, 'serve', inputs)
test.run()
