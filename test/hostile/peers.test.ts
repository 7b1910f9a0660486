// What a peer sends to the shipped aria2c, on the wire. After each input aria2c must answer the next handshake, and must not have
// needed more memory than it may.
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Aria2, freePort, until } from './aria2-under-test.ts'
import { HostilePeer, handshake, message } from './hostile-peer.ts'
import { declareInputs, type HostileInput } from './inputs.ts'
import { infoOfZeros, torrentOf } from './made-torrent.ts'

type Role = 'seeder' | 'seeder of files' | 'loading' | 'magnet'

interface Running {
  aria2: Aria2
  port: number
  infoHash: Buffer
}

const length = 100_000
const running = new Map<Role, Running>()

async function start(role: Role): Promise<Running> {
  const files = role === 'seeder of files'
  const info = infoOfZeros(role.replaceAll(' ', '-'), length)
  if (files) {
    delete info.length
    info.files = [
      { length: 1000, path: ['a'] },
      { length: length - 1000, path: ['b'] },
    ]
  }
  const { torrent, infoHash } = torrentOf(info)
  const port = await freePort()
  const words = [`--listen-port=${port}`, '--seed-time=10', '--seed-ratio=0.0', '--check-integrity=true']
  const content: Record<string, Uint8Array> = {}
  if (role === 'seeder') content.seeder = new Uint8Array(length)
  if (files) {
    content['seeder-of-files/a'] = new Uint8Array(1000)
    content['seeder-of-files/b'] = new Uint8Array(length - 1000)
  }
  const aria2 =
    role === 'magnet'
      ? new Aria2([...words, `magnet:?xt=urn:btih:${infoHash.toString('hex')}`])
      : new Aria2([...words, '--torrent-file=t.torrent'], { ...content, 't.torrent': torrent })
  const run = { aria2, port, infoHash }
  assert.ok(await until(() => answers(run)), `aria2c as ${role} does not listen: ${aria2.output}`)
  return run
}

/** Whether a peer's handshake is answered by aria2c's own. */
async function answers({ port, infoHash, aria2 }: Running): Promise<boolean> {
  if (aria2.ended !== undefined) return false
  try {
    const peer = await HostilePeer.dial(port)
    await peer.send(handshake(infoHash))
    const answered = await until(() => peer.received.length >= 68 || peer.closed, 2000)
    peer.close()
    return answered && peer.received.length >= 68
  } catch {
    return false
  }
}

const mostMemory = 64

/** Connects, shakes hands (unless told not to), sends, and tells what became of aria2c. */
function attack(
  role: Role,
  send: (peer: HostilePeer, run: Running) => Promise<unknown>,
  shakeHands = true,
): () => Promise<string> {
  return async () => {
    let run = running.get(role)
    if (run === undefined || run.aria2.ended !== undefined) {
      await run?.aria2.stop()
      run = await start(role)
      running.set(role, run)
    }
    const { aria2 } = run
    aria2.forgetPeak()
    const peer = await HostilePeer.dial(run.port)
    if (shakeHands) {
      await peer.send(handshake(run.infoHash))
      await until(() => peer.received.length >= 68, 2000)
    }
    await send(peer, run)
    // It reads what was sent, and whether the connection is closed for it is its own affair.
    await sleep(50)
    peer.close()
    const goesOn = await until(async () => aria2.ended !== undefined || (await answers(run)), 20_000)
    const peak = aria2.peak()
    assert.is(aria2.ended, undefined, aria2.output)
    assert.ok(goesOn, 'aria2c does not answer any more')
    assert.ok(peak < mostMemory, `aria2c needed ${peak} MB`)
    return `goes on; less than ${mostMemory} MB`
  }
}

const raw = (text: string) => Buffer.from(text, 'latin1')
/** An extension message: our number 9 is ut_metadata, 8 is ut_pex, 0 the handshake (PeerInteractionCommand.cc). */
const extension = (id: number, text: string) => message(20, raw(String.fromCharCode(id) + text))
const metadata = (type: number, piece: string, rest = '', data = '') =>
  extension(9, `d8:msg_typei${type}e5:piecei${piece}e${rest}e${data}`)
