// What a tracker answers to the shipped aria2c. Each answer is for a torrent of its own; aria2c must ask again, or say what was wrong.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Aria2, freePort, until } from './aria2-under-test.ts'
import { declareInputs, type HostileInput } from './inputs.ts'
import { infoOfZeros, torrentOf } from './made-torrent.ts'

/** MB that all of the answers together may take, and each of the large ones alone. */
const mostMemory = 192

const compact = (count: number) => {
  const peers = Buffer.alloc(count * 6)
  // Port 1 of the loopback: nobody is there.
  for (let at = 0; at < count; ++at)
    peers.set([127, (at >> 16) & 255, (at >> 8) & 255, at & 255, 0, 1], at * 6)
  return peers
}
const text = (...parts: (string | Buffer)[]) =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)))
const answer = (rest: string) => text(`d8:intervali1e${rest}e`)

/** Answers that aria2c gets all at once, each for another torrent. */
const small: [string, Buffer][] = [
  ['nothing', text('')],
  ['HTML', text('<!DOCTYPE html><title>404</title>')],
  ['a number', text('i1e')],
  ['a list', text('le')],
  ['a dictionary that does not end', text('d8:interval')],
  ['a string of 9223372036854775807 bytes', text('d8:intervali1e5:peers9223372036854775807:')],
  ['lists, 100,000 deep', text('l'.repeat(100_000))],
  ['dictionaries, 10,000 deep', text('d1:a'.repeat(10_000))],
  ['the same key twice', answer('8:intervali2e5:peers0:5:peers0:')],
  ['interval 0', text('d8:intervali0e5:peers0:e')],
  ['interval -1', text('d8:intervali-1e5:peers0:e')],
  ['interval 9223372036854775807', text('d8:intervali9223372036854775807e5:peers0:e')],
  ['min interval 9223372036854775807', answer('12:min intervali9223372036854775807e5:peers0:')],
  ['interval 1e400, a number as some write it', text('d8:intervali1E+400e5:peers0:e')],
  [
    'complete and incomplete 9223372036854775807',
    answer('8:completei9223372036854775807e10:incompletei9223372036854775807e'),
  ],
  ['complete -9223372036854775807', answer('8:completei-9223372036854775807e')],
  ['peers of 7 bytes', answer('5:peers7:abcdefg')],
  ['peers6 of 17 bytes', answer('6:peers617:abcdefghijklmnopq')],
  ['peers is a number', answer('5:peersi99e')],
  ['peers is a dictionary', answer('5:peersd2:ip9:127.0.0.14:porti1ee')],
  [
    'peers with ports 0, -1, 65536 and none',
    answer(
      '5:peersld2:ip9:127.0.0.14:porti0eed2:ip9:127.0.0.14:porti-1eed2:ip9:127.0.0.14:porti65536eed2:ip9:127.0.0.1ee',
    ),
  ],
  ['a peer with a host name that nobody resolves', answer('5:peersld2:ip15:no.such.invalid4:porti1eee')],
  ['a peer whose address is a megabyte', answer(`5:peersld2:ip1000000:${'1'.repeat(1_000_000)}4:porti1eee`)],
  ['20,000 peers', text('d8:intervali1e5:peers120000:', compact(20_000), 'e')],
  [
    '20,000 times the same peer',
    text('d8:intervali1e5:peers120000:', Buffer.alloc(120_000, compact(1)), 'e'),
  ],
  ['tracker id of 64 kB', answer(`10:tracker id65536:${'a'.repeat(65_536)}`)],
  ['a rack that is a number', answer('4:racki1e')],
  ['a rack that is a list', answer('4:rackl1:ae')],
  ['a rack of 65 bytes', answer(`4:rack65:${'a'.repeat(65)}`)],
  ['a rack of a megabyte', answer(`4:rack1000000:${'a'.repeat(1_000_000)}`)],
  ['failure reason of a megabyte', text(`d14:failure reason1000000:${'a'.repeat(1_000_000)}e`)],
  ['failure reason that is no text', text('d14:failure reasoni1ee')],
]

/** Answers that get an aria2c each, for its memory. */
const large: [string, Buffer][] = [
  ['5 MB of empty lists', text('d8:intervali1e5:peersl', 'le'.repeat(2_500_000), 'ee')],
  ['5 MB of peers', text('d8:intervali1e5:peers4800000:', compact(800_000), 'e')],
  ['5 MB of peers in dictionaries', answer(`5:peersl${'d2:ip9:127.0.0.14:porti1ee'.repeat(190_000)}e`)],
  ['64 MB', answer(`1:x64000000:${'a'.repeat(64_000_000)}`)],
]

/** A name of a rack that is as long as one may be. */
const rack = Buffer.alloc(64, '\0\n\x1b&=%\xff', 'latin1')
const named: [string, Buffer] = ['a rack of 64 bytes', text('d8:intervali1e4:rack64:', rack, 'e')]

const all = new Map([...small, ...large, named])
const announces = new Map<string, number>()
/** The rack that aria2c said it stands in when it asked last. */
const racks = new Map<string, string>()
const server = createServer((request, response) => {
  const name = decodeURIComponent(new URL(request.url ?? '/', 'http://tracker').pathname.slice(1))
  racks.set(name, /[?&]rack=([^&]*)/.exec(request.url ?? '')?.[1] ?? '')
  announces.set(name, (announces.get(name) ?? 0) + 1)
  response.end(all.get(name))
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const { port } = server.address() as AddressInfo

async function startWith(names: string[]): Promise<Aria2> {
  const torrents = names.map((name, at) => [
    `${at}.torrent`,
    torrentOf(infoOfZeros(`file-${at}`, 100), {
      announce: `http://127.0.0.1:${port}/${encodeURIComponent(name)}`,
    }).torrent,
  ])
  const files = Object.fromEntries(torrents)
  const words = [
    `--listen-port=${await freePort()}`,
    '--bt-tracker-interval=1',
    '--max-concurrent-downloads=99',
  ]
  return new Aria2([...words, ...Object.keys(files)], files)
}

/** What aria2c did with one answer: asking again is what a node has to do, whatever came. */
async function outcome(aria2: Aria2, name: string): Promise<string> {
  const again = () => (announces.get(name) ?? 0) >= 2
  await until(() => again() || aria2.ended !== undefined, 60_000)
  const peak = aria2.peak()
  assert.is(aria2.ended, undefined, aria2.output)
  assert.ok(again(), `asked ${announces.get(name) ?? 0} times`)
  assert.is(racks.get(name), toldAgain(name))
  assert.ok(peak < mostMemory, `aria2c needed ${peak} MB`)
  return `asks again; less than ${mostMemory} MB`
}

/** What the tracker is told again of a rack that it said. */
const toldAgain = (name: string) =>
  name === named[0]
    ? [...rack].map(byte => `%${byte.toString(16).padStart(2, '0').toUpperCase()}`).join('')
    : ''

const together = startWith(small.map(([name]) => name))
const alone = new Map([...large, named].map(([name]) => [name, startWith([name])]))
const inputs = [...all.keys()].map(
  (name): HostileInput => ({
    input: `announce answered with: ${name}`,
    expected: 'asks again, memory bounded',
    run: 'aria2c',
    see: async () => outcome(await (alone.get(name) ?? together), name),
  }),
)

declareInputs(test, 'trackers', inputs)

test.after(async () => {
  for (const aria2 of [together, ...alone.values()]) await (await aria2).stop()
  server.closeAllConnections()
  server.close()
})

test.run()
