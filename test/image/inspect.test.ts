// inspect on images of others: lz4, microcode first, devices; and its tree, sizes and differences.
import { execFileSync } from 'node:child_process'
import { constants, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { check, xzSync } from 'node-liblzma'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { differenceOf } from '../../generator/image/inspect/difference.ts'
import { readImage, unpackedEntries } from '../../generator/image/inspect/image-reader.ts'
import { sizesOf, treeOf } from '../../generator/image/inspect/tree.ts'
import type { ArchiveEntry } from '../../generator/image/newc/entry.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { extractBytes, type RawEntry, rawArchive, unpackedContents } from '../support/image.ts'
import { needs } from '../support/needs.ts'

const folder = mkdtempSync(join(tmpdir(), 'inspect-'))
const file = (path: string, text: string, mode = 0o644): ArchiveEntry => {
  return { kind: 'file', path, mode, content: Buffer.from(text) }
}
const folderEntry = (path: string): ArchiveEntry => ({ kind: 'directory', path, mode: 0o755 })

async function partsOf(...segments: Buffer[]) {
  const path = join(folder, 'image')
  writeFileSync(path, Buffer.concat(segments))
  return readImage(path, { digests: true })
}
const one = (name: string) => writeNewc([file(name, name)])

const lz4 = (input: Buffer, ...options: string[]) =>
  execFileSync('lz4', ['-c', ...options], { input, stdio: ['pipe', 'pipe', 'ignore'], maxBuffer: 2 ** 26 })

const withLz4 = needs(test, { lz4: 'lz4' })

withLz4(
  'lz4 in the form of the kernel and in that of everyone else, with parts before and after',
  async () => {
    const noise = Buffer.from(Array.from({ length: 9_000_000 }, (_, i) => (i * i * 7919) >> 7))
    const big = await writeNewc([{ kind: 'file', path: 'big', mode: 0o644, content: noise }])
    const forms = [
      ['-l'],
      ['-l', '-9'],
      [],
      ['-9', '--content-size', '-BX'],
      ['--no-frame-crc', '-B4', '-BD'],
    ]
    for (const options of forms) {
      const parts = await partsOf(
        await one('first'),
        lz4(big, ...options),
        Buffer.alloc(options[0] === '-l' ? 8 : 0),
        gzipSync(await one('last')),
      )
      assert.equal(
        parts.map(part => part.compression),
        ['none', 'lz4', 'gzip'],
        options.join(' '),
      )
      assert.equal(
        unpackedEntries(parts).map(entry => entry.path),
        ['big', 'first', 'last'],
      )
      assert.ok((await unpackedContents(join(folder, 'image')))[0]?.content.equals(noise))
    }
  },
)

withLz4('lz4 that is cut is an error', async () => {
  const whole = lz4(await one('x'.repeat(200)), '-l')
  const frame = lz4(await one('x'.repeat(200)))
  for (const bytes of [whole, frame]) {
    for (let length = 5; length < bytes.length - 4; length += 3) {
      const error = await partsOf(bytes.subarray(0, length)).catch(error => error)
      assert.instance(error, CommandError, `${length} of ${bytes.length}`)
    }
  }
})

test('microcode first, bare, as early_cpio wants it; then the image, and one more after it', async () => {
  const microcode = await writeNewc([
    folderEntry('kernel'),
    folderEntry('kernel/x86'),
    folderEntry('kernel/x86/microcode'),
    file('kernel/x86/microcode/GenuineIntel.bin', 'm'.repeat(1000)),
  ])
  const padded = Buffer.concat([microcode, Buffer.alloc(512 - (microcode.length % 512))])
  const parts = await partsOf(
    padded,
    xzSync(await one('init'), { check: check.CRC32 }),
    xzSync(await one('squashfs.img'), { check: check.CRC32 }),
  )
  assert.equal(
    parts.map(part => [part.compression, part.entries.at(-1)?.path]),
    [
      ['none', 'kernel/x86/microcode/GenuineIntel.bin'],
      ['xz', 'init'],
      ['xz', 'squashfs.img'],
    ],
  )
})

const some = () =>
  writeNewc([
    folderEntry('bin'),
    file('bin/a', 'x'.repeat(2000), 0o755),
    { kind: 'symlink', path: 'bin/b', target: 'a\u001b[2J' },
    file('bin/empty', ''),
    folderEntry('none'),
    { kind: 'character-device', path: 'null', mode: 0o666, major: 1, minor: 3 },
    file('z', 'four'),
  ])

test('the tree shows folders with what is in them, and sizes', async () => {
  assert.is(
    [...treeOf(await partsOf(await some()))].join(''),
    `/  2.0 kB
├── bin/  2.0 kB
│   ├── a  2.0 kB
│   ├── b -> a\\u{1b}[2J
│   └── empty  0 B
├── none/
├── null
└── z  4 B
`,
  )
})

test('sizes are sorted, folders among them', async () => {
  assert.is([...sizesOf(await partsOf(await some()))].join(''), '2000  bin/\n2000  bin/a\n   4  z\n')
  assert.is([...sizesOf(await partsOf(await writeNewc([file('empty', '')])))].join(''), '')
})

const difference = (...images: Parameters<typeof differenceOf>) => [...differenceOf(...images)].join('')

test('differences are of what the machine would see, not of how it is packed', async () => {
  const before = await partsOf(await some())
  assert.is(difference(before, await partsOf(gzipSync(await some()))), '0 removed, 0 added, 0 changed\n')
  const after = await partsOf(
    await some(),
    await writeNewc([
      file('bin/a', 'y'.repeat(2000), 0o700),
      file('bin/b', 'a'),
      { kind: 'character-device', path: 'null', mode: 0o666, major: 1, minor: 5 },
      file('new', ''),
      file('z', 'three'),
    ]),
  )
  assert.is(
    difference(before, after),
    `~ bin/a  -rwxr-xr-x -> -rwx------, content
~ bin/b  lrwxrwxrwx -> -rw-r--r--
+ new
~ null  device 1,3 -> 1,5
~ z  4 -> 5 bytes
0 removed, 1 added, 4 changed
`,
  )
  assert.match(difference(after, before), '- new\n')
})

const device: RawEntry = {
  path: 'dev/null',
  mode: constants.S_IFCHR | 0o666,
  fields: { major: 1, minor: 3 },
}

needs(
  test,
  { mknod: 'coreutils' },
  true,
)('devices: root has them, for itself alone; others leave them out', async () => {
  const made = join(folder, 'root')
  mkdirSync(made)
  const { left } = await extractBytes(rawArchive(device), made)
  if (left.length === 0) {
    const { mode, rdev } = statSync(join(made, 'dev/null'))
    assert.equal([mode & constants.S_IFMT, mode & 0o777, rdev], [constants.S_IFCHR, 0o600, (1 << 8) | 3])
  }
  const pipe = { ...device, path: 'pipe', mode: constants.S_IFIFO | 0o644 }
  const other = mkdtempSync(join(tmpdir(), 'not-root-'))
  execFileSync('chmod', ['777', other])
  process.seteuid?.(65534)
  try {
    assert.equal((await extractBytes(rawArchive(device, pipe), other)).left, ['dev/null', 'pipe'])
  } finally {
    process.seteuid?.(0)
    rmSync(other, { recursive: true })
  }
})

test.after(() => rmSync(folder, { recursive: true }))

test.run()
