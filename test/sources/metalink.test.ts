// What the packed aria2c lists as proven by a Metalink: each kind of digest, right, wrong and missing, and what is no Metalink's.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { metalinkText } from '../../generator/publish/metalink.ts'
import { torrentOf } from '../hostile/made-torrent.ts'
import { startRawServer } from '../hostile/raw-server.ts'

const { aria2c } = await provideBinaries(silent)
const scratch = mkdtempSync(join(tmpdir(), 'sources-metalink-'))
test.after(() => rmSync(scratch, { recursive: true }))

const pieceLength = 1 << 20
const content = Buffer.alloc(2.5 * pieceLength, 'content of pieces ')
const pieces = [0, 1, 2].map(index => content.subarray(index * pieceLength, (index + 1) * pieceLength))
const digest = (kind: string, of: Uint8Array = content): string => createHash(kind).update(of).digest('hex')

const documents: Record<string, string | Buffer> = {}
const server = await startRawServer((socket, request) => {
  const path = request.split(' ')[1] ?? ''
  const body = documents[path] ?? content
  const type = path.endsWith('.meta4') ? 'application/metalink4+xml' : 'application/octet-stream'
  const own = path.startsWith('/with-digest')
    ? `Digest: SHA-256=${createHash('sha256').update(content).digest('base64')}\r\n`
    : ''
  socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\n${own}`)
  socket.end(Buffer.concat([Buffer.from('Connection: close\r\n\r\n'), Buffer.from(body)]))
})
test.after(() => server.close())
const site = `http://127.0.0.1:${server.port}`

/** Fetches an address as a node does; aria2c's status, and the names that it lists. */
async function fetched(
  path: string,
  ...words: string[]
): Promise<{ status: number | null; proven: string[] }> {
  const folder = mkdtempSync(join(scratch, 'run-'))
  const list = join(scratch, 'list')
  rmSync(list, { force: true })
  const options = ['--no-conf', '--follow-metalink=mem', '--max-tries=1', '--enable-dht=false', '--quiet']
  options.push(`--dir=${folder}`, `--proven-list=${list}`)
  const status = await new Promise<number | null>(resolve =>
    spawn(aria2c.path, [...options, ...words, `${site}${path}`], { stdio: 'ignore', env: {} }).on(
      'close',
      resolve,
    ),
  )
  const lines = existsSync(list) ? readFileSync(list, 'utf8').split('\n').filter(Boolean) : []
  return { status, proven: lines.map(line => line.replace(`${folder}/`, '')) }
}

/** A Metalink of one file. */
function metalink(...digests: string[]): string {
  const path = `/${Object.keys(documents).length}.meta4`
  const size = `<size>${content.length}</size>`
  const file = `<file name="f">${size}${digests.join('')}<url>${site}/f</url></file>`
  documents[path] =
    `<?xml version="1.0"?><metalink xmlns="urn:ietf:params:xml:ns:metalink">${file}</metalink>`
  return path
}
const whole = (type: string, value: string): string => `<hash type="${type}">${value}</hash>`
const inPieces = (type: string, values: string[]): string =>
  `<pieces length="${pieceLength}" type="${type}">${values.map(value => `<hash>${value}</hash>`).join('')}</pieces>`

const right = whole('sha-256', digest('sha256'))
const wrong = whole('sha-256', '0'.repeat(64))
const sha1 = pieces.map(piece => digest('sha1', piece))
const sha256 = pieces.map(piece => digest('sha256', piece))

for (const [what, digests, status, proven] of [
  ['SHA-256', [right], 0, ['f']],
  ['SHA-512', [whole('sha-512', digest('sha512'))], 0, ['f']],
  ['SHA-1 alone', [whole('sha-1', digest('sha1'))], 0, []],
  ['MD5 alone', [whole('md5', digest('md5'))], 0, []],
  ['SHA-1 and SHA-256', [whole('sha-1', digest('sha1')), right], 0, ['f']],
  ['no digest', [], 0, []],
  ['another SHA-256', [wrong], 32, []],
  ['pieces of SHA-256', [inPieces('sha-256', sha256)], 0, ['f']],
  ['pieces of SHA-1', [inPieces('sha-1', sha1)], 0, []],
  ['pieces of SHA-1 and SHA-256', [inPieces('sha-1', sha1), right], 0, ['f']],
  ['pieces of SHA-1 and another SHA-256', [inPieces('sha-1', sha1), wrong], 32, []],
  ['pieces of SHA-256, one too few', [inPieces('sha-256', sha256.slice(0, -1))], 0, []],
  [
    'pieces of SHA-256, one too few, and SHA-256',
    [inPieces('sha-256', sha256.slice(0, -1)), right],
    0,
    ['f'],
  ],
  ['pieces of SHA-256, one too few, and another', [inPieces('sha-256', sha256.slice(0, -1)), wrong], 32, []],
  ['a kind that nobody knows', [whole('sha-999', digest('sha256'))], 0, []],
] as const) {
  test(`${what}: ${proven.length > 0 ? 'proven' : 'not proven'}`, async () => {
    assert.equal(await fetched(metalink(...digests)), { status, proven })
  })
}

test('pieces of SHA-256 of which one is wrong: refused', async () => {
  const swapped = [sha256[1] ?? '', sha256[0] ?? '', sha256[2] ?? '']
  const { status, proven } = await fetched(metalink(inPieces('sha-256', swapped)))
  assert.is.not(status, 0)
  assert.equal(proven, [])
})

test('pieces that aria2c is told not to look at prove nothing', async () => {
  const path = metalink(inPieces('sha-256', sha256))
  assert.equal(await fetched(path, '--realtime-chunk-checksum=false'), { status: 0, proven: [] })
})

test('a digest that is no Metalink’s proves nothing', async () => {
  assert.equal(await fetched('/with-digest'), { status: 0, proven: [] })
  const own = `--checksum=sha-256=${digest('sha256')}`
  assert.equal(await fetched('/f', own), { status: 0, proven: [] })
  documents['/own.meta4'] = `${documents[metalink()]}`.replace('/f</url>', '/with-digest</url>')
  assert.equal(await fetched('/own.meta4'), { status: 0, proven: [] })
})

test('a torrent in a Metalink: its pieces are no proof', async () => {
  const pieceDigests = Buffer.concat(pieces.map(piece => createHash('sha1').update(piece).digest()))
  const { torrent } = torrentOf({
    length: content.length,
    name: 'f',
    'piece length': pieceLength,
    pieces: pieceDigests,
  })
  documents['/f.torrent'] = torrent
  const path = metalink(right, `<metaurl mediatype="torrent">${site}/f.torrent</metaurl>`)
  const { status, proven } = await fetched(path, '--seed-time=0', '--bt-stop-timeout=20')
  assert.equal([status, proven], [0, []])
})

test('what publish writes proves each of its files', async () => {
  const file = {
    size: content.length,
    sha256: digest('sha256'),
    sha256Pieces: sha256.join(''),
    url: `${site}/f`,
  }
  const names = ['vmlinuz', 'initrd.img']
  documents['/published.meta4'] = metalinkText(
    names.map(name => ({ ...file, name })),
    pieceLength,
  )
  const { status, proven } = await fetched('/published.meta4')
  assert.is(status, 0)
  assert.equal(proven.sort(), names.sort())
})

test.run()
