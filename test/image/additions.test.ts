// `--add`: what comes along, where it goes, which modes it gets; and what cannot be added.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { collectAdditions } from '../../generator/image/additions/collect.ts'
import { withAdditions } from '../../generator/image/additions/merge.ts'
import type { ArchiveEntry } from '../../generator/image/newc/entry.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { checkPaths, type Segment } from '../../generator/image/segment.ts'
import { skeletonEntries } from '../../generator/image/skeleton.ts'
import { extractBytes } from '../support/image.ts'
import { needs } from '../support/needs.ts'
import { folderWith } from './made-up-kernel.ts'
import { madeUpProgram } from './made-up-program.ts'

const folders: string[] = []
function tree(files: Record<string, Buffer | string>): string {
  const root = folderWith(files)
  folders.push(root)
  return realpathSync(root)
}

const image = (): Segment[] => [
  { part: 'skeleton', origin: 'skeleton', x86: false, entries: skeletonEntries() },
  {
    part: 'busybox',
    origin: 'busybox',
    x86: true,
    entries: [
      { kind: 'file', path: 'bin/busybox', mode: 0o755, content: Buffer.from('box') },
      { kind: 'symlink', path: 'bin/sh', target: 'busybox' },
    ],
  },
  {
    part: 'init',
    origin: 'stages',
    x86: false,
    entries: [{ kind: 'file', path: 'init', mode: 0o755, content: Buffer.from('#!/bin/sh\n') }],
  },
]

/** The entries that the additions bring, by path, in an image that holds together. */
function added(texts: string[], replace = false): Map<string, ArchiveEntry> {
  const segments = withAdditions(image(), collectAdditions(texts), replace)
  checkPaths(segments)
  const part = segments.find(segment => segment.part === 'additions')
  return new Map(part?.entries.map(entry => [entry.path, entry]))
}

const modeOf = (entry: ArchiveEntry | undefined) =>
  entry === undefined || entry.kind === 'symlink' ? entry?.kind : entry.mode.toString(8)

function refused(texts: string[], says: RegExp, replace = false): void {
  try {
    added(texts, replace)
  } catch (error) {
    assert.instance(error, CommandError, String(error))
    assert.match((error as CommandError).message, says)
    assert.ok((error as CommandError).help.length > 10)
    return
  }
  assert.unreachable(`it should fail: ${texts.join(' ')}`)
}

test('modes come from the rule and not from the umask; folders above are made', () => {
  const root = tree({ 'a/data': 'x', 'a/run': '#!/bin/sh\n' })
  chmodSync(join(root, 'a'), 0o700)
  chmodSync(join(root, 'a/data'), 0o606)
  chmodSync(join(root, 'a/run'), 0o4711)
  symlinkSync('run', join(root, 'a/link'))
  const entries = added([`${root}/a:/opt/site`])
  const modes = [...entries].map(([path, entry]) => `${path} ${modeOf(entry)}`)
  assert.equal(modes.sort(), [
    'opt 755',
    'opt/site 755',
    'opt/site/data 644',
    'opt/site/link symlink',
    'opt/site/run 755',
  ])
  assert.is(entries.get('opt/site/data')?.origin, 'added (a)', 'no path of this machine')
})

test('a place: the same as here, the one that is named, or one in a folder', () => {
  const root = tree({ 'etc/motd': 'hello', 'with space ä:b/größe': 'x' })
  assert.ok(added([`${root}/etc/motd`]).has(`${root}/etc/motd`.slice(1)))
  assert.ok(added([`${root}/etc/motd:/etc/issue`]).has('etc/issue'))
  assert.ok(added([`${root}/etc/motd:/etc/`]).has('etc/motd'))
  assert.ok(added([`${root}:/`]).has('etc/motd'))
  assert.ok(added([`${root}/with space ä:b/größe:/srv/ü ö`]).has('srv/ü ö'))
  const before = process.cwd()
  try {
    process.chdir(root)
    assert.ok(added(['etc/motd']).has('etc/motd'))
    assert.ok(added(['./with space ä:b']).has('with space ä:b/größe'))
    process.chdir(join(root, 'etc'))
    refused(['../etc/motd'], /leads out of the image$/)
  } finally {
    process.chdir(before)
  }
  refused([`${root}/etc/motd:/../x`], /leads out of the image$/)
  refused([`${root}/etc/motd:/a\nb`], /control characters$/)
})

const loader = '/lib64/ld-linux-x86-64.so.2'

