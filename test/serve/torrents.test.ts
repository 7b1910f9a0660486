/** Torrents and their data, as `serve` looks at them. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, renameSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import bencode from 'bencode'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { infoHash, makeTorrent } from '../../generator/publish/torrent.ts'
import { checkPieces, fingerprint } from '../../generator/serve/torrent-data.ts'
import { readTorrent } from '../../generator/serve/torrent-file.ts'
import { TorrentFolder } from '../../generator/serve/torrent-folder.ts'
import { bytes, publishFolder, temporaryFolder } from './published.ts'

const never = new AbortController().signal

async function reasonOf(work: () => unknown): Promise<string> {
  try {
    await work()
  } catch (error) {
    return (error as Error).message
  }
  return 'accepted'
}

test('a torrent of publish is read', async () => {
  const { folder } = await publishFolder(['http://10.0.0.1:6969/announce', 'http://10.0.0.2/announce'])
  const { found } = await new TorrentFolder(folder).read()
  const [node, root] = found
  assert.equal([node?.name, root?.name], ['node.torrent', 'root.img.torrent'])
  assert.equal(node?.torrent.files, [
    { path: 'node/kernel', size: 700_000 },
    { path: 'node/initrd', size: 300_000 },
  ])
  assert.equal(root?.torrent.files, [{ path: 'root.img', size: 600_000 }])
  assert.is(node?.torrent.infoHash, infoHash(node?.content ?? Buffer.alloc(0)))
  assert.is(node?.torrent.size, 1_000_000)
  assert.is(node?.torrent.pieceLength, 65_536)
  assert.equal(node?.torrent.trackers, ['http://10.0.0.1:6969/announce', 'http://10.0.0.2/announce'])
  assert.equal(node?.torrent.webSeeds, [])
})

test('what is no sound torrent is refused, with the reason', async () => {
  const { folder } = await publishFolder()
  const sound = await makeTorrent({ files: [join(folder, 'root.img')], name: 'root.img' })
  const info = (changes: object) => {
    const torrent = bencode.decode(sound) as { info: object }
    return Buffer.from(bencode.encode({ ...torrent, info: { ...torrent.info, ...changes } }))
  }
  const several = (path: string[]) => info({ length: undefined, files: [{ length: 600_000, path }] })
  const cases: [Buffer, RegExp][] = [
    [Buffer.alloc(0), /no dictionary/],
    [Buffer.from('x'), /not bencoded/],
    [sound.subarray(0, -20), /not bencoded/],
    [Buffer.from('d'.repeat(100_000)), /not bencoded/],
    [Buffer.from('l'.repeat(1_000_000)), /not bencoded/],
    [Buffer.from('le'), /no dictionary/],
    [Buffer.from('4:spam'), /no dictionary/],
    [Buffer.from('d4:infoi5ee'), /its info is no dictionary/],
    [Buffer.from('d4:infodee'), /'' in it is no name/],
    [info({ name: '..' }), /'\.\.' in it is no name/],
    [info({ name: '../root.img' }), /no name of a file/],
    [info({ name: '/etc/shadow' }), /no name of a file/],
    [info({ name: '' }), /no name of a file/],
    [info({ name: 'a\0b' }), /no name of a file/],
    [several(['..', 'root.img']), /no name of a file/],
    [several(['a/b']), /no name of a file/],
    [info({ length: -1 }), /no size/],
    [info({ length: 1_000_000_000 }), /do not fit together/],
    [info({ pieces: Buffer.alloc(19) }), /do not fit together/],
    [info({ 'piece length': 0 }), /do not fit together/],
    [info({ 'piece length': 'much' }), /no size/],
    [info({ pieces: undefined, 'meta version': 2 }), /version 2 alone/],
  ]
  for (const [content, reason] of cases)
    assert.match(
      await reasonOf(() => readTorrent(content)),
      reason,
      content.subarray(0, 60).toString('latin1'),
    )
  assert.is(await reasonOf(() => readTorrent(info({}))), 'accepted')
})

test('the hash is that of the text, in whatever order its keys are', async () => {
  const text = '4:name1:a12:piece lengthi16384e6:lengthi1e6:pieces20:12345678901234567890'
  for (const info of [`d${text}e`, `d${text}9:file treed0:d6:lengthi01eeee`])
    assert.is(
      readTorrent(Buffer.from(`d8:announce3:a:b4:info${info}8:url-listle3:zzzd1:ali1elee1:b0:ee`)).infoHash,
      createHash('sha1').update(info).digest('hex'),
    )
})

test('padding is zeros on no disk', async () => {
  const { folder } = await publishFolder()
  const [a, b] = [bytes(5000, 'a'), bytes(40_000, 'b')]
  mkdirSync(join(folder, 'padded'))
  writeFileSync(join(folder, 'padded/a'), a)
  writeFileSync(join(folder, 'padded/b'), b)
  const content = Buffer.concat([a, Buffer.alloc(60_536), b])
  const pieces = [0, 1, 2, 3].map(piece =>
    createHash('sha1')
      .update(content.subarray(piece * 32_768, (piece + 1) * 32_768))
      .digest(),
  )
  for (const padding of [
    { attr: 'p', path: ['whatever'] },
    { attr: 'xp', path: ['.pad', '1'] },
    { path: ['.pad', '60536'] },
    { path: ['_____padding_file_0_'] },
  ]) {
    const files = [
      { length: 5000, path: ['a'] },
      { length: 60_536, ...padding },
      { length: 40_000, path: ['b'] },
    ]
    const torrent = readTorrent(
      Buffer.from(
        bencode.encode({
          info: { name: 'padded', 'piece length': 32_768, pieces: Buffer.concat(pieces), files },
        }),
      ),
    )
    assert.is(await reasonOf(() => fingerprint(torrent, folder)), 'accepted')
    assert.is(await reasonOf(() => checkPieces(torrent, folder, never)), 'accepted')
  }
})

test('what is called .torrent and is none is named', async () => {
  const { folder } = await publishFolder()
  writeFileSync(join(folder, 'a.torrent'), 'junk')
  mkdirSync(join(folder, 'b.torrent'))
  execFileSync('mkfifo', [join(folder, 'c.torrent')])
  symlinkSync('nowhere', join(folder, 'd.torrent'))
  writeFileSync(join(folder, 'e.torrent'), '')
  truncateSync(join(folder, 'e.torrent'), 5_000_000_000)
  const { found, unreadable } = await new TorrentFolder(folder).read()
  assert.is(found.length, 2)
  assert.equal(
    unreadable.map(({ name }) => name),
    ['a.torrent', 'b.torrent', 'c.torrent', 'd.torrent', 'e.torrent'],
  )
  assert.match(unreadable[4]?.reason ?? '', 'too big')
})

test('a torrent that changes is read again', async () => {
  const { folder, node, root } = await publishFolder()
  const torrents = new TorrentFolder(folder)
  const hashes = async () => (await torrents.read()).found.map(({ torrent }) => torrent.infoHash)
  assert.equal(await hashes(), [node, root])
  renameSync(join(folder, 'root.img.torrent'), join(folder, 'node.torrent'))
  assert.equal(await hashes(), [root])
})

test('the data are compared piece by piece, over the borders of files', async () => {
  const { folder } = await publishFolder()
  const { found } = await new TorrentFolder(folder).read()
  for (const { torrent } of found)
    assert.is(await reasonOf(() => checkPieces(torrent, folder, never)), 'accepted')
  const [{ torrent }] = found as [(typeof found)[0]]
  const cases: [string, number, number][] = [
    ['kernel', 0, 0],
    ['kernel', 65_535, 0],
    ['kernel', 65_536, 1],
    ['kernel', 699_999, 10],
    ['initrd', 0, 10],
    ['initrd', 299_999, 15],
  ]
  for (const [name, at, piece] of cases) {
    const right = bytes(name === 'kernel' ? 700_000 : 300_000, name)
    const wrong = Buffer.from(right)
    wrong[at] = (wrong[at] ?? 0) ^ 0x80
    writeFileSync(join(folder, 'node', name), wrong)
    assert.match(await reasonOf(() => checkPieces(torrent, folder, never)), `(piece ${piece})`)
    writeFileSync(join(folder, 'node', name), right)
  }
})

test('a change shows in the mark, and files that cannot be given are named', async () => {
  const { folder } = await publishFolder()
  const { found } = await new TorrentFolder(folder).read()
  const [{ torrent }] = found as [(typeof found)[0]]
  const initrd = join(folder, 'node', 'initrd')
  const before = await fingerprint(torrent, folder)
  assert.is(await fingerprint(torrent, folder), before)
  // Written anew with the time set back, as rsync may do.
  writeFileSync(initrd, bytes(300_000, 'other'))
  utimesSync(initrd, 1, 1)
  assert.is.not(await fingerprint(torrent, folder), before)

  truncateSync(initrd, 299_999)
  assert.is(
    await reasonOf(() => fingerprint(torrent, folder)),
    'node/initrd has 299999 bytes where the torrent has 300000',
  )
  const outside = join(temporaryFolder(), 'initrd')
  writeFileSync(outside, bytes(300_000, 'initrd'))
  renameSync(initrd, `${initrd}.away`)
  assert.is(await reasonOf(() => fingerprint(torrent, folder)), 'node/initrd is not there')
  symlinkSync(outside, initrd)
  assert.is(await reasonOf(() => fingerprint(torrent, folder)), 'node/initrd leads out of the folder')
})

test.run()
