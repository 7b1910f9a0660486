// What an image may hold, and what inspect makes of it: a word, exit status 1, and nothing outside of the folder.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { check, xzSync } from 'node-liblzma'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { type RawEntry, rawArchive, rawEntry, trailer } from '../support/image.ts'
import { inspect } from '../support/inspect.ts'
import { watchMemory } from '../support/process-memory.ts'
import { declareInputs, type HostileInput } from './inputs.ts'
import { gzipBomb, writeHoles, zstdBomb } from './made-up-images.ts'

const folder = mkdtempSync(join(tmpdir(), 'images-'))
const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
test.after(() => void execFileSync('rm', ['-rf', folder]))

let count = 0
function imageOf(...pieces: Buffer[]): string {
  const path = join(folder, `image-${count++}`)
  writeFileSync(path, Buffer.concat(pieces))
  return path
}

const named = (text: string) => text.replaceAll(new RegExp(`${folder}/[a-z]+-\\d+`, 'g'), 'IMAGE')

/** The words of a refusal. */
async function refused(path: string, ...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await inspect(path, ...words)
  assert.equal([status, stdout], [1, ''], stderr)
  return named(stderr)
}

/** The paths that are listed, and what is said beside. */
async function listed(path: string, ...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await inspect(path, ...words)
  assert.is(status, 0, stderr)
  const lines = stdout.split('\n\n')[0]?.trim().split('\n') ?? []
  const paths = lines.map(line => line.replace(/^\S+ +\S+ {2}/, ''))
  return [...(paths.length > 6 ? [`${paths.length} lines`] : paths), named(stderr)].filter(Boolean).join('; ')
}

async function printed(path: string, name: string): Promise<string> {
  const { status, stdout, stderr } = await inspect(path, '--cat', name)
  assert.is(status, 0, stderr)
  return stdout
}

interface Extracted {
  words: string
  target: string
}

/** Extracts, and sees that nothing else has come to be. */
async function extracted(path: string): Promise<Extracted> {
  const around = mkdtempSync(join(folder, 'around-'))
  const { status, stderr } = await inspect(path, '--extract', join(around, 'inside'))
  assert.equal(readdirSync(around), ['inside'])
  assert.not.ok(existsSync('/tmp/out-of-the-image'))
  return { words: `${status}: ${named(stderr)}`, target: join(around, 'inside') }
}

const inputs: HostileInput[] = []
const given = (input: string, expected: string, see: HostileInput['see'], run: HostileInput['run'] = 'CLI') =>
  inputs.push({ input, expected, run, see })

const small = rawArchive({ path: 'init', content: 'x' })
const many = (length: number, path: (index: number) => string) =>
  Buffer.concat([...Array.from({ length }, (_, index) => rawEntry({ path: path(index) })), trailer])

