import { execFileSync, spawnSync } from 'node:child_process'
import {
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { check, xzSync } from 'node-liblzma'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { compressXz } from '../../generator/image/compression/xz.ts'
import { readImage, unpackedEntries } from '../../generator/image/inspect/image-reader.ts'
import { entryLines } from '../../generator/image/inspect/listing.ts'
import type { ArchiveEntry } from '../../generator/image/newc/entry.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { failure } from '../support/failure.ts'
import { extractBytes, type RawEntry, rawArchive, unpackedContents, withImage } from '../support/image.ts'
import { needs } from '../support/needs.ts'

const file = (path: string, text: string, mode = 0o644): ArchiveEntry => {
  return { kind: 'file', path, mode, content: Buffer.from(text) }
}

const some: ArchiveEntry[] = [
  { kind: 'symlink', path: 'sbin', target: 'usr/bin/ä' },
  { kind: 'directory', path: 'tmp', mode: 0o1777 },
  { kind: 'directory', path: 'dev', mode: 0o755 },
  { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
  file('tmp/größe und leer', 'hallo'),
  file('empty', ''),
  file('tmp/run', '#!/bin/sh\n', 0o755),
]

const listing = `crw-------  5,1  dev/console
-rw-r--r--    0  empty
lrwxrwxrwx    0  sbin -> usr/bin/ä
drwxrwxrwt    0  tmp
-rw-r--r--    5  tmp/größe und leer
-rwxr-xr-x   10  tmp/run
`.replace(/^/, 'drwxr-xr-x    0  dev\n')

async function inTemporary(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'archive-'))
  try {
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

needs(test, { cpio: 'cpio' })('cpio reads what we write, and its order is ours', async () => {
  const archive = await writeNewc(some)
  const { stdout, stderr } = spawnSync('cpio', ['-itvn', '--quiet'], {
    input: archive,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    encoding: 'utf8',
  })
  assert.is(stderr, '')
  assert.equal(stdout.trim().split('\n'), [
    'drwxr-xr-x   2 0        0               0 Jan  1  1970 dev',
    'crw-------   1 0        0          5,   1 Jan  1  1970 dev/console',
    '-rw-r--r--   1 0        0               0 Jan  1  1970 empty',
    'lrwxrwxrwx   1 0        0              10 Jan  1  1970 sbin -> usr/bin/ä',
    'drwxrwxrwt   2 0        0               0 Jan  1  1970 tmp',
    '-rw-r--r--   1 0        0               5 Jan  1  1970 tmp/größe und leer',
    '-rwxr-xr-x   1 0        0              10 Jan  1  1970 tmp/run',
  ])
})

test('the order in which entries are given does not matter', async () => {
  assert.equal(await writeNewc([...some].reverse()), await writeNewc(some))
})

test('an archive ends at a multiple of four, where the kernel looks for the next one', async () => {
  for (let size = 0; size < 1200; size++) {
    const archive = await writeNewc([file('first', 'x'.repeat(size)), file('last', '')])
    assert.is(archive.length % 4, 0, `${size}`)
  }
})

test('a file of 4 GiB is refused and not cut', async () => {
  const content = Object.defineProperty(Buffer.alloc(0), 'length', { value: 2 ** 32 })
  const message = await failure(writeNewc([{ kind: 'file', path: 'big', mode: 0o644, content }]))
  assert.match(message, /^big: 4294967296 bytes are too many/)
})

needs(test, { xz: 'xz-utils' })(
  'xz reads what we compress, with the checksum that the kernel wants',
  async () => {
    const content = Buffer.from('#include <stdio.h>\n'.repeat(100_000))
    for (const x86 of [true, false]) {
      let seen = 0
      const compressed = await compressXz(
        content,
        { x86 },
        {
          advance(by) {
            seen += by
          },
          done() {},
        },
      )
      assert.is(seen, content.length)
      assert.ok(execFileSync('xz', ['-dc'], { input: compressed, maxBuffer: 2 ** 25 }).equals(content))
      assert.is(compressed[7], 1, 'CRC32')
    }
  },
)

test('an image of many parts, each compressed in another way, reads as one', async () => {
  await inTemporary(async folder => {
    const one = (name: string) => writeNewc([file(name, name)])
    const path = join(folder, 'image')
    const parts = [
      await one('bare'),
      gzipSync(await one('gzip')),
      await one('bare again'),
      xzSync(await one('xz'), { check: check.CRC32 }),
      xzSync(Buffer.concat([await one('xz two'), Buffer.alloc(512), await one('xz three')]), {
        check: check.CRC64,
      }),
      Buffer.alloc(1024),
      gzipSync(await one('last')),
      Buffer.alloc(3),
    ]
    writeFileSync(path, Buffer.concat(parts))
    const paths = unpackedEntries(await readImage(path)).map(entry => entry.path)
    assert.equal(paths, ['bare', 'bare again', 'gzip', 'last', 'xz', 'xz three', 'xz two'])
  })
})

needs(test, { zstd: 'zstd' })('zstd frames are told apart', async () => {
  await inTemporary(async folder => {
    const path = join(folder, 'image')
    const zstd = (input: Buffer, ...options: string[]) => execFileSync('zstd', ['-qc', ...options], { input })
    const big = await writeNewc([file('big', 'x'.repeat(300_000)), file('zeros', '\0'.repeat(3_000_000))])
    const parts = [
      zstd(big, '-19'),
      zstd(await writeNewc([file('two', '2')]), '--no-check'),
      await writeNewc(some),
    ]
    writeFileSync(path, Buffer.concat(parts))
    assert.equal(unpackedEntries(await readImage(path)).length, some.length + 3)
  })
})

test('an image that is cut anywhere is an error, never a shorter list', async () => {
  await inTemporary(async folder => {
    const path = join(folder, 'image')
    for (const pack of [
      (b: Buffer) => b,
      (b: Buffer) => gzipSync(b),
      (b: Buffer) => xzSync(b, { check: check.CRC32 }),
    ]) {
      const whole = pack(await writeNewc(some))
      // Zeros may follow the archive; a cut in them takes nothing away.
      const end = whole[0] === 0x30 ? whole.lastIndexOf('TRAILER!!!') : whole.length - 1
      for (let length = 1; length < end; length++) {
        writeFileSync(path, whole.subarray(0, length))
        assert.ok((await failure(readImage(path))) !== '', `${length}`)
      }
    }
  })
})

test('the list shows modes, devices, links; control characters do not reach the terminal', async () => {
  const listed = (bytes: Buffer) =>
    withImage(bytes, async path => [...entryLines(await readImage(path))].join(''))
  assert.is(await listed(await writeNewc(some)), listing)
  assert.match(await listed(await writeNewc([file('a\u001b[2Jb', '')])), 'a\\u{1b}[2Jb')
})

test('of two files with one path the later one counts, as in the kernel', async () => {
  await inTemporary(async folder => {
    const path = join(folder, 'image')
    const parts = [await writeNewc([file('etc', 'old')]), await writeNewc([file('etc', 'new')])]
    writeFileSync(path, Buffer.concat(parts))
    assert.equal(
      (await unpackedContents(path)).map(entry => entry.content.toString()),
      ['new'],
    )
  })
})

test('what is extracted has the modes of the image, whatever the umask', async () => {
  await inTemporary(async folder => {
    const before = process.umask(0o077)
    try {
      const { left } = await extractBytes(await writeNewc(some), folder)
      assert.equal(left, process.getuid?.() === 0 ? [] : ['dev/console'])
    } finally {
      process.umask(before)
    }
    assert.is(statSync(join(folder, 'tmp/run')).mode & 0o7777, 0o755)
    assert.is(statSync(join(folder, 'tmp')).mode & 0o7777, 0o1777)
    assert.is(statSync(join(folder, 'tmp/größe und leer')).size, 5)
  })
})

const raw = (path: string, mode: number, content = ''): RawEntry => ({ path, mode, content })
const plainFile = constants.S_IFREG | 0o644
const link = constants.S_IFLNK | 0o777

test('an archive cannot write outside of the folder', async () => {
  const attacks: [string, RawEntry[]][] = [
    ['a path upwards', [raw('../out', plainFile, 'x')]],
    ['a path upwards in the middle', [raw('a/../../out', plainFile, 'x')]],
    ['through a link', [raw('up', link, '..'), raw('up/out', plainFile, 'x')]],
    ['through a link to a path', [raw('up', link, '/tmp'), raw('up/out-of-the-image', plainFile, 'x')]],
    ['below a file', [raw('up', plainFile, 'x'), raw('up/out', plainFile, 'x')]],
  ]
  for (const [name, entries] of attacks) {
    await inTemporary(async folder => {
      mkdirSync(join(folder, 'inside'))
      assert.ok((await failure(extractBytes(rawArchive(...entries), join(folder, 'inside')))) !== '', name)
      assert.equal(readdirSync(folder), ['inside'], name)
      assert.not.ok(existsSync('/tmp/out-of-the-image'), name)
    })
  }
  await inTemporary(async folder => {
    mkdirSync(join(folder, 'inside'))
    // The kernel takes away what an entry of another type has made.
    const over = [
      raw('up', link, '../out'),
      raw('up', plainFile, 'x'),
      raw('to', link, '..'),
      raw('to', constants.S_IFDIR | 0o755),
    ]
    await extractBytes(rawArchive(...over), join(folder, 'inside'))
    assert.equal(readdirSync(folder), ['inside'])
    assert.is(readFileSync(join(folder, 'inside/up'), 'utf8'), 'x')
    assert.ok(statSync(join(folder, 'inside/to')).isDirectory())
  })
  await inTemporary(async folder => {
    await extractBytes(
      rawArchive(raw('/etc', constants.S_IFDIR | 0o755), raw('//etc/x', plainFile | 0o4000, 'x')),
      folder,
    )
    assert.is(
      statSync(join(folder, 'etc/x')).mode & 0o7777,
      0o644,
      'an absolute path lies in the folder; no set-user-id',
    )
  })
})

test.run()
