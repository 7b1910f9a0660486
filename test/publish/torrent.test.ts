import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import bencode from 'bencode'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { infoHash, makeTorrent } from '../../generator/publish/torrent.ts'

const test = suite<{ folder: string }>('torrent')

test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), 'torrent-test-'))
  writeFileSync(join(context.folder, 'vmlinuz'), Buffer.alloc(300_000, 'kernel '))
  writeFileSync(join(context.folder, 'initrd.img'), Buffer.alloc(70_000, 'initrd '))
})
test.after.each(({ folder }) => rmSync(folder, { recursive: true }))

const text = (bytes: unknown) => Buffer.from(bytes as Uint8Array).toString()

async function rejects(promise: Promise<unknown>, message: RegExp): Promise<void> {
  const error: unknown = await promise.then(
    () => assert.unreachable('it was accepted'),
    caught => caught,
  )
  assert.instance(error, CommandError)
  assert.match((error as CommandError).message, message)
}

test('the same files and options give the same bytes, whenever they were written', async ({ folder }) => {
  const files = [join(folder, 'vmlinuz'), join(folder, 'initrd.img')]
  const options = {
    files,
    name: 'stage',
    announce: ['http://t/announce'],
    webSeeds: ['http://o/'],
    private: true,
  }
  const first = await makeTorrent(options)
  utimesSync(files[0] as string, 1, 1)
  assert.equal(await makeTorrent(options), first)
  const { info, ...rest } = bencode.decode(first)
  assert.equal(Object.keys(rest).sort(), ['announce', 'announce-list', 'created by', 'encoding', 'url-list'])
  assert.equal(Object.keys(info as object).sort(), ['files', 'name', 'piece length', 'pieces', 'private'])
})

test('several files keep their order and base names, a single one takes the given name', async ({
  folder,
}) => {
  const files = [join(folder, 'vmlinuz'), join(folder, 'initrd.img')]
  const several = bencode.decode(await makeTorrent({ files, name: 'stage' })).info as {
    files: { path: Uint8Array[]; length: number }[]
  }
  assert.equal(
    several.files.map(file => [text(file.path[0]), file.length]),
    [
      ['vmlinuz', 300_000],
      ['initrd.img', 70_000],
    ],
  )
  const single = bencode.decode(await makeTorrent({ files: files.slice(0, 1), name: 'kernel' })).info as {
    name: Uint8Array
    length: number
  }
  assert.equal([text(single.name), single.length], ['kernel', 300_000])
})

test('without trackers it names none, not the ones that the library likes', async ({ folder }) => {
  const torrent = await makeTorrent({ files: [join(folder, 'vmlinuz')], name: 'kernel' })
  assert.not.match(torrent.toString('latin1'), /announce|udp:|wss:/)
})

test('the info hash is the one that aria2 sees', async ({ folder }) => {
  const torrent = await makeTorrent({ files: [join(folder, 'vmlinuz')], name: 'kernel', private: true })
  assert.match(infoHash(torrent), /^[0-9a-f]{40}$/)
  if (findProgram('aria2c') === undefined) return
  writeFileSync(join(folder, 'k.torrent'), torrent)
  const shown = spawnSync('aria2c', ['--no-conf', '-S', join(folder, 'k.torrent')], { encoding: 'utf8' })
  assert.match(shown.stdout, `Info Hash: ${infoHash(torrent)}`)
})

test('what cannot be published is refused in one sentence', async ({ folder }) => {
  const kernel = join(folder, 'vmlinuz')
  writeFileSync(join(folder, 'empty'), '')
  mkdirSync(join(folder, 'other'))
  writeFileSync(join(folder, 'other', 'vmlinuz'), 'x')
  await rejects(makeTorrent({ files: [join(folder, 'absent')], name: 'x' }), /cannot read .*absent/)
  await rejects(makeTorrent({ files: [folder], name: 'x' }), /is not a file/)
  await rejects(makeTorrent({ files: [join(folder, 'empty')], name: 'x' }), /is empty/)
  await rejects(
    makeTorrent({ files: [kernel, join(folder, 'other', 'vmlinuz')], name: 'x' }),
    /two files are called/,
  )
})

test.run()
