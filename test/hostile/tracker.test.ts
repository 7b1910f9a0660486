/** What peers may tell `serve`'s tracker. Its own seeder is 10.0.0.1:6880, as for nodes. */
import bencode from 'bencode'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { EventLines } from '../../generator/serve/event-lines.ts'
import { peersOfAddress } from '../../generator/serve/swarm-peers.ts'
import { Tally } from '../../generator/serve/tally.ts'
import type { FoundTorrent } from '../../generator/serve/torrent-folder.ts'
import { startTracker, type Tracker } from '../../generator/serve/tracker.ts'
import { until } from '../serve/published.ts'
import { rawClient } from '../serve/raw-client.ts'
import { declareInputs, type HostileInput } from './inputs.ts'

const test = suite('hostile peers of serve')
const ours = 'aa'.repeat(20)
const seeder = { hosts: ['10.0.0.1'], port: 6880 }

let tracker: Tracker
const lines: string[] = []
const events = new EventLines(line => lines.push(line))
const found: FoundTorrent = {
  name: 'node\x1b[2J\naria2-initrd: verify: digest holds.torrent',
  content: Buffer.alloc(0),
  torrent: {
    infoHash: ours,
    files: [],
    size: 1000,
    pieceLength: 1,
    pieces: Buffer.alloc(0),
    trackers: [],
    webSeeds: [],
  },
}
test.before.each(async () => {
  const tally = new Tally(events)
  tracker = await startTracker({
    infoHashes: [ours],
    seeder: () => seeder,
    onAnnounce: announce => tally.announced(announce, found),
    onRefusal: (peer, reason) => events.about(peer, `tracker: ${reason}`),
  })
  events.flush()
  lines.length = 0
})
test.after.each(() => tracker.close())

const [attacker, node] = ['127.0.0.1', '127.0.0.9']
const sound = {
  info_hash: '%aa'.repeat(20),
  peer_id: 'p'.repeat(20),
  port: '7001',
  left: '5',
  uploaded: '0',
  downloaded: '0',
  compact: '1',
}

const queryOf = (changes: Record<string, string>) =>
  Object.entries({ ...sound, ...changes })
    .map(([key, value]) => `${key}=${value}`)
    .join('&')

async function asks(text: string, address: string): Promise<string> {
  const client = await rawClient(tracker.port, '127.0.0.1', address)
  client.socket.write(text, 'latin1')
  return client.end
}

const get = (target: string, more = '') =>
  `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${more}\r\n`

type Answer = { peers?: unknown; complete?: number; incomplete?: number; 'failure reason'?: Uint8Array }

const bodyOf = (answer: string): Answer =>
  bencode.decode(Buffer.from(answer.split('\r\n\r\n').slice(1).join('\r\n\r\n'), 'latin1')) as Answer

const announce = async (changes: Record<string, string> = {}, address = attacker) =>
  bodyOf(await asks(get(`/announce?${queryOf(changes)}`), address))

