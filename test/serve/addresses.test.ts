/** What `serve` says about where torrents send their nodes, and what it tells of hostile clients. */
import { rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EventLines, printable } from '../../generator/serve/event-lines.ts'
import { adviceOn } from '../../generator/serve/publication-advice.ts'
import { advertisedAddresses, type Listening } from '../../generator/serve/served-addresses.ts'
import type { Torrent } from '../../generator/serve/torrent-file.ts'
import { publishFolder } from './published.ts'

const torrent = (trackers: string[], webSeeds: string[] = []): Torrent => ({
  infoHash: 'aa'.repeat(20),
  files: [{ path: 'root.img', size: 1 }],
  size: 1,
  pieceLength: 1,
  pieces: Buffer.alloc(20),
  trackers,
  webSeeds,
})

const { folder } = await publishFolder()
const advise = (trackers: string[], webSeeds: string[] = []) =>
  adviceOn(
    { name: 'root.img.torrent', content: Buffer.alloc(0), torrent: torrent(trackers, webSeeds) },
    folder,
    loopback,
  )

const loopback: Listening = { bind: '127.0.0.1', port: 8000, trackerPort: 6969 }
const lan = Object.values(networkInterfaces())
  .flatMap(list => list ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address

test('a torrent that leads here brings no warning', async () => {
  for (const [trackers, webSeeds] of [
    [['http://127.0.0.1:6969/announce'], []],
    [['http://localhost:6969/announce'], ['http://127.0.0.1:8000/root.img']],
    // What guests of QEMU call the loopback.
    [['http://10.0.2.2:6969/announce'], ['http://10.0.2.2:8000/root.img']],
    [['http://192.0.2.9/announce', 'http://127.0.0.1:6969/announce'], []],
  ] as const)
    assert.equal(await advise([...trackers], [...webSeeds]), [], trackers.join())
})

test('a torrent that leads elsewhere brings a warning that says what to do', async () => {
  const cases: [string[], string[], string][] = [
    [[], [], 'it names no tracker'],
    [['http://127.0.0.1:6970/announce'], [], 'its tracker http://127.0.0.1:6970/announce is not this one'],
    [['http://192.0.2.9:6969/announce'], [], 'boot nodes with tracker=http://127.0.0.1:6969/announce'],
    [['udp://127.0.0.1:6969'], [], 'is not this one'],
    [['http://no-such-host.invalid:6969/announce'], [], 'is not this one'],
    [['http://[::1'], [], 'is not this one'],
    [
      ['http://127.0.0.1:6969/announce'],
      ['http://192.0.2.9:8000/root.img'],
      'its web seed http://192.0.2.9:8000/root.img is not served',
    ],
    [['http://127.0.0.1:6969/announce'], ['junk'], 'its web seed junk is not served'],
    [
      ['http://127.0.0.1:6969/announce'],
      ['http://127.0.0.1:8000/boot/root.img'],
      'and it has no such file: publish it with --base-url http://127.0.0.1:8000',
    ],
  ]
  for (const [trackers, webSeeds, wanted] of cases) {
    const advice = await advise(trackers, webSeeds)
    assert.is(advice.length, 1, trackers.join())
    assert.match(advice[0] ?? '', wanted)
  }
})

test('the Metalink beside a torrent leads here too', async () => {
  const metalink = (url: string) =>
    writeFileSync(
      join(folder, 'root.img.meta4'),
      `<metalink><file name="x"><url>${url}</url></file></metalink>`,
    )
  metalink('http://127.0.0.1:8000/root.img')
  assert.equal(await advise(['http://127.0.0.1:6969/announce']), [])
  metalink('http://127.0.0.1:80/root.img')
  assert.match(
    (await advise(['http://127.0.0.1:6969/announce']))[0] ?? '',
    'in its Metalink http://127.0.0.1:80/root.img is not',
  )
  rmSync(join(folder, 'root.img.meta4'))
})

test('the seeder is where the tracker of the torrents is', async () => {
  const all: Listening = { ...loopback, bind: '0.0.0.0' }
  const of = (trackers: string[], listening: Listening) =>
    advertisedAddresses(trackers.length === 0 ? [] : [torrent(trackers)], listening)
  assert.equal(await of([], loopback), ['127.0.0.1'])
  assert.equal(await of(['http://10.0.2.2:6969/announce'], loopback), ['10.0.2.2'])
  assert.equal(await of(['http://192.0.2.9:6969/announce'], loopback), ['127.0.0.1'])
  assert.equal(await of(['http://127.0.0.1:1/announce'], all), ['127.0.0.1'])
  assert.equal(await of([], all), [lan ?? '127.0.0.1'])
  assert.equal(await of(['http://127.0.0.1:1/announce'], { ...all, address: '192.0.2.7' }), ['192.0.2.7'])
})

test('where both families are listened on, the seeder is at an address of each that the trackers name', async () => {
  const both: Listening = { ...loopback, bind: '::' }
  const named = [torrent(['http://[::1]:6969/announce', 'http://127.0.0.1:6969/announce'])]
  assert.equal(await advertisedAddresses(named, both), ['::1', '127.0.0.1'])
  const [, other] = await advertisedAddresses([torrent(['http://[::1]:6969/announce'])], both)
  assert.is(other, lan)
})

test('what a client sends cannot move the cursor, begin a line or fill the screen', () => {
  assert.is(printable('a\nb\x1b[2J\u202e\u0007\r'), 'a\\u{a}b\\u{1b}[2J\\u{202e}\\u{7}\\u{d}')
  assert.ok(printable('x'.repeat(10_000)).length <= 301)
})

test('a client that causes a thousand lines gets a few, and a count', () => {
  const lines: string[] = []
  const events = new EventLines(line => lines.push(line))
  for (let n = 0; n < 1000; n += 1) events.about('10.0.0.9', `GET /${n}: 404`)
  events.about('10.0.0.8', 'GET /x: 404')
  events.say('node.torrent: complete')
  events.flush()
  assert.is(lines.filter(line => line.startsWith('10.0.0.9')).length, 6)
  assert.ok(lines.includes('10.0.0.9: 995 more of the kind'))
  assert.ok(lines.includes('10.0.0.8: GET /x: 404'))
  assert.ok(lines.includes('node.torrent: complete'))
})

test.run()
