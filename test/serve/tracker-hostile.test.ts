/** Peers that lie to the tracker, or talk rubbish. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import bencode from 'bencode'
import * as fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startTracker, type Tracker } from '../../generator/serve/tracker.ts'
import { needs } from '../support/needs.ts'
import { root } from '../support/root.ts'
import { rawClient, rawRequest } from './raw-client.ts'

const test = suite<{ tracker: Tracker; known: Set<string> }>('hostile peers')
const ours = 'aa'.repeat(20)
const hash = '%aa'.repeat(20)

test.before.each(async context => {
  context.known = new Set([ours])
  context.tracker = await startTracker({ infoHashes: context.known })
})
test.after.each(({ tracker }) => tracker.close())

const sound = {
  info_hash: hash,
  peer_id: 'p'.repeat(20),
  port: '7001',
  left: '5',
  uploaded: '0',
  downloaded: '0',
}

type Answer = { [key: string]: unknown }

async function ask(tracker: Tracker, query: string, path = '/announce'): Promise<Answer> {
  const answer = await rawRequest(tracker.port, `GET ${path}?${query} HTTP/1.1`)
  return bencode.decode(Buffer.from(answer.split('\r\n\r\n').slice(1).join('\r\n\r\n'), 'latin1'))
}

/** An announce as it should be, with some of it changed; `undefined` leaves a key out. */
function announce(tracker: Tracker, changes: Record<string, string | undefined> = {}): Promise<Answer> {
  const entries = Object.entries({ compact: '1', ...sound, ...changes }).filter(
    ([, value]) => value !== undefined,
  )
  return ask(tracker, entries.map(([key, value]) => `${key}=${value}`).join('&'))
}

const reason = (answer: Answer) =>
  answer['failure reason'] === undefined
    ? undefined
    : Buffer.from(answer['failure reason'] as Uint8Array).toString()

const peers = (answer: Answer): string[] => {
  const list = Buffer.from(answer.peers as Uint8Array)
  return Array.from({ length: list.length / 6 }, (_, index) => {
    const at = index * 6
    return `${[...list.subarray(at, at + 4)].join('.')}:${list.readUInt16BE(at + 4)}`
  })
}

test('what an announce may not hold is refused in words, and counts for nothing', async ({ tracker }) => {
  const cases: [Record<string, string | undefined>, RegExp][] = [
    [{ info_hash: undefined }, /info_hash is missing/],
    [{ info_hash: 'junk' }, /invalid info_hash/],
    [{ info_hash: '%aa'.repeat(19) }, /invalid info_hash/],
    [{ info_hash: '%aa'.repeat(21) }, /invalid info_hash/],
    [{ info_hash: '%bb'.repeat(20) }, /not tracked here/],
    [{ info_hash: '%u1234'.repeat(20) }, /info_hash is not in bytes/],
    [{ peer_id: 'short' }, /invalid peer_id/],
    [{ peer_id: '%u00e9'.repeat(20) }, /peer_id is not in bytes/],
    [{ port: '0' }, /port/],
    [{ port: '65536' }, /port/],
    [{ port: '99999999999' }, /port/],
    [{ port: '-1' }, /port/],
    // The library itself would end over this one.
    [{ port: '1.5' }, /port/],
    [{ port: '1e3' }, /port/],
    [{ port: '0x50' }, /port/],
    [{ port: undefined }, /port is missing/],
    [{ left: '-1' }, /left/],
    [{ left: 'NaN' }, /left/],
    [{ left: '9'.repeat(40) }, /left/],
    [{ left: undefined }, /left is missing/],
    [{ uploaded: '-5' }, /uploaded/],
    [{ compact: '2' }, /compact/],
    [{ event: 'conquer' }, /event/],
    [{ event: '__proto__' }, /event/],
    [{ numwant: 'many' }, /numwant/],
    [{ port: '7001&port=7002' }, /port is given twice/],
  ]
  for (const [changes, wanted] of cases)
    assert.match(reason(await announce(tracker, changes)) ?? 'accepted', wanted, JSON.stringify(changes))
  assert.is(tracker.announces.length, 0)
  assert.equal(peers(await announce(tracker)), ['127.0.0.1:7001'])
})