given('10 GiB of zeros in 10 MB of gzip', 'refused by the limit, in less than 300 MB of memory', async () => {
  const child = spawn(process.execPath, [bin, 'inspect', imageOf(gzipBomb(10))], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const memory = watchMemory(child)
  let words = ''
  child.stderr.on('data', (piece: Buffer) => {
    words += piece.toString()
  })
  const status = await new Promise(resolve => child.once('close', resolve))
  const peak = memory()
  assert.ok(peak > 0 && peak < 300_000, `${peak} kB`)
  assert.is(status, 1)
  return named(words)
})
given('2 GiB in gzip, --unpacked-limit 1G', 'refused by the limit', () =>
  refused(imageOf(gzipBomb(2)), '--unpacked-limit', '1G'),
)
given('2 GiB in gzip, --cat with --unpacked-limit 500M', 'refused by the limit, nothing printed', () =>
  refused(imageOf(gzipBomb(2)), '--unpacked-limit', '500M', '--cat', 'zeros-0'),
)
if (findProgram('zstd') !== undefined)
  given(
    '4 GiB in 128 kB of zstd that does not say its size, --unpacked-limit 1G',
    'refused by the limit',
    () => refused(imageOf(zstdBomb()), '--unpacked-limit', '1G'),
  )
given('bare files of 3 x 4 GiB, all holes', 'refused by the limit', () => {
  const path = join(folder, 'holes-1')
  writeHoles(path, [0xffffffff, 0xffffffff, 0xffffffff])
  return refused(path)
})
given('one file of 4 GiB - 1 byte, the greatest of newc', 'listed', () => {
  const path = join(folder, 'holes-2')
  writeHoles(path, [0xffffffff])
  return listed(path)
})
given('an image of 2.5 GiB with a file behind it', 'that file is printed', async () => {
  const path = join(folder, 'holes-3')
  writeHoles(path, [2 ** 30, 2 ** 30, 2 ** 29, 5])
  const text = await printed(path, 'hole-3')
  assert.is(text, '\0'.repeat(5))
  return `${text.length} bytes`
})
given('130,000 entries', 'listed', async () => {
  const path = imageOf(many(130_000, index => `f${index}`))
  return [await listed(path), await listed(path, '--tree'), await listed(path, '--sizes')].join('; ')
})
given('3 entries, --entry-limit 2', 'refused by the limit', () =>
  refused(imageOf(many(3, index => `f${index}`)), '--entry-limit', '2'),
)
given('2,000 folders in each other', 'listed, also as a tree', async () => {
  const path = imageOf(rawArchive({ path: `${'d/'.repeat(2000)}f`, content: 'x' }))
  const { stdout } = await inspect(path, '--tree')
  return `${(await listed(path)).length} characters; ${stdout.split('\n').length} lines`
})
given('5,000 folders in each other', 'the kernel passes over it, and that is said', () =>
  listed(imageOf(rawArchive({ path: `${'d/'.repeat(5000)}f` }, { path: 'init' }))),
)
given('a thousand parts, each compressed', 'listed', () =>
  listed(imageOf(...Array.from({ length: 1000 }, (_, i) => gzipSync(rawArchive({ path: `f${i}` }))))),
)
given('a name that is not UTF-8', 'listed escaped', () =>
  listed(imageOf(rawArchive({ path: Buffer.from('a\xffb', 'latin1') }))),
)
given('--cat of a name that is not UTF-8, as it is listed', 'printed', () =>
  printed(imageOf(rawArchive({ path: Buffer.from('a\xffb', 'latin1'), content: 'hello' })), 'a\\u{dcff}b'),
)
given(
  '--cat of a name that is not UTF-8, as the shell hands it on',
  'printed',
  () =>
    spawnSync(
      'sh',
      [
        '-c',
        `"$1" "$2" inspect "$3" --cat "$(printf 'a\\377b')"`,
        'sh',
        process.execPath,
        bin,
        imageOf(rawArchive({ path: Buffer.from('a\xffb', 'latin1'), content: 'hello' })),
      ],
      { encoding: 'utf8' },
    ).stdout,
)
given(
  '--extract of two names that differ in a byte that is not UTF-8',
  'two files with these names',
  async () => {
    const path = imageOf(
      rawArchive(
        { path: Buffer.from('a\xff', 'latin1'), content: '1' },
        { path: Buffer.from('a\xfe', 'latin1'), content: '2' },
      ),
    )
    const { words, target } = await extracted(path)
    const names = readdirSync(target, { encoding: 'buffer' }).map(name => name.toString('hex'))
    return `${words} ${names.sort().join(' ')}`
  },
)
given('ESC, newline and a change of direction in names and targets', 'escaped, one line each', () =>
  listed(imageOf(rawArchive({ path: 'a\x1b[2J\nb' }, { path: 'l', mode: 0o120777, content: '\u202egnp' }))),
)
given(
  '--extract of a name with ESC that leads outside',
  'refused, escaped',
  async () => (await extracted(imageOf(rawArchive({ path: '\x1b[2J/../../x' })))).words,
)
given('--cat of a name with ESC that is not there', 'refused, escaped', () =>
  refused(imageOf(small), '--cat', '\x1b[2J'),
)
if (findProgram('script') !== undefined)
  given('--cat of ESC and NUL to a terminal', 'escaped; lines stay lines', () => {
    const image = imageOf(rawArchive({ path: 'x', content: 'a\x1b[2Jb\0\n\tc\n' }))
    const words = [process.execPath, bin, 'inspect', image, '--cat', 'x'].join(' ')
    return spawnSync('script', ['-qec', words, '/dev/null'], {
      encoding: 'utf8',
      input: '',
    }).stdout.replaceAll('\r', '')
  })
given('hard links, the bytes in the last', 'each name has them, and they are one file', async () => {
  const link = { nlink: 2, ino: 7 }
  const path = imageOf(rawArchive({ path: 'a', fields: link }, { path: 'b', content: 'hello', fields: link }))
  const { target } = await extracted(path)
  assert.is(statSync(join(target, 'a')).ino, statSync(join(target, 'b')).ino)
  return `${await printed(path, 'a')} ${await printed(path, 'b')}`
})
given('hard links with one inode in two archives', 'two files', async () => {
  const link = { nlink: 2, ino: 7 }
  const path = imageOf(
    gzipSync(
      Buffer.concat([
        rawArchive({ path: 'a', content: 'one', fields: link }),
        rawArchive({ path: 'b', content: 'two', fields: link }),
      ]),
    ),
  )
  return `${await printed(path, 'a')} ${await printed(path, 'b')}`
})
given('one name three times, the last in another part', 'the last counts', async () => {
  const path = imageOf(
    rawArchive({ path: 'f', content: '1' }, { path: './f', content: '2' }),
    gzipSync(rawArchive({ path: '//f', content: '3' })),
  )
  return `${await listed(path)}: ${await printed(path, 'f')}; ${(await extracted(path)).words}`
})
for (const [what, entries] of [
  ['a path with ..', [{ path: '../out-of-the-image' }]],
  ['a path with .. behind a folder', [{ path: 'a', mode: 0o40755 }, { path: 'a/../../out-of-the-image' }]],
  [
    'a link to /tmp and a file below it',
    [{ path: 'up', mode: 0o120777, content: '/tmp' }, { path: 'up/out-of-the-image' }],
  ],
  [
    'a file below a link that comes later',
    [{ path: 'up/out-of-the-image' }, { path: 'up', mode: 0o120777, content: '/tmp' }],
  ],
  ['a folder below a file', [{ path: 'f' }, { path: 'f/out-of-the-image', mode: 0o40755 }]],
] satisfies [string, RawEntry[]][])
  given(`--extract of ${what}`, 'refused, nothing outside', async () => {
    const { words, target } = await extracted(imageOf(rawArchive(...entries)))
    assert.match(words, /^1: /)
    assert.equal(readdirSync(target), [])
    return words
  })
given('--extract of an absolute path', 'lies in the folder', async () => {
  const { words, target } = await extracted(
    imageOf(rawArchive({ path: '/tmp/out-of-the-image', content: 'x' })),
  )
  assert.ok(existsSync(join(target, 'tmp/out-of-the-image')))
  return words
})
given('--extract of a set-user-id file', 'without that bit', async () => {
  const { target } = await extracted(imageOf(rawArchive({ path: 'su', mode: 0o104755 })))
  return (statSync(join(target, 'su')).mode & 0o7777).toString(8)
})
given(
  '--extract of a pipe and a socket',
  'left out, and that is said',
  async () =>
    (await extracted(imageOf(rawArchive({ path: 'p', mode: 0o10644 }, { path: 's', mode: 0o140644 })))).words,
)
given(
  '--extract of 30 pipes',
  'a few are named, the others counted',
  async () =>
    (
      await extracted(
        imageOf(rawArchive(...Array.from({ length: 30 }, (_, i) => ({ path: `p${i}`, mode: 0o10644 })))),
      )
    ).words,
)
given('--extract of a name of 300 bytes', 'refused by the file system, in words', async () =>
  (await extracted(imageOf(rawArchive({ path: 'n'.repeat(300) })))).words
    .replace(folder, '')
    .replace(/around-\w+/, 'DIR'),
)
given('an empty name', 'the kernel passes over it, and that is said', () =>
  listed(imageOf(rawArchive({ path: '' }, { path: 'init' }))),
)
given('a name of 5,000 bytes', 'the kernel passes over it, and that is said', () =>
  listed(imageOf(rawArchive({ path: 'n'.repeat(5000) }, { path: 'init' }))),
)
given('a link of 5,000 bytes', 'the kernel passes over it, and that is said', () =>
  listed(imageOf(rawArchive({ path: 'l', mode: 0o120777, content: 't'.repeat(5000) }, { path: 'init' }))),
)
given('a folder with content', 'the kernel passes over it, and that is said', () =>
  listed(imageOf(rawArchive({ path: 'd', mode: 0o40755, content: 'x' }, { path: 'init' }))),
)
given('an entry without a type', 'the kernel passes over it, and that is said', () =>
  listed(imageOf(rawArchive({ path: 't', mode: 0o644 }, { path: 'init' }))),
)
given('a name size of 0', 'refused', () =>
  refused(imageOf(rawArchive({ path: 'abc', fields: { nameSize: 0 } }))),
)
given('a name size of 2^32 - 1', 'refused', () =>
  refused(imageOf(rawArchive({ path: 'a', fields: { nameSize: 0xffffffff } }))),
)
given('a name that does not end where it should', 'refused', () =>
  refused(imageOf(rawArchive({ path: 'a', fields: { nameSize: 200 } }))),
)
given('a size that is too great', 'refused', () =>
  refused(imageOf(rawArchive({ path: 'a', content: 'x', fields: { size: 1e9 } }))),
)
given('a size that is too small', 'refused', () =>
  refused(imageOf(rawArchive({ path: 'a', content: 'x'.repeat(40), fields: { size: 4 } }))),
)
given('a header that is no hex', 'refused, escaped', () => {
  const entry = rawEntry({ path: 'a' })
  entry.write('\x1b[2Jxxxx', 14)
  return refused(imageOf(entry, trailer))
})
const sum = (text: string) => [...Buffer.from(text)].reduce((total, byte) => total + byte, 0)
given('070702 with the right checksum', 'printed', () =>
  printed(
    imageOf(rawArchive({ path: 'a', content: 'hello', magic: '070702', fields: { check: sum('hello') } })),
    'a',
  ),
)
given('070702 with a wrong checksum', 'refused', () =>
  refused(imageOf(rawArchive({ path: 'a', content: 'hello', magic: '070702', fields: { check: 1 } }))),
)
given('the old form of cpio, 070707', 'refused', () =>
  refused(imageOf(Buffer.from('070707'.padEnd(200, '0')))),
)
given('garbage between two archives', 'refused', () =>
  refused(imageOf(small, Buffer.from('garbage!'), small)),
)
given('garbage behind an archive that is compressed', 'refused', () =>
  refused(imageOf(gzipSync(Buffer.concat([small, Buffer.from('garbage!')])))),
)
given('zeros between and behind archives', 'listed', () =>
  listed(imageOf(Buffer.alloc(512), small, Buffer.alloc(4096), gzipSync(small), Buffer.alloc(100_001))),
)
given('microcode first, then three kinds of compression', 'listed', () =>
  listed(
    imageOf(
      rawArchive({ path: 'kernel/x86/microcode/GenuineIntel.bin', content: 'm' }),
      gzipSync(rawArchive({ path: 'a' })),
      xzSync(rawArchive({ path: 'b' }), { check: check.CRC32 }),
      rawArchive({ path: 'c' }),
    ),
  ),
)
given('cut at each byte: bare, gzip, xz', 'each is refused in words', async () => {
  const kinds = [small, gzipSync(small), xzSync(small, { check: check.CRC32 })]
  let cuts = 0
  for (const bytes of kinds) {
    const end = bytes === small ? bytes.lastIndexOf('TRAILER!!!') : bytes.length
    for (let size = 0; size < end; size++, cuts++) await refused(imageOf(bytes.subarray(0, size)))
  }
  return `${cuts > 300 ? 'more than 300' : cuts} refused`
})
given('one bit turned at each byte of gzip and xz', 'refused, or listed as it was', async () => {
  const kinds = [gzipSync(small), xzSync(small, { check: check.CRC32 })]
  for (const bytes of kinds) {
    for (let at = 0; at < bytes.length; at++) {
      const turned = Buffer.from(bytes)
      turned[at] = (turned[at] ?? 0) ^ 0x10
      const { status, stdout } = await inspect(imageOf(turned))
      assert.ok(status === 1 ? stdout === '' : stdout.startsWith('-rw-r--r--  1  init\n'), `byte ${at}`)
    }
  }
  return 'no other outcome'
})
given('an xz part that asks for a dictionary of 4 GiB', 'refused: its memory', () => {
  const bytes = xzSync(small, { check: check.CRC32 })
  // Header of the block: size, flags, filter, size of its properties, dictionary.
  assert.equal([...bytes.subarray(14, 16)], [0x21, 1])
  bytes[16] = 40
  return refused(imageOf(bytes))
})
given('--cat through links in a circle', 'refused', () =>
  refused(
    imageOf(
      rawArchive({ path: 'a', mode: 0o120777, content: 'b' }, { path: 'b', mode: 0o120777, content: 'a' }),
    ),
    '--cat',
    'a',
  ),
)
given('--cat of a folder', 'refused', () =>
  refused(imageOf(rawArchive({ path: 'd', mode: 0o40755 })), '--cat', 'd'),
)
given('--cat through a link that leads above the root', 'stays in the image', () =>
  printed(
    imageOf(rawArchive({ path: 'l', mode: 0o120777, content: '../../../f' }, { path: 'f', content: 'ours' })),
    'l',
  ),
)
given('--diff of two of 2,000 folders in each other', 'compared', async () => {
  const deep = (content: string) => imageOf(rawArchive({ path: `${'d/'.repeat(2000)}f`, content }))
  const { stdout } = await inspect('--diff', deep('a'), deep('b'))
  return stdout.split('\n').at(-2) ?? ''
})
given('--diff of names that differ in a byte that is not UTF-8', 'two names', async () => {
  const one = (byte: string) => imageOf(rawArchive({ path: Buffer.from(byte, 'latin1') }))
  return (await inspect('--diff', one('\xff'), one('\xfe'))).stdout.trim().replaceAll('\n', '; ')
})
given('--diff with one that is cut', 'refused', () =>
  refused(imageOf(small), '--diff', imageOf(small.subarray(0, 100))),
)
given('an image through a pipe', 'listed and printed', () => {
  const call = (...words: string[]) =>
    spawnSync(
      'sh',
      ['-c', 'cat "$1" | "$2" "$3" inspect /dev/stdin --cat init', 'sh', imageOf(gzipSync(small)), ...words],
      { encoding: 'utf8' },
    )
  const { status, stdout, stderr } = call(process.execPath, bin)
  return `${status}: ${stdout}${stderr}`
})
given('an endless pipe of text', 'refused at its first bytes', () => {
  const { status, stderr } = spawnSync(
    'sh',
    ['-c', 'yes | "$1" "$2" inspect /dev/stdin', 'sh', process.execPath, bin],
    { encoding: 'utf8' },
  )
  return `${status}: ${stderr.split('\n').find(line => line.startsWith('aria2-initrd'))}`
})
given('/dev/zero', 'refused', () => refused('/dev/zero'))
given('a folder', 'refused', () => {
  mkdirSync(join(folder, 'image-0d'))
  return refused(join(folder, 'image-0d'))
})
given('an empty file', 'refused', () => refused(imageOf()))
given('a file of zeros', 'refused', () => refused(imageOf(Buffer.alloc(100_000))))

declareInputs(test, 'images', inputs)

test.run()