/** A tree of a distribution with a merged /usr, whose library folder only ld.so.conf names. */
function distribution(files: Record<string, Buffer | string>): string {
  const root = tree({
    'usr/lib64/ld-linux-x86-64.so.2': madeUpProgram(),
    'usr/lib64/libc.so.6': madeUpProgram({ needed: ['ld-linux-x86-64.so.2'] }),
    'opt/site/lib/libsite.so.1': madeUpProgram({
      needed: ['libc.so.6', 'libdeep.so'],
      runpath: '$ORIGIN/deep',
    }),
    'opt/site/lib/deep/libdeep.so': madeUpProgram(),
    'etc/ld.so.conf': '# comment\ninclude ld.so.conf.d/*.conf\n',
    'etc/ld.so.conf.d/site.conf': '/opt/site/lib # ours\n',
    ...files,
  })
  symlinkSync('usr/lib64', join(root, 'lib64'))
  return root
}

test('a program brings its loader and its libraries, from the tree that it lies in', () => {
  const root = distribution({
    'usr/bin/tool': madeUpProgram({ interpreter: loader, needed: ['libsite.so.1', 'libc.so.6'] }),
  })
  chmodSync(join(root, 'usr/bin/tool'), 0o755)
  const entries = added([`${root}/usr/bin/tool:/usr/bin/tool`])
  const files = [...entries.values()].filter(({ kind }) => kind === 'file').map(({ path }) => path)
  // What ld.so.conf alone names lies beside the C library, as the image has no cache of it; so does its $ORIGIN.
  assert.equal(files.sort(), [
    'lib64/deep/libdeep.so',
    'lib64/ld-linux-x86-64.so.2',
    'lib64/libc.so.6',
    'lib64/libsite.so.1',
    'usr/bin/tool',
  ])
})

const filesOf = (texts: string[]) =>
  [...added(texts)].filter(([, { kind }]) => kind === 'file').map(([path]) => path)

test('RPATH, RUNPATH and $ORIGIN: in the order of the loader, and at the place that they mean in the image', () => {
  const root = distribution({
    'opt/tool/bin/tool': madeUpProgram({
      interpreter: loader,
      needed: ['liba.so', 'libsite.so.1', '/opt/tool/plain.so'],
      rpath: '/nowhere:${ORIGIN}/../lib',
    }),
    'opt/tool/lib/liba.so': madeUpProgram({ needed: ['libb.so'] }),
    // RPATH of the program counts for its libraries too.
    'opt/tool/lib/libb.so': madeUpProgram(),
    'opt/tool/lib/libsite.so.1': madeUpProgram({ machine: 183 }),
    'opt/tool/plain.so': madeUpProgram(),
    'opt/other/tool': madeUpProgram({ interpreter: loader, needed: ['liba.so'], runpath: '$ORIGIN/lib' }),
    'opt/other/lib/liba.so': madeUpProgram({ needed: ['libb.so'] }),
    'opt/other/lib/libb.so': madeUpProgram(),
    'usr/lib64/libb.so': madeUpProgram({ rpath: 'the one of the system' }),
  })
  assert.equal(filesOf([`${root}/opt/tool/bin/tool:/usr/bin/tool`]).sort(), [
    'lib64/deep/libdeep.so',
    'lib64/ld-linux-x86-64.so.2',
    'lib64/libc.so.6',
    'lib64/libsite.so.1',
    'opt/tool/plain.so',
    'usr/bin/tool',
    'usr/lib/liba.so',
    'usr/lib/libb.so',
  ])
  // RUNPATH counts for the program alone: libb.so is the system's.
  assert.equal(filesOf([`${root}/opt/other/tool:/opt/t`]).sort(), [
    'lib64/ld-linux-x86-64.so.2',
    'lib64/libb.so',
    'opt/lib/liba.so',
    'opt/t',
  ])
})

test("musl's loader has its own folders, and is the C library too", () => {
  const musl = '/lib/ld-musl-x86_64.so.1'
  const root = tree({
    'etc/ld-musl-x86_64.path': '/usr/odd:/lib\n',
    'lib/ld-musl-x86_64.so.1': madeUpProgram(),
    'usr/odd/libz.so.1': madeUpProgram({ needed: ['libc.musl-x86_64.so.1'] }),
    'bin/tool': madeUpProgram({ interpreter: musl, needed: ['libz.so.1', 'libc.so'] }),
  })
  assert.equal(filesOf([`${root}/bin/tool:/bin/tool`]).sort(), [
    'bin/tool',
    'lib/ld-musl-x86_64.so.1',
    'lib/libz.so.1',
  ])
})

test('a library or a loader that is missing is named', () => {
  const root = distribution({
    'bin/tool': madeUpProgram({ interpreter: loader, needed: ['libabsent.so.7'] }),
    'bin/static': madeUpProgram(),
  })
  refused(
    [`${root}/bin/tool`],
    /bin\/tool needs the library libabsent\.so\.7, which is in none of \/opt\/site\/lib, /,
  )
  assert.equal(filesOf([`${root}/bin/static:/bin/static`]), ['bin/static'])
  const alone = tree({ tool: madeUpProgram({ interpreter: '/no/such/loader' }) })
  refused([`${alone}/tool`], /its loader \/no\/such\/loader is not in \/$/)
})

