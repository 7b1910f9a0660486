// Torrents and magnet links that others make, as the packed aria2c gets them with the options of the stages.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { optionsFor, outcome, runAria2c } from '../hostile/aria2c-run.ts'
import { type FileOfTorrent, infoOfFiles, torrentOf } from '../hostile/made-torrent.ts'
import { give, startRawServer } from '../hostile/raw-server.ts'
import { boot } from '../support/boots.ts'

const folder = mkdtempSync(join(tmpdir(), 'sources-torrents-'))
test.after(() => rmSync(folder, { recursive: true }))

/** Which paths were asked for, and with which ranges. */
const asked: string[] = []
const answers = new Map<string, (request: string) => Buffer | undefined>()
const server = await startRawServer((socket, request) => {
  const path = decodeURIComponent(request.split(' ')[1]?.split('?')[0] ?? '')
  asked.push(path)
  const content = answers.get(path)?.(request)
  if (content === undefined) {
    if (!answers.has(path)) socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    return
  }
  give(socket, request, content)
})
test.after(() => server.close())
const site = `http://127.0.0.1:${server.port}`

const pad = (length: number): FileOfTorrent => [`.pad/${length}`, length]
const file = (path: string, length: number): FileOfTorrent => [path, randomBytes(length)]

const padded: [string, number, FileOfTorrent[], boolean?][] = [
  ['between files, and at the end', 32_768, [file('a', 5000), pad(27_768), file('b', 70_000), pad(28_304)]],
  [
    'at the beginning, across pieces, of one byte, in a block with two files',
    32_768,
    [
      ...[pad(100_000), file('a', 5000), pad(7), file('b', 70_000), pad(3), pad(200_000), file('c', 1)],
      ...[pad(32_767), file('d', 40_000), pad(65_536)],
    ],
  ],
  ['without the attribute', 16_384, [file('a', 5000), pad(11_384), file('b', 40_000)], false],
  [
    "with BitComet's names",
    16_384,
    [file('a', 5000), ['_____padding_file_0_if you see this file, update_____', 11_384], file('b', 40_000)],
    false,
  ],
]
for (const [number, [words, pieceLength, parts, attr]] of padded.entries()) {
  test(`padding ${words}: behind a web server alone`, async () => {
    const name = `files${number}`
    const torrent = join(folder, `${name}.torrent`)
    writeFileSync(torrent, torrentOf(infoOfFiles(name, pieceLength, parts, attr)).torrent)
    const files = parts.filter((part): part is [string, Buffer] => typeof part[1] !== 'number')
    for (const [path, content] of files) answers.set(`/${name}/${path}`, () => content)
    const run = await runAria2c('--split=1', '--seed-time=0', `--torrent-file=${torrent}`, `${site}/`)
    assert.is(run.status, 0, run.log)
    assert.equal(
      run.files,
      Object.fromEntries(files.map(([path, content]) => [`${name}/${path}`, content.length])),
    )
    assert.equal(
      asked.filter(path => path.includes('pad')),
      [],
    )
  })
}

test('a piece of padding that is not zeros by its hash is an error', async () => {
  const info = infoOfFiles('lies', 16_384, [file('a', 16_384), pad(16_384)])
  const torrent = join(folder, 'lies.torrent')
  writeFileSync(torrent, torrentOf({ ...info, pieces: randomBytes(40) }).torrent)
  const run = await runAria2c('--seed-time=0', `--torrent-file=${torrent}`, `${site}/`)
  assert.match(outcome(run), /^(32|7)/)
})

