// What has not changed is not read again, and nothing else is taken for that.
import {
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Published } from '../../generator/publish/publish-files.ts'
import { initrdLike, kernelLike, noise, publishSite } from './site.ts'

const site = publishSite()
const record = join(site.served, '.node.digests.json')
const K = 1024

const files = [
  site.write('vmlinuz', kernelLike(300 * K)),
  site.write('initrd.img', initrdLike(900 * K)),
  site.write('root.squashfs', noise(2000 * K, 3)),
]

const wasRead = ({ files }: Published): string[] =>
  files
    .filter(file => file.wasRead)
    .map(file => file.name)
    .sort()

const everything = ['initrd.img', 'root.squashfs', 'vmlinuz']

/** Publishes, and compares all that is served with what a folder gets that knows nothing of earlier times. */
async function publishTwice(): Promise<string[]> {
  const published = await site.publish(files)
  const served = site.contents()
  rmSync(site.served, { recursive: true })
  await site.publish(files)
  assert.equal(served, site.contents())
  return wasRead(published)
}

test('the first time all files are read, the second time none, and the output is the same', async () => {
  assert.equal(wasRead(await site.publish(files)), everything)
  const first = site.contents()
  assert.equal(wasRead(await site.publish(files)), [])
  assert.equal(site.contents(), first)
})

test('a changed file is read and no other; one of another length moves the pieces of the smaller ones', async () => {
  site.write('initrd.img', initrdLike(900 * K, 7))
  assert.equal(await publishTwice(), ['initrd.img'])
  site.write('initrd.img', initrdLike(901 * K, 7))
  assert.equal(await publishTwice(), ['initrd.img', 'vmlinuz'])
  site.write('vmlinuz', kernelLike(310 * K))
  assert.equal(await publishTwice(), ['vmlinuz'])
})

test('a change that leaves size and modification time alone is seen', async () => {
  const [kernel = ''] = files
  await site.publish(files)
  const { atime, mtime } = statSync(kernel)
  const file = openSync(kernel, 'r+')
  writeSync(file, 'other', 600)
  closeSync(file)
  utimesSync(kernel, atime, mtime)
  assert.equal(await publishTwice(), ['vmlinuz'])
})

test('a file that another one has taken the place of is read', async () => {
  await site.publish(files)
  const other = site.write('other', initrdLike(901 * K, 9))
  renameSync(other, files[1] as string)
  assert.equal(await publishTwice(), ['initrd.img'])
})

test('a published file that was damaged is made anew', async () => {
  await site.publish(files)
  const good = site.contents()
  truncateSync(join(site.served, 'node/vmlinuz'), 100)
  writeFileSync(join(site.served, 'node/initrd.img'), 'rubbish')
  rmSync(join(site.served, 'node/root.squashfs'))
  assert.equal(wasRead(await site.publish(files)), everything)
  assert.equal(site.contents(), good)
})

test('an image that gets into the initramfs is another file, and is not read again either', async () => {
  await site.publish(files)
  const options = { imagesInInitramfs: true }
  assert.equal(wasRead(await site.publish(files, options)), ['initrd.img', 'root.squashfs.cpio', 'vmlinuz'])
  assert.equal(wasRead(await site.publish(files, options)), [])
})

test('what others have put into the folder is named, and what is no longer published has no name', async () => {
  await site.publish(files)
  writeFileSync(join(site.served, 'node/notes.txt'), 'mine')
  const { others } = await site.publish(files.slice(0, 2))
  assert.equal(others, ['notes.txt'])
  assert.equal(
    Object.keys(site.contents())
      .filter(path => path.startsWith('node/'))
      .sort(),
    [...['node/SHA256SUMS', 'node/initrd.img', 'node/notes.txt', 'node/vmlinuz']],
  )
  rmSync(join(site.served, 'node/notes.txt'))
})

test('another piece length makes all pieces anew', async () => {
  await site.publish(files)
  const published = await site.publish(files, { pieceLength: 32 * K })
  assert.equal(wasRead(published), everything)
  assert.is(published.pieceLength, 32 * K)
})

test('a damaged record is no record', async () => {
  await site.publish(files)
  const good = site.contents()
  const text = readFileSync(record, 'utf8')
  const digit = text.indexOf('interiorPieces') + 20
  const flipped = text[digit] === '0' ? '1' : '0'
  const damages = [
    '',
    'null',
    '[]',
    '{}',
    '{"format":1}',
    text.slice(0, -20),
    text.replaceAll('a', 'b'),
    `${text.slice(0, digit)}${flipped}${text.slice(digit + 1)}`,
    text.replace('"format":1', '"format":2'),
    '\0'.repeat(100),
  ]
  for (const damage of damages) {
    writeFileSync(record, damage)
    assert.equal(wasRead(await site.publish(files)), everything, JSON.stringify(damage.slice(0, 40)))
    assert.equal(site.contents(), good)
    assert.equal(wasRead(await site.publish(files)), [])
  }
})

test('a file that has just been written is read again: a last write might not show in its times', async () => {
  await site.publish(files)
  const now = Date.now() / 1000
  utimesSync(files[0] as string, now, now)
  assert.equal(wasRead(await site.publish(files)), ['vmlinuz'])
  assert.equal(wasRead(await site.publish(files)), ['vmlinuz'])
})

test('a file that lies in its place already is published where it is', async () => {
  const place = join(site.served, 'node/vmlinuz')
  await site.publish(files)
  const hourAgo = Date.now() / 1000 - 3600
  utimesSync(place, hourAgo, hourAgo)
  const { ino } = statSync(place)
  const inPlace = [place, ...files.slice(1)]
  assert.equal(wasRead(await site.publish(inPlace)), ['vmlinuz'])
  assert.is(statSync(place).ino, ino)
  assert.equal(wasRead(await site.publish(inPlace)), [])
})

test.run()
