// Digests and pieces, beside those of programs and libraries that are not ours.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { digestFile } from '../../generator/publish/digest-file.ts'
import { type Digesters, InThisThread, InTwoThreads } from '../../generator/publish/digest-workers.ts'
import { PieceDigester } from '../../generator/publish/digester.ts'
import { interiorStart, joinPieces } from '../../generator/publish/shared-pieces.ts'
import { encodeTorrent, infoHash, makeTorrent } from '../../generator/publish/torrent.ts'
import { parsePieceLength, pieceLengthFor } from '../../generator/swarm/piece-length.ts'
import { failure } from '../support/failure.ts'
import { noise, publishSite } from './site.ts'

const site = publishSite()
const K = 1024

/** A pass over a file that nobody interrupts. */
const pass = (path: string, pieceLength = 64 * K, start = 0) => ({
  ...{ path, pieceLength, interiorStart: start, onBytes() {} },
  signal: new AbortController().signal,
})

/** The torrent of files that exist, with our pieces. */
async function ourTorrent(names: string[], contents: Buffer[], pieceLength: number): Promise<Buffer> {
  const digesters = new InThisThread()
  const parts = []
  let offset = 0
  for (const [index, name] of names.entries()) {
    const path = site.write(name, contents[index] as Buffer)
    const digests = await digestFile(digesters, pass(path, pieceLength, interiorStart(offset, pieceLength)))
    parts.push({ name, path, ...digests })
    offset += digests.size
  }
  return encodeTorrent({
    ...{ name: 'node', files: parts, pieceLength, pieces: await joinPieces(parts, pieceLength) },
    ...{ announce: ['http://t/announce'], webSeeds: ['http://o/'], private: true },
  })
}

/** The same by the library create-torrent, which reads the files itself. */
const theirTorrent = (names: string[], pieceLength: number): Promise<Buffer> =>
  makeTorrent({
    files: names.map(name => join(site.source, name)),
    ...{ name: 'node', pieceLength, announce: ['http://t/announce'], webSeeds: ['http://o/'], private: true },
  })

test('the torrent is byte for byte what create-torrent makes, wherever files end in a piece', async () => {
  const size = fc.oneof(
    fc.integer({ min: 1, max: 70 }),
    fc.integer({ min: 1, max: 5 }).map(pieces => pieces * 16 * K),
    fc.integer({ min: 16 * K - 2, max: 50 * K }),
  )
  const property = fc.asyncProperty(fc.array(size, { minLength: 2, maxLength: 6 }), async sizes => {
    const names = sizes.map((_, index) => `part-${index}`)
    const contents = sizes.map((each, index) => noise(each, index + 1))
    const ours = await ourTorrent(names, contents, 16 * K)
    assert.ok(ours.equals(await theirTorrent(names, 16 * K)))
  })
  await fc.assert(property, { numRuns: 60, seed: Number(process.env.SEED ?? 5) })
})

test('pieces are the same however the file comes cut into blocks', () => {
  const content = noise(200 * K)
  const digestsOf = (blockLength: number) => {
    const digester = new PieceDigester()
    digester.begin({ pieceLength: 16 * K, interiorStart: 5000 })
    for (let at = 0; at < content.length; at += blockLength)
      digester.take(content.subarray(at, at + blockLength))
    return digester.end()
  }
  const whole = digestsOf(content.length)
  for (const blockLength of [777, 16 * K, 16 * K + 1, 100_000]) assert.equal(digestsOf(blockLength), whole)
  const sha256 = (from: number, to: number) =>
    createHash('sha256').update(content.subarray(from, to)).digest('hex')
  assert.is(whole.sha256Pieces.slice(0, 64), sha256(0, 16 * K))
  assert.is(whole.sha256Pieces.slice(-64), sha256(192 * K, 200 * K))
  assert.is(whole.interiorPieces.length, 40 * Math.floor((200 * K - 5000) / (16 * K)))
})

test('two threads come to what one comes to, file after file, and to what sha256sum says', async () => {
  const big = site.write('big', noise(5_000_001))
  const small = site.write('small', noise(3))
  const results = []
  for (const digesters of [new InThisThread(), new InTwoThreads()] as Digesters[]) {
    results.push([
      await digestFile(digesters, pass(big, 16 * K, 4321)),
      await digestFile(digesters, pass(small, 16 * K)),
    ])
    await digesters.close()
  }
  assert.equal(results[0], results[1])
  for (const [index, path] of [big, small].entries()) {
    assert.is(
      results[0]?.[index]?.sha256,
      execFileSync('sha256sum', [path], { encoding: 'utf8' }).slice(0, 64),
    )
  }
})

test('a file that changes while it is read is refused, by either way of reading it', async () => {
  for (const digesters of [new InThisThread(), new InTwoThreads()] as Digesters[]) {
    const path = site.write('changing', noise(6_000_000))
    let blocks = 0
    const onBytes = () => {
      blocks += 1
      if (blocks !== 3) return
      const file = openSync(path, 'r+')
      writeSync(file, 'new', 0)
      closeSync(file)
    }
    assert.match(
      await failure(digestFile(digesters, { ...pass(path), onBytes })),
      /changing changed while it was read/,
    )
    const grown = site.write('grown', noise(3_000_000))
    const grow = () => writeFileSync(grown, 'more', { flag: 'a' })
    assert.match(await failure(digestFile(digesters, { ...pass(grown), onBytes: grow })), /grown changed/)
    await digesters.close()
  }
})

test('reading stops when it is told to', async () => {
  const stop = new AbortController()
  const path = site.write('long', noise(8_000_000))
  let seen = 0
  const onBytes = (bytes: number) => {
    seen += bytes
    stop.abort()
  }
  await digestFile(new InThisThread(), { ...pass(path), onBytes, signal: stop.signal }).then(
    () => assert.unreachable('it went on'),
    error => assert.is(error, stop.signal.reason),
  )
  assert.ok(seen < 3_000_000)
})

test('the private flag and the piece length change the info hash, trackers and web seeds do not', async () => {
  const path = site.write('one', noise(100 * K))
  const hash = async (options: object) =>
    infoHash(await makeTorrent({ files: [path], name: 'n', ...options }))
  const plain = await hash({})
  assert.is(await hash({ announce: ['http://t/a'], webSeeds: ['http://o/'] }), plain)
  assert.is.not(await hash({ private: true }), plain)
  assert.is.not(await hash({ pieceLength: 32 * K }), plain)
})

test('piece lengths are read as people write them; what a swarm cannot use is refused', async () => {
  assert.equal(['16384', '256k', '256K', '1M', '16m'].map(parsePieceLength), [
    16 * K,
    256 * K,
    256 * K,
    K * K,
    16 * K * K,
  ])
  for (const wrong of ['', '0', '1', '-1', '8k', '32M', '300k', '1.5M', '256 k', '256kB', '1e6', 'NaN']) {
    const message = await failure((async () => parsePieceLength(wrong))())
    assert.match(message, 'a power of two')
  }
})

test('by default pieces grow with the size, by powers of two, never past what collapses a swarm', () => {
  let before = 16 * K
  for (let bytes = 1; bytes < 2 ** 44; bytes = Math.ceil(bytes * 1.3)) {
    const length = pieceLengthFor(bytes)
    assert.ok(
      Number.isInteger(Math.log2(length)) && length >= before && length <= K * K,
      `${bytes}: ${length}`,
    )
    before = length
  }
  assert.is(before, K * K)
})

test.run()