// ---- hashes
const sound = infoOfFiles('sound', 16_384, [file('a', 20_000)])
const encoded = torrentOf(sound).info.toString('latin1')
const fileTree = '9:file treed1:ad0:d6:lengthi20000eeee'
for (const [words, info] of [
  ['as it should be', encoded],
  ['with the file tree of version 2', encoded.replace('4:name', `${fileTree}12:meta versioni2e4:name`)],
  ['with keys in another order', `d4:name5:sound${encoded.slice(1).replace('4:name5:sound', '')}`],
  ['with leading zeros', encoded.replace('i16384e', 'i016384e')],
  ['with a key that comes twice', encoded.replace('4:name5:sound', '4:name5:sound4:name5:sound')],
  ['with a number that is a fraction', encoded.replace('4:name', '3:etai1.5e4:name')],
] as const) {
  test(`the info hash of a torrent ${words} is that of its text`, async () => {
    const hash = createHash('sha1').update(info, 'latin1').digest()
    const id = words.replaceAll(' ', '-')
    let announced = ''
    answers.set(`/announce-${id}`, request => {
      announced = /info_hash=([^&]*)/.exec(request)?.[1] ?? ''
      return Buffer.from('d8:intervali60e5:peers0:e')
    })
    const announce = `${site}/announce-${id}`
    answers.set(`/${id}.torrent`, () =>
      Buffer.from(`d8:announce${announce.length}:${announce}4:info${info}e`, 'latin1'),
    )
    await runAria2c(...optionsFor(`url=${site}/${id}.torrent`), `${site}/${id}.torrent`)
    const bytes = announced.replace(
      /%(..)|(.)/gs,
      (_, hex, plain) => hex ?? Buffer.from(plain).toString('hex'),
    )
    assert.is(bytes.toLowerCase(), hash.toString('hex'))
  })
}

for (const [words, info] of [
  ['of version 2 alone', `d${fileTree}12:meta versioni2e4:name5:sound12:piece lengthi16384ee`],
] as const) {
  test(`a torrent ${words} is refused in words`, async () => {
    answers.set('/v2.torrent', () => Buffer.from(`d4:info${info}e`, 'latin1'))
    const run = await runAria2c(`${site}/v2.torrent`)
    assert.match(run.log, /The torrent is one of version 2 alone; make it for version 1 as well \(hybrid\)/)
    assert.equal(run.files, {})
  })
}

test('a magnet link of version 2 alone is refused in words', () => {
  const alone = boot(`url=magnet:?xt=urn:btmh:1220${'ab'.repeat(32)}`)
  assert.match(alone.console, /: a torrent of version 2 alone; use a hybrid one\n/)
  assert.not.ok(alone.ran('aria2c'))
})

// ---- nobody seeds
const nobody = (
  [
    ['the tracker knows of nobody', 'd8:completei0e10:incompletei1e8:intervali60e5:peers0:e'],
    ['the tracker refuses', 'd14:failure reason2:noe'],
    ['the tracker says rubbish', 'rubbish'],
    [
      'the tracker knows of one that is not there',
      'd8:completei0e8:intervali60e5:peers6:\x7f\0\0\x01\0\x01e',
    ],
    ['the tracker hangs', undefined],
    ['there is no tracker', null],
  ] as const
).map(([words, answer]) => {
  const id = words.replaceAll(' ', '-')
  const announce = `${site}/nobody-${id}`
  if (answer !== null)
    answers.set(`/nobody-${id}`, () => (answer === undefined ? undefined : Buffer.from(answer, 'latin1')))
  answers.set(`/${id}.torrent`, () => torrentOf(sound, answer === null ? {} : { announce }).torrent)
  const address = `${site}/${id}.torrent`
  return { words, run: runAria2c(...optionsFor(`url=${address}`), address) }
})
for (const { words, run } of nobody) {
  test(`a torrent that nobody seeds, ${words}: given up within 5 s`, async () => {
    const { status, seconds } = await run
    assert.is(status, 7)
    assert.ok(seconds <= 7, `${seconds} s`)
  })
}

test('where the tracker has told that nobody is there, nobody is waited for', async () => {
  answers.set('/none', () => Buffer.from('d8:completei0e8:intervali60e5:peers0:e'))
  answers.set('/none.torrent', () => torrentOf(sound, { announce: `${site}/none` }).torrent)
  const options = optionsFor(`url=${site}/none.torrent`)
  const endless = ['--bt-stop-unseeded=100000', '--bt-stop-timeout=0']
  assert.is((await runAria2c(...options, ...endless, `${site}/none.torrent`)).status, 7)
})

test('a complete peer that the tracker knows of is waited for, 5 s longer than nobody', async () => {
  answers.set('/one', () => Buffer.from('d8:completei1e8:intervali60e5:peers0:e'))
  answers.set('/one.torrent', () => torrentOf(sound, { announce: `${site}/one` }).torrent)
  const options = optionsFor(`url=${site}/one.torrent`)
  const run = await runAria2c(...options, `${site}/one.torrent`)
  assert.is(run.status, 7)
  assert.ok(run.seconds >= 7 && run.seconds <= 13, `${run.seconds} s`)
})

test.run()