/** One connection, many announces. */
async function flood(count: number, changes: (index: number) => Record<string, string>): Promise<void> {
  const client = await rawClient(tracker.port, '127.0.0.1', attacker)
  for (let done = 0; done < count; done += 500) {
    const part = Array.from({ length: Math.min(500, count - done) }, (_, n) => changes(done + n))
    client.socket.write(
      part.map(each => `GET /announce?${queryOf(each)} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''),
    )
  }
  client.socket.write(get('/'))
  await client.end
}

function peersOf({ peers }: Answer): string[] {
  const list = Buffer.from(peers as Uint8Array)
  return Array.from({ length: list.length / 6 }, (_, n) => {
    const at = n * 6
    return `${[...list.subarray(at, at + 4)].join('.')}:${list.readUInt16BE(at + 4)}`
  })
}

/** What an honest node of another address is told. */
async function nodeSees(): Promise<{ peers: string[]; told: string }> {
  const peers = peersOf(await announce({ port: '7009', peer_id: 'n'.repeat(20) }, node))
  return { peers, told: `a node is told of ${peers[0]} first` }
}

const reasonOf = (answer: Answer) =>
  answer['failure reason'] === undefined ? 'accepted' : Buffer.from(answer['failure reason']).toString()

const id = (index: number) => String(index).padStart(20, '-')

/** An announce that is refused, and why. */
const refused = (input: string, changes: Record<string, string>, reason: string): HostileInput => ({
  input,
  expected: 'refused in words; counts for nothing',
  run: 'serve',
  async see() {
    const seen = reasonOf(await announce(changes))
    assert.is(seen, reason)
    assert.equal((await nodeSees()).peers.sort(), ['10.0.0.1:6880', '127.0.0.9:7009'])
    return seen
  },
})

/** Any request, and its status. */
const request = (input: string, text: string, expected: string): HostileInput => ({
  input,
  expected: 'refused; the tracker serves on',
  run: 'serve',
  async see() {
    const answer = await asks(text, attacker)
    assert.is(answer.slice(0, 12), `HTTP/1.1 ${expected}`)
    const { told } = await nodeSees()
    return `${expected}; ${told}`
  },
})

const inputs: HostileInput[] = [
  {
    input: '20,000 peers of one address, a port each',
    expected: "256 are remembered; the site's seeder comes first, and other addresses are in each answer",
    run: 'serve',
    async see() {
      await announce({ port: '7002', peer_id: id(1) }, '127.0.0.8')
      await flood(20_000, n => ({ port: String(10_000 + n), peer_id: id(n) }))
      const { peers, told } = await nodeSees()
      assert.ok(peers.includes('127.0.0.8:7002'))
      const { incomplete } = await announce({ port: '7009', peer_id: 'n'.repeat(20) }, node)
      assert.is(incomplete, peersOfAddress + 2)
      return `${told}, of 127.0.0.8:7002 too; ${incomplete} peers in all`
    },
  },
  {
    input: '300 other peers, and a node that wants 2 peers',
    expected: "the site's seeder is one of them",
    run: 'serve',
    async see() {
      await flood(300, n => ({ port: String(10_000 + n), peer_id: id(n) }))
      const peers = peersOf(await announce({ numwant: '2' }, node))
      return `${peers.length} peers, ${peers[0]} first`
    },
  },
  {
    input: "20,000 peers of one address that stand in a node's rack",
    expected: 'others of the rack, and of other racks, are in each answer',
    run: 'serve',
    async see() {
      await announce({ port: '7002', peer_id: id(1), rack: 'b12' }, '127.0.0.8')
      await announce({ port: '7003', peer_id: id(2), rack: 'b13' }, '127.0.0.7')
      await flood(20_000, n => ({ port: String(10_000 + n), peer_id: id(n), rack: 'b12' }))
      const peers = peersOf(await announce({ port: '7009', peer_id: 'n'.repeat(20), rack: 'b12' }, node))
      const others = peers.filter(peer => ['127.0.0.8:7002', '127.0.0.7:7003'].includes(peer))
      return `${peers[0]} first; ${others.sort().join(' and ')} are among ${peers.length}`
    },
  },
  {
    input: '20,000 announces of one peer, a rack each',
    expected: 'one peer',
    run: 'serve',
    async see() {
      await flood(20_000, n => ({ rack: `rack-${n}` }))
      const { incomplete } = await announce()
      return `${incomplete} peer`
    },
  },
  ...['%00', '%1b[2J', '%ff%fe', 'a'.repeat(65)].map(
    (rack): HostileInput => ({
      input: `rack=${rack}`,
      expected: 'no rack; the peer counts',
      run: 'serve',
      async see() {
        const answer = await announce({ rack })
        assert.is((answer as { rack?: unknown }).rack, undefined)
        return `${answer.incomplete} peer, no rack`
      },
    }),
  ),
  {
    input: '1,000 announces, each with another peer id',
    expected: 'one peer',
    run: 'serve',
    async see() {
      await flood(1000, n => ({ peer_id: id(n) }))
      const { incomplete } = await announce()
      return `${incomplete} peer`
    },
  },
  {
    input: '20,000 announces of one peer on one connection',
    expected: 'another address is answered meanwhile',
    run: 'serve',
    async see() {
      const flooding = flood(20_000, () => ({}))
      const { told } = await nodeSees()
      await flooding
      return told
    },
  },
  {
    input: 'event=stopped for the port of another peer of its address',
    expected: 'the other stays',
    run: 'serve',
    async see() {
      await announce({ port: '7003', peer_id: id(3) })
      await announce({ port: '7003', peer_id: id(4), event: 'stopped' })
      const stays = (await nodeSees()).peers.includes('127.0.0.1:7003')
      await announce({ port: '7003', peer_id: id(3), event: 'stopped' })
      const left = (await nodeSees()).peers.includes('127.0.0.1:7003')
      return `${stays ? 'stays' : 'gone'}; by its own id: ${left ? 'stays' : 'gone'}`
    },
  },
  {
    input: 'event=stopped for a peer that never came',
    expected: 'counts for nothing',
    run: 'serve',
    async see() {
      await announce({ event: 'stopped' })
      const { complete, incomplete } = await announce({}, node)
      return `${complete} complete, ${incomplete} not`
    },
  },
  {
    input: '2,000 times completed, a port each',
    expected: '5 lines and a count; the name of the torrent escaped; 256 are counted',
    run: 'serve',
    async see() {
      await flood(2000, n => ({ port: String(10_000 + n), peer_id: id(n), left: '0', event: 'completed' }))
      events.flush()
      assert.is(lines.length, 7)
      assert.not.match(lines.join(''), /[^ -~]/)
      return `${lines[0]} (5 times); ${lines.slice(-2).join('; ')}`
    },
  },
  {
    input: 'left=0 from one that has nothing',
    expected: 'one seeder more, and no line',
    run: 'serve',
    async see() {
      const { complete, incomplete } = await announce({ left: '0' })
      return `${complete} complete, ${incomplete} not; ${lines.length} lines`
    },
  },
  ...(
    [
      ['numwant=1000000000', '1000000000', 82],
      ['numwant=-1', '-1', 0],
      ['numwant=0', '0', 50],
    ] as const
  ).map(
    ([input, numwant, most]): HostileInput => ({
      input: `${input}, of 200 peers`,
      expected: `${most} peers`,
      run: 'serve',
      async see() {
        await flood(200, n => ({ port: String(10_000 + n), peer_id: id(n) }))
        const { length } = peersOf(await announce({ numwant }, node))
        assert.is(length, most)
        return `${length} peers`
      },
    }),
  ),
  {
    input: 'compact=0, a peer id of bytes that are no text',
    expected: 'the same bytes in the list',
    run: 'serve',
    async see() {
      await announce({ peer_id: `${'%ff%00%80'.repeat(6)}%0a%1b` })
      const { peers } = await announce({ compact: '0' }, node)
      const list = peers as { ip: Uint8Array; port: number; 'peer id': Uint8Array }[]
      const other = list.find(each => Buffer.from(each.ip).toString() === attacker)
      const first = list[0] === undefined ? '' : `${Buffer.from(list[0].ip)}:${list[0].port}`
      return `${first} first; ${Buffer.from(other?.['peer id'] ?? [])
        .toString('hex')
        .slice(0, 12)}…`
    },
  },
  ...(
    [
      ['a name', 'host.example'],
      ['999.1.1.1', '999.1.1.1'],
      ['1.2.3', '1.2.3'],
      ['a line feed and a header', '%0d%0aX-Y:1'],
    ] as const
  ).map(
    ([input, ip]): HostileInput => ({
      input: `ip=${input}`,
      expected: 'not believed: where it calls from is what counts',
      run: 'serve',
      async see() {
        const peers = peersOf(await announce({ ip }))
        assert.ok(peers.includes('127.0.0.1:7001'))
        return peers.join(' ')
      },
    }),
  ),
  {
    input: 'X-Forwarded-For: 9.9.9.9',
    expected: 'not believed',
    run: 'serve',
    async see() {
      const text = get(`/announce?${queryOf({})}`, 'X-Forwarded-For: 9.9.9.9\r\n')
      return peersOf(bodyOf(await asks(text, attacker))).join(' ')
    },
  },
  refused('port=0', { port: '0' }, 'port is not sound'),
  refused('port=65536', { port: '65536' }, 'port is not sound'),
  refused('port=1.5', { port: '1.5' }, 'port is not sound'),
  refused('two ports', { port: '1&port=2' }, 'port is given twice'),
  refused('left=-1', { left: '-1' }, 'left is not sound'),
  refused('left of 40 digits', { left: '9'.repeat(40) }, 'left is not sound'),
  refused('numwant=1e9', { numwant: '1e9' }, 'numwant is not sound'),
  refused('compact=2', { compact: '2' }, 'compact is not sound'),
  refused('event=__proto__', { event: '__proto__' }, 'event is not sound'),
  refused('an info hash of 19 bytes', { info_hash: '%aa'.repeat(19) }, 'invalid info_hash'),
  refused('an info hash of %u1234', { info_hash: '%u1234'.repeat(20) }, 'info_hash is not in bytes'),
  refused(
    'an info hash that is not there',
    { info_hash: '%bb'.repeat(20) },
    'this torrent is not tracked here',
  ),
  refused('a peer id of ESC and line feeds, too short', { peer_id: '%1b%0a' }, 'invalid peer_id'),
  {
    input: '1,000 announces of info hashes that are not there',
    expected: '5 lines and a count',
    run: 'serve',
    async see() {
      await Promise.all(
        Array.from({ length: 100 }, async (_, n) => {
          for (let part = 0; part < 10; part += 1)
            await announce({ info_hash: `%${(n + 20).toString(16).padStart(2, '0')}`.repeat(20) })
        }),
      )
      events.flush()
      return `${lines[0]} (5 times); ${lines.at(-1)}`
    },
  },
  {
    input: '2,000 parameters',
    expected: 'those of an announce count',
    run: 'serve',
    see: async () =>
      reasonOf(await announce({ x: Array.from({ length: 2000 }, (_, n) => `&x${n}=`).join('') })),
  },
  request('/scrape', get(`/scrape?info_hash=${sound.info_hash}`), '404'),
  request('/scrape of all', get('/scrape'), '404'),
  request('/scrape of 200 info hashes', get(`/scrape?${`info_hash=${sound.info_hash}&`.repeat(200)}`), '404'),
  request('/stats', get('/stats'), '404'),
  request('/announce/../scrape', get('/announce/../scrape'), '404'),
  request(
    'POST with content',
    `POST /announce?${queryOf({})} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`,
    '405',
  ),
  request('a query of 17 KiB', get(`/announce?${'x'.repeat(17 * 1024)}`), '431'),
  request('HTTP/9.9', 'GET /announce HTTP/9.9\r\n\r\n', '400'),
  {
    input: '1,500 connections of one address that send nothing',
    expected: 'another address is answered',
    run: 'serve',
    async see() {
      const clients = await Promise.all(
        Array.from({ length: 1500 }, () => rawClient(tracker.port, '127.0.0.1', attacker)),
      )
      const { told } = await nodeSees()
      await until('some are hung up on', () => clients.some(({ socket }) => socket.destroyed))
      for (const { socket } of clients) socket.destroy()
      return told
    },
  },
]

declareInputs(test, 'tracker', inputs)
test.run()