test('other paths and methods', async ({ tracker }) => {
  for (const path of ['/', '/stats', '/stats.json', '/announce/x', '/..', '/scrape/'])
    assert.ok(reason(await ask(tracker, '', path)), path)
  assert.match(
    await rawRequest(tracker.port, 'POST /announce HTTP/1.1\r\nContent-Length: 0'),
    'not for trackers',
  )
  await ask(tracker, `info_hash=${hash}`, '/scrape')
  await ask(tracker, `info_hash=${hash}&`.repeat(100), '/scrape')
  assert.equal(peers(await announce(tracker)), ['127.0.0.1:7001'])
})

test('a peer gets no more than 82 others, whatever it wants', async ({ tracker }) => {
  for (let port = 7001; port <= 7100; port += 1) await announce(tracker, { port: `${port}` })
  assert.is(peers(await announce(tracker, { numwant: '1000000000' })).length, 82)
  assert.is(peers(await announce(tracker, { numwant: '3' })).length, 3)
  assert.is(peers(await announce(tracker, { numwant: '-1' })).length, 0)
})

needs(
  test,
  { unshare: 'util-linux', ip: 'iproute2' },
  true,
)('a peer on another machine is not believed about its address', () => {
  // A network of its own with two addresses: the tracker's and the peer's.
  const script = fileURLToPath(new URL('liar.ts', import.meta.url))
  const set = 'ip link set lo up && ip address add 10.9.0.1/32 dev lo && ip address add 10.9.0.2/32 dev lo'
  const { stdout, stderr } = spawnSync(
    'unshare',
    ['--net', 'sh', '-c', `${set} && exec "$@"`, 'sh', process.execPath, '--import', 'tsx', script],
    { encoding: 'utf8', cwd: root },
  )
  assert.is(stdout, '10.9.0.2:7001\n', stderr)
})

test('the list of torrents may change meanwhile', async ({ tracker, known }) => {
  known.delete(ours)
  assert.match(reason(await announce(tracker)) ?? '', 'not tracked here')
  known.add(ours)
  assert.is(reason(await announce(tracker)), undefined)
})

test('a header of 1 MB, and one that never ends', async ({ tracker }) => {
  const big = await rawClient(tracker.port)
  big.socket.write(`GET /announce?info_hash=${'%aa'.repeat(400_000)} HTTP/1.1\r\n\r\n`)
  assert.match(await big.end, /^(HTTP\/1\.1 431|$)/)
  const hanging = await Promise.all(Array.from({ length: 200 }, () => rawClient(tracker.port)))
  for (const { socket } of hanging) socket.write('GET /announce?')
  assert.equal(peers(await announce(tracker)), ['127.0.0.1:7001'])
  for (const { socket } of hanging) socket.destroy()
})

test('any query is answered, and the tracker lives', async ({ tracker }) => {
  const value = fc.oneof(
    fc.constantFrom(
      hash,
      sound.peer_id,
      '7001',
      '0',
      '-1',
      '1e9',
      'NaN',
      '',
      '%',
      '%u',
      '%00',
      '1.5',
      'started',
      'stopped',
      'completed',
      'paused',
      'empty',
    ),
    fc.string({ maxLength: 30 }).map(encodeURIComponent),
    fc.integer().map(String),
  )
  const key = fc.constantFrom(
    'info_hash',
    'peer_id',
    'port',
    'left',
    'uploaded',
    'downloaded',
    'compact',
    'numwant',
    'event',
    'ip',
    '__proto__',
    'toString',
  )
  const query = fc.array(fc.tuple(key, value), { maxLength: 6 })
  const asked = async (path: string, changes: [string, string][]) => {
    const entries: [string, string][] = [
      ...Object.entries(sound).filter(([name]) => !changes.some(([each]) => each === name)),
      ...changes,
    ]
    const answer = await fetch(
      `http://127.0.0.1:${tracker.port}${path}?${entries.map(pair => pair.join('=')).join('&')}`,
    )
    bencode.decode(new Uint8Array(await answer.arrayBuffer()))
  }
  await fc.assert(fc.asyncProperty(fc.constantFrom('/announce', '/scrape'), query, asked), {
    numRuns: 500,
    seed: Number(process.env.SEED ?? 1),
  })
  assert.ok(peers(await announce(tracker)).includes('127.0.0.1:7001'))
})

test.run()