const hello = (rest: string, names = '11:ut_metadatai3e6:ut_pexi1e') => extension(0, `d1:md${names}e${rest}e`)
const size = `13:metadata_sizei${torrentOf(infoOfZeros('magnet', length)).info.length}e`
const sends =
  (...parts: Buffer[]) =>
  (peer: HostilePeer) =>
    peer.send(Buffer.concat(parts))
/** Lets itself be unchoked first. */
const interested =
  (...parts: Buffer[]) =>
  async (peer: HostilePeer) => {
    await peer.send(message(2))
    await until(() => peer.received.includes(Buffer.from([0, 0, 0, 1, 1])), 2000)
    await peer.send(Buffer.concat(parts))
    await sleep(200)
  }
const repeated = (count: number, bytes: Buffer) => Buffer.alloc(count * bytes.length, bytes)
const neverReads = (asks: Buffer) => async (peer: HostilePeer) => {
  await peer.send(message(2))
  await until(() => peer.received.includes(Buffer.from([0, 0, 0, 1, 1])), 2000)
  peer.stopReading()
  for (let i = 0; i < 10 && !peer.closed; ++i) await peer.send(asks)
  await sleep(500)
}

const kinds: [string, Role, (peer: HostilePeer, run: Running) => Promise<unknown>, boolean?][] = [
  ['length prefix ff ff ff ff, then 05', 'seeder', sends(raw('\xff\xff\xff\xff\x05'))],
  [
    'length prefix ff ff ff fc, then 2 MB of A',
    'seeder',
    sends(raw('\xff\xff\xff\xfc'), repeated(2_000_000, raw('A'))),
  ],
  [
    'length prefix ff ff ff, a pause, then 2 MB',
    'seeder',
    async peer => {
      await peer.send('\xff\xff\xff')
      await sleep(300)
      await peer.send(repeated(2_000_000, raw('\0\0\0A')))
    },
  ],
  [
    'length prefix 00 ff ff, a pause, then 64 kB',
    'seeder',
    async peer => {
      await peer.send('\0\xff\xff')
      await sleep(300)
      await peer.send(repeated(64_000, raw('A')))
    },
  ],
  ['length prefix 80 00 00 00, then 1 MB', 'seeder', sends(raw('\x80\0\0\0'), repeated(1_000_000, raw('A')))],
  ['a message of one byte more than the buffer', 'seeder', sends(raw('\0\0\x40\x7d'), Buffer.alloc(16_509))],
  ['message 255', 'seeder', sends(message(255))],
  ['an extension message without its number', 'seeder', sends(message(20))],
  ['have, 3 bytes', 'seeder', sends(message(4, 'abc'))],
  ['have: piece 4294967295', 'loading', sends(message(4, 0xffffffff))],
  ['bitfield of 0 bytes', 'loading', sends(message(5))],
  ['bitfield of 1 byte, 7 pieces need it', 'loading', sends(message(5, '\xff'))],
  ['bitfield of 16 kB', 'loading', sends(message(5, repeated(16_000, raw('\xff'))))],
  [
    'bitfield, have all, have none, bitfield, all of it 1,000 times',
    'loading',
    sends(repeated(1000, Buffer.concat([message(5, '\xfc'), message(14), message(15), message(5, '\x00')]))),
  ],
  [
    'choke and unchoke, 100,000 times',
    'loading',
    sends(repeated(100_000, Buffer.concat([message(0), message(1)]))),
  ],
  ['keep-alive, 1,000,000 times', 'seeder', sends(repeated(1_000_000, raw('\0\0\0\0')))],
  ['request: piece 4294967295', 'seeder', interested(message(6, 0xffffffff, 0, 16384))],
  ['request: begin is negative, one file', 'seeder', interested(message(6, 0, 0xfffffc17, 16384))],
  [
    'request: begin is negative, several files',
    'seeder of files',
    interested(message(6, 0, 0xfffffc17, 16384)),
  ],
  [
    'request: begin is -2147483648, several files',
    'seeder of files',
    interested(message(6, 0, 0x80000000, 16384)),
  ],
  ['request: length 0', 'seeder', interested(message(6, 0, 0, 0))],
  ['request: length 2147483647', 'seeder', interested(message(6, 0, 0, 0x7fffffff))],
  ['request: begin and length overflow', 'seeder', interested(message(6, 0, 16383, 0x7fffffff))],
  ['request: over the end of the last piece', 'seeder of files', interested(message(6, 6, 1000, 16384))],
  [
    'cancel, reject, suggest, allowed fast: pieces that there are not',
    'loading',
    sends(message(8, 0xffffffff, 0xffffffff, 0xffffffff)),
  ],
  ['reject of what was never asked for', 'loading', sends(message(16, 0, 0, 16384))],
  ['suggest: piece 4294967295', 'loading', sends(message(13, 0xffffffff))],
  ['allowed fast: piece 4294967295', 'loading', sends(message(17, 0xffffffff))],
  ['port 0, and a port of DHT', 'seeder', sends(message(9, '\0\0'), message(9, '\x1a\xe1'))],
  ['piece that was not asked for', 'loading', sends(message(7, 0, 0, repeated(16_384, raw('A'))))],
  ['piece 4294967295, begin -1', 'loading', sends(message(7, 0xffffffff, 0xffffffff, 'A'))],
  ['piece of no bytes', 'loading', sends(message(7, 0, 0))],
  [
    'asks for 4,000,000 blocks and never reads',
    'seeder',
    neverReads(repeated(400_000, message(6, 0, 0, 16384))),
  ],
  [
    'asks for 4,000,000 pieces of metadata and never reads',
    'seeder',
    neverReads(repeated(400_000, metadata(0, '0'))),
  ],
  [
    'ut_metadata: a piece that was not asked for',
    'seeder',
    sends(metadata(1, '0', '10:total_sizei100e', 'XXXX')),
  ],
  ['ut_metadata: request of piece 2^50', 'seeder', sends(hello(''), metadata(0, '1125899906842624'))],
  ['ut_metadata: request of piece 2^63 - 1', 'seeder', sends(hello(''), metadata(0, '9223372036854775807'))],
  ['ut_metadata: request of piece -1', 'seeder', sends(hello(''), metadata(0, '-1'))],
  ['ut_metadata: message type 99, no dictionary, nothing', 'seeder', sends(metadata(99, '0'))],
  [
    'ut_metadata: a list, then a number out of range',
    'seeder',
    sends(extension(9, 'le'), extension(9, 'i99999999999999999999e')),
  ],
  ['ut_metadata: lists, 8,000 deep', 'seeder', sends(extension(9, 'l'.repeat(8000)))],
  [
    'ut_metadata: a string of 9223372036854775807 bytes',
    'seeder',
    sends(extension(9, '9223372036854775807:')),
  ],
  ['extension message 200', 'seeder', sends(extension(200, 'de'))],
  [
    'extension handshake: ids 256 and -1, port 65536',
    'seeder',
    sends(hello('1:pi65536e', '11:ut_metadatai256e6:ut_pexi-1e')),
  ],
  ['extension handshake: 8,000 empty lists', 'seeder', sends(extension(0, `d1:xl${'le'.repeat(8000)}ee`))],
  ['extension handshake: the same key twice', 'seeder', sends(extension(0, 'd1:md1:ai1ee1:md1:bi1eee'))],
  [
    'extension handshake: a rack that is a list, a number, of 65 bytes, of 100 kB',
    'loading',
    sends(
      ...['le', 'i1e', `65:${'a'.repeat(65)}`, `100000:${'a'.repeat(100_000)}`].map(rack =>
        hello(`4:rack${rack}`),
      ),
    ),
  ],
  ['extension handshake, 10,000 times', 'seeder', sends(repeated(10_000, hello('')))],
  [
    'ut_pex: 7 bytes, and 17 of IPv6',
    'loading',
    sends(extension(8, 'd5:added7:abcdefg6:added617:abcdefghijklmnopqe')),
  ],
  [
    'ut_pex: 2,700 peers of the loopback, 20 times',
    'loading',
    async peer => {
      for (let i = 0; i < 20; ++i) {
        const peers = Array.from({ length: 2700 }, (_, at) =>
          String.fromCharCode(127, i, at >> 8, at & 255, 0, 1),
        )
        await peer.send(extension(8, `d5:added16200:${peers.join('')}e`))
      }
    },
  ],
  [
    '1,500 connections that say nothing, of two addresses',
    'seeder',
    async (_, { port }) => {
      const silent: HostilePeer[] = []
      for (let at = 0; at < 1500; ++at) silent.push(await HostilePeer.dial(port, `127.0.0.${2 + (at % 2)}`))
      // All but 16 of each are turned away, 20 times 100 a second.
      const turnedAway = await until(() => silent.filter(peer => peer.closed).length >= 1500 - 32, 30_000)
      const left = silent.filter(peer => !peer.closed).length
      for (const peer of silent) peer.close()
      assert.ok(turnedAway, `${left} were kept`)
    },
  ],
  ['handshake: 4 kB of zeros', 'seeder', sends(Buffer.alloc(4096)), false],
  [
    'handshake: another protocol name',
    'seeder',
    sends(raw('\xffBitTorrent protocol'), Buffer.alloc(48)),
    false,
  ],
  ['handshake: an info hash that nobody has', 'seeder', sends(handshake(Buffer.alloc(20))), false],
  [
    'handshake: 48 bytes, then nothing',
    'seeder',
    (peer, { infoHash }) => peer.send(handshake(infoHash).subarray(0, 48)),
    false,
  ],
  [
    'handshake: byte by byte, the next message at once',
    'seeder',
    async (peer, { infoHash }) => {
      for (const byte of Buffer.concat([handshake(infoHash), raw('\0\0\0\x01\x02\0\0')]))
        await peer.send(Buffer.from([byte]))
    },
    false,
  ],
  [
    'encrypted handshake: public key 0, then 1 MB',
    'seeder',
    sends(Buffer.alloc(96), repeated(1_000_000, raw('A'))),
    false,
  ],
  ['encrypted handshake: public key of ff, then nothing', 'seeder', sends(Buffer.alloc(96, 0xff)), false],
  ['magnet: metadata_size 0', 'magnet', sends(hello('13:metadata_sizei0e'))],
  ['magnet: metadata_size -1', 'magnet', sends(hello('13:metadata_sizei-1e'))],
  [
    'magnet: metadata_size 9223372036854775807',
    'magnet',
    sends(hello('13:metadata_sizei9223372036854775807e')),
  ],
  ['magnet: no ut_metadata', 'magnet', sends(hello(size, ''))],
  [
    'magnet: messages about pieces before there are any',
    'magnet',
    sends(
      message(4, 7),
      message(5, '\xff\xff'),
      message(6, 0, 0xfffffc17, 1),
      message(7, 1, 0xffffffff, 'A'),
      message(8, 1, 2, 3),
      message(13, 9),
      message(14),
      message(16, 0, 0, 0),
      message(17, 0xffffffff),
    ),
  ],
  [
    'magnet: a piece before its size is known',
    'magnet',
    sends(metadata(1, '0', '10:total_sizei100e', 'XXXX')),
  ],
  [
    'magnet: a piece of another size',
    'magnet',
    async peer => {
      await peer.send(hello(size))
      await sleep(300)
      await peer.send(metadata(1, '0', '10:total_sizei100e', 'X'.repeat(16_000)))
      await sleep(200)
    },
  ],
  [
    'magnet: piece 2^48',
    'magnet',
    async peer => {
      await peer.send(hello(size))
      await sleep(300)
      await peer.send(metadata(1, '281474976710656', '10:total_sizei100e', 'XXXX'))
    },
  ],
  [
    'magnet: a piece of the right size and the wrong bytes',
    'magnet',
    async peer => {
      await peer.send(hello(size))
      await sleep(300)
      await peer.send(
        metadata(
          1,
          '0',
          '10:total_sizei100e',
          'X'.repeat(torrentOf(infoOfZeros('magnet', length)).info.length),
        ),
      )
      await sleep(200)
    },
  ],
]

const inputs = kinds.map(
  ([input, role, send, shakeHands]): HostileInput => ({
    input,
    expected: 'goes on, memory bounded',
    run: 'aria2c',
    see: attack(role, send, shakeHands),
  }),
)

declareInputs(test, 'peers', inputs)

test.after(async () => {
  for (const { aria2 } of running.values()) await aria2.stop()
})

test.run()
