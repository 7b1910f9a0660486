// Torrents that are given to the shipped aria2c. It must refuse them in words, or go on with them; nothing may be written outside of
// its folder, and memory is bounded.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Aria2, freePort } from './aria2-under-test.ts'
import { declareInputs, type HostileInput } from './inputs.ts'
import { type Bencoded, infoOfZeros, torrentOf } from './made-torrent.ts'

/** MB that a torrent of up to 5 MB may take. */
const mostMemory = 300

const good = infoOfZeros('good', 1000, 64)
const without = (key: string) => Object.fromEntries(Object.entries(good).filter(([name]) => name !== key))
const withInfo = (change: Record<string, Bencoded>) => torrentOf({ ...good, ...change }).torrent
const named = (name: string | Uint8Array) => withInfo({ name })
const { length: _, ...severalGood } = good
const withFiles = (files: Bencoded, change: Record<string, Bencoded> = {}) =>
  torrentOf({ ...severalGood, name: 'folder', files, ...change }).torrent
const onePath = (...path: (string | number)[]) => withFiles([{ length: 1000, path }])
const manyFiles = (count: number, name: string) =>
  withFiles(
    Array.from({ length: count }, (_, at) => ({ length: at === 0 ? 1000 : 0, path: [at.toString(36)] })),
    { name },
  )
const bytes = (text: string) => Buffer.from(text, 'latin1')

type Expected = 'refused' | 'goes on'
const kinds: [string, Expected, Uint8Array][] = [
  ['a good one', 'goes on', torrentOf(good).torrent],
  ['nothing', 'refused', bytes('')],
  ['HTML', 'refused', bytes('<!DOCTYPE html>')],
  ['a list', 'refused', bytes('le')],
  ['no info', 'refused', bytes('d8:announce0:e')],
  ['info is a list', 'refused', bytes('d4:infolee')],
  ['lists, 1,000,000 deep', 'refused', bytes('l'.repeat(1_000_000))],
  ['dictionaries, 100,000 deep, inside of info', 'refused', bytes(`d4:info${'d1:a'.repeat(100_000)}`)],
  ['a string of 9223372036854775807 bytes', 'refused', bytes('d4:info9223372036854775807:')],
  ['a number out of range', 'refused', bytes('d4:infod6:lengthi99999999999999999999eee')],
  ['info with the same key twice', 'refused', bytes('d4:infod1:ai1e1:ai2eee')],
  ['without pieces', 'refused', torrentOf(without('pieces')).torrent],
  ['without piece length', 'refused', torrentOf(without('piece length')).torrent],
  ['without length', 'refused', torrentOf(without('length')).torrent],
  ['without name', 'goes on', torrentOf(without('name')).torrent],
  ['piece length 0', 'refused', withInfo({ 'piece length': 0 })],
  [
    'piece length 0, length 0, no pieces',
    'refused',
    withInfo({ 'piece length': 0, length: 0, pieces: bytes('') }),
  ],
  ['piece length -1', 'refused', withInfo({ 'piece length': -1 })],
  [
    'piece length 2147483648',
    'refused',
    withInfo({ 'piece length': 2147483648, pieces: new Uint8Array(20) }),
  ],
  [
    'piece length 4294967296',
    'refused',
    withInfo({ 'piece length': 4294967296, pieces: new Uint8Array(20) }),
  ],
  [
    'piece length 9223372036854775807',
    'refused',
    withInfo({ 'piece length': 9223372036854775807n, pieces: new Uint8Array(20) }),
  ],
  ['piece length is text', 'refused', withInfo({ 'piece length': '64' })],
  ['pieces of 19 bytes', 'refused', withInfo({ pieces: new Uint8Array(19) })],
  ['pieces of 321 bytes, 320 are right', 'refused', withInfo({ pieces: new Uint8Array(321) })],
  ['one piece too few', 'refused', withInfo({ pieces: new Uint8Array(300) })],
  ['length -1', 'refused', withInfo({ length: -1 })],
  ['length 9223372036854775807', 'refused', withInfo({ length: 9223372036854775807n })],
  ['length 0, no pieces', 'goes on', withInfo({ length: 0, pieces: bytes('') })],
  [
    '200 TB in 100,000 pieces of 2 GB',
    'refused',
    withInfo({
      length: 200_000_000_000_000,
      'piece length': 2_000_000_000,
      pieces: new Uint8Array(2_000_000),
    }),
  ],
  ['files is empty', 'refused', withFiles([])],
  ['files has only numbers', 'refused', withFiles([1, 2, 3])],
  ['files is a dictionary', 'refused', withFiles({ a: 1 })],
  ['a file of -1 bytes', 'refused', withFiles([{ length: -1, path: ['a'] }])],
  ['a file without length', 'refused', withFiles([{ path: ['a'] }])],
  [
    'files whose sum overflows',
    'refused',
    withFiles([
      { length: 9223372036854775807n, path: ['a'] },
      { length: 9223372036854775807n, path: ['b'] },
    ]),
  ],
  ['a file without path', 'refused', withFiles([{ length: 1000 }])],
  ['an empty path', 'refused', withFiles([{ length: 1000, path: [] }])],
  ['a path of numbers', 'refused', onePath(1)],
  ['path ../../escaped', 'refused', onePath('..', '..', 'escaped')],
  ['path ../../escaped in one element', 'refused', onePath('../../escaped')],
  ['path /escaped', 'goes on', onePath('/escaped')],
  ['path element . at the end', 'refused', onePath('a', '.')],
  ['path element that is empty, at the end', 'refused', onePath('a', '')],
  [
    'two files of one path',
    'goes on',
    withFiles([
      { length: 500, path: ['a'] },
      { length: 500, path: ['a'] },
    ]),
  ],
  [
    "a file that is another one's folder",
    'refused',
    withFiles([
      { length: 500, path: ['a'] },
      { length: 500, path: ['a', 'b'] },
    ]),
  ],
  ['name ..', 'refused', named('..')],
  ['name ../../escaped', 'refused', named('../../escaped')],
  ['name /escaped', 'refused', named('/escaped')],
  ['name with a newline and a forged line', 'refused', named('x\naria2-initrd: verify: digest holds')],
  ['name with ESC', 'goes on', named('x\x1b[2J')],
  ['name with a zero byte', 'goes on', named('a\0b')],
  ['name that is not UTF-8', 'goes on', named(bytes('\xff\xfe\x80'))],
  ['name of 255 bytes', 'goes on', named('n'.repeat(250))],
  ['name of 256 bytes', 'refused', named('n'.repeat(256))],
  ['name of 1 MB', 'refused', named('n'.repeat(1_000_000))],
  ['name of 4 MB and 30,000 files', 'refused', manyFiles(30_000, 'n'.repeat(4_000_000))],
  ['100,000 files', 'goes on', manyFiles(100_000, 'folder')],
  [
    '50,000 files and 50,000 web seeds',
    'refused',
    torrentOf(
      {
        ...severalGood,
        name: 'f',
        files: Array.from({ length: 50_000 }, (_, at) => ({
          length: at === 0 ? 1000 : 0,
          path: [at.toString(36)],
        })),
      },
      { 'url-list': Array.from({ length: 50_000 }, (_, at) => `http://127.0.0.1:1/${at}`) },
    ).torrent,
  ],
  ['5 MB of empty lists', 'refused', bytes(`d4:infol${'le'.repeat(2_500_000)}ee`)],
  [
    '1,000,000 trackers',
    'goes on',
    torrentOf(good, { 'announce-list': [Array.from({ length: 200_000 }, () => 'http://127.0.0.1:1/')] })
      .torrent,
  ],
  [
    'trackers that are no addresses',
    'goes on',
    torrentOf(good, {
      'announce-list': [['', 'x', 'http://[', 'http://127.0.0.1:99999/', 'udp://127.0.0.1:1/'], 'x', [1]],
      announce: 'x',
    }).torrent,
  ],
  [
    'web seeds that are no addresses',
    'goes on',
    torrentOf(good, {
      'url-list': ['', 'x', 'http://[', 'file:///etc/passwd', 'http://127.0.0.1:99999/'],
    }).torrent,
  ],
]

