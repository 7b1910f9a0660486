import bencode from 'bencode'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startTracker, type Tracker } from '../../generator/serve/tracker.ts'

const test = suite<{ tracker: Tracker }>('tracker')
const ours = 'aa'.repeat(20)

test.before.each(async context => {
  context.tracker = await startTracker({ infoHashes: [ours.toUpperCase()] })
})
test.after.each(({ tracker }) => tracker.close())

interface Peer {
  id: string
  port: number
  left: number
  hash?: string
  /** More of the query. */
  more?: string
}

/** Announces as a BitTorrent client does; what the tracker answers. */
async function announce(tracker: Tracker, { id, port, left, hash = ours, more = '' }: Peer) {
  const bytes = hash.replace(/../g, '%$&')
  const query = `info_hash=${bytes}&peer_id=${id.padEnd(20, '-')}&port=${port}&left=${left}&downloaded=0&uploaded=0`
  const response = await fetch(`${tracker.url}?${query}&event=started${more}`)
  return bencode.decode(new Uint8Array(await response.arrayBuffer()))
}

const addresses = (answer: { [key: string]: unknown }) =>
  (answer.peers as { ip: Uint8Array; port: number }[])
    .map(({ ip, port }) => `${Buffer.from(ip)}:${port}`)
    .sort()

test('peers learn of each other', async ({ tracker }) => {
  await announce(tracker, { id: 'seeder', port: 7001, left: 0 })
  const answer = await announce(tracker, { id: 'node', port: 7002, left: 99 })
  assert.equal(addresses(answer), ['127.0.0.1:7001', '127.0.0.1:7002'])
  assert.equal(
    tracker.announces.map(({ peer, event, left }) => [peer, event, left]),
    [
      ['127.0.0.1:7001', 'start', 0],
      ['127.0.0.1:7002', 'start', 99],
    ],
  )
})

test('a peer on the loopback may say where it is to be reached', async ({ tracker }) => {
  const answer = await announce(tracker, { id: 'seeder', port: 7001, left: 0, more: '&ip=10.0.2.2' })
  assert.equal(addresses(answer), ['10.0.2.2:7001'])
})

test('what is no address is not believed', async ({ tracker }) => {
  for (const ip of ['host.example', '1.2.3', '%0d%0aX-Y:1', '']) {
    const answer = await announce(tracker, { id: 'seeder', port: 7001, left: 0, more: `&ip=${ip}` })
    assert.equal(addresses(answer), ['127.0.0.1:7001'], ip)
  }
})

test('a torrent that is not ours is refused, in words', async ({ tracker }) => {
  const answer = await announce(tracker, { id: 'x', port: 7001, left: 0, hash: 'bb'.repeat(20) })
  assert.is(
    Buffer.from(answer['failure reason'] as Uint8Array).toString(),
    'this torrent is not tracked here',
  )
  assert.is(tracker.announces.length, 0)
})

test('rubbish does not end it', async ({ tracker }) => {
  const base = tracker.url.replace('/announce', '')
  for (const path of [
    '/announce',
    '/announce?info_hash=1&ip=1',
    '//',
    '/scrape?info_hash=x',
    '/x?ip=%',
    '/announce?%',
  ])
    await (await fetch(`${base}${path}`)).arrayBuffer()
  await announce(tracker, { id: 'seeder', port: 7001, left: 0 })
  assert.is(tracker.announces.length, 1)
})

test.run()