test('what cannot run there is refused when it is named', () => {
  const whole = madeUpProgram({ interpreter: loader, needed: ['liba.so'] })
  const root = tree({
    arm: madeUpProgram({ machine: 183 }),
    cut: whole.subarray(0, whole.length - 20),
    noise: 'MZ not a program',
    python: '#!/usr/bin/python3\n',
    shell: '#! /bin/sh -e\n',
    'data/noise': 'executable, who knows why',
  })
  for (const name of ['arm', 'cut', 'noise', 'python', 'shell', 'data/noise'])
    chmodSync(join(root, name), 0o755)
  refused([`${root}/arm`], /arm is a program for another kind of machine than x86-64$/)
  refused([`${root}/cut`], /cut is damaged: it ends early$/)
  refused([`${root}/noise`], /noise may be executed, but is neither an ELF program nor a script$/)
  refused(
    [`${root}/python:/bin/site`],
    /^\/bin\/site is a script for \/usr\/bin\/python3, which is not in the image$/,
  )
  assert.equal(filesOf([`${root}/shell:/bin/site`]), ['bin/site'])
  assert.equal(filesOf([`${root}/data:/srv`]), ['srv/noise'])
})

test('every way of cutting a program is an error or a file without libraries, never a crash', () => {
  const whole = madeUpProgram({ interpreter: loader, needed: ['liba.so'], runpath: '/x' })
  for (let length = 0; length < whole.length; length += 3) {
    const root = tree({ 'data/cut': whole.subarray(0, length) })
    try {
      collectAdditions([`${root}/data:/`])
    } catch (error) {
      assert.instance(error, CommandError, `${length}: ${error}`)
    }
  }
})

test('two sources for one path are an error, unless --replace; what is the same is no second source', () => {
  const root = tree({ passwd: 'site', same: skeletonFile('etc/passwd'), other: 'other', init: 'x' })
  refused(
    [`${root}/passwd:/etc/passwd`],
    /^two sources for \/etc\/passwd in the image: skeleton and added \(passwd\)$/,
  )
  refused(
    [`${root}/passwd:/x`, `${root}/other:/x`],
    /^two sources for \/x in the image: added \(passwd\) and/,
  )
  refused([`${root}/passwd:/etc`], /^two sources for \/etc /, true)
  refused([`${root}/init:/init`], /^\/init comes from the stages/, true)
  refused(
    [`${root}/passwd:/var/run/x`],
    /^cannot add \/var\/run\/x: \/var\/run in the image is a link to \/run$/,
  )
  assert.is(added([`${root}/same:/etc/passwd`]).size, 0)
  const replaced = added([`${root}/passwd:/etc/passwd`, `${root}/passwd:/x`, `${root}/other:/x`], true)
  assert.equal([replaced.get('etc/passwd'), replaced.get('x')].map(textOf), ['site', 'other'])
})

function skeletonFile(path: string): Buffer {
  const entry = skeletonEntries().find(each => each.path === path)
  return entry?.kind === 'file' ? entry.content : Buffer.alloc(0)
}
const textOf = (entry: ArchiveEntry | undefined) => (entry?.kind === 'file' ? entry.content.toString() : '')

test('what is not there, is no file, or is too big for an image', async () => {
  const root = tree({ 'folder/file': 'x', big: '' })
  refused(['/nowhere/x'], /^cannot add \/nowhere\/x: no such file$/)
  refused(['/dev/null'], /^cannot add \/dev\/null: it is a device, a socket or a pipe$/)
  truncateSync(join(root, 'big'), 5 * 2 ** 30)
  refused([`${root}/big`], /\/big has 5368\.7 MB: too much for an image/)
  refused([root], /\/big has 5368\.7 MB/)
  const server = createServer().listen(join(root, 'folder/socket'))
  await new Promise(resolve => server.once('listening', resolve))
  refused([`${root}/folder`], /socket: it is a device, a socket or a pipe$/)
  server.close()
  writeFileSync(Buffer.concat([Buffer.from(`${root}/folder/`), Buffer.from([0xe4])]), 'x')
  refused([`${root}/folder`], /its name is not UTF-8/)
})

needs(
  test,
  { ls: 'coreutils' },
  true,
)("a program of this machine runs in the image's files alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'added-'))
  folders.push(folder)
  const segments = withAdditions(image(), collectAdditions(['/bin/ls:/usr/bin/site-ls']), false)
  const entries = segments.flatMap(segment => segment.entries)
  await extractBytes(await writeNewc(entries), folder)
  const { status, stdout, stderr } = spawnSync('chroot', [folder, '/usr/bin/site-ls', '/usr/bin'], {
    encoding: 'utf8',
  })
  assert.equal([status, stdout, stderr], [0, 'site-ls\n', ''])
})

test.after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true })
})

test.run()