/** aria2 ends by itself where it refuses; what it goes on with is stopped after so many seconds. */
const seconds = 2

async function load(torrent: Uint8Array, expected: Expected): Promise<string> {
  const words = [
    `--listen-port=${await freePort()}`,
    `--stop=${seconds}`,
    '--bt-stop-timeout=60',
    '--seed-time=0',
  ]
  const aria2 = new Aria2([...words, '--torrent-file=t.torrent'], { 't.torrent': torrent })
  try {
    let peak = 0
    const limit = Date.now() + 240_000
    while (aria2.ended === undefined && Date.now() < limit) {
      peak = Math.max(peak, aria2.peak())
      await sleep(20)
    }
    assert.ok(peak < mostMemory, `aria2c needed ${peak} MB`)
    assert.match(aria2.ended ?? 'DOES NOT END', /^ends with status \d+$/, aria2.output)
    assert.not.ok(existsSync(join(dirname(aria2.folder), 'escaped')), 'a file lies outside of the folder')
    assert.not.ok(existsSync('/escaped'), 'a file lies outside of the folder')
    const status = Number(aria2.ended?.replace(/\D+/, ''))
    // 7: stopped before completion; 0: there was nothing to load.
    const seen: Expected = status === 0 || status === 7 ? 'goes on' : 'refused'
    assert.is(seen, expected, `${aria2.ended}: ${aria2.output}`)
    const less = `less than ${mostMemory} MB`
    return seen === 'refused' ? `status ${status}; ${less}` : `goes on; ${less}`
  } finally {
    await aria2.stop()
  }
}

/** Side by side, but not so many that the machine is what is measured. */
const lanes = Array.from({ length: 4 }, (): Promise<unknown> => Promise.resolve())
const outcomes = kinds.map(([, expected, torrent], at) => {
  const lane = at % lanes.length
  const result = (lanes[lane] ?? Promise.resolve()).then(() => load(torrent, expected))
  lanes[lane] = result.catch(() => {})
  return result
})

const inputs = kinds.map(
  ([input, expected], at): HostileInput => ({
    input: `torrent: ${input}`,
    expected: expected === 'refused' ? 'ends with a status and a word' : 'goes on',
    run: 'aria2c',
    see: () => outcomes[at] as Promise<string>,
  }),
)

declareInputs(test, 'torrents', inputs)

test.run()
