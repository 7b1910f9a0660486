import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { buildImage, type ImageReport } from '../../generator/image/build-image.ts'
import { readImage } from '../../generator/image/inspect/image-reader.ts'
import { entryLines } from '../../generator/image/inspect/listing.ts'
import type { Binaries } from '../../generator/programs/provide-programs.ts'
import { needs } from '../support/needs.ts'
import { folderWith, madeUpKernel, madeUpModule } from './made-up-kernel.ts'

const card = madeUpModule('depends=bus', 'alias=pci:v1*')
const kernelRoot = madeUpKernel({ 'kernel/net/card.ko': card, 'kernel/bus.ko': madeUpModule() })
const programs = folderWith({ busybox: 'box', aria2c: 'aria', kexec: 'kexec', ca: 'certificates' })
const outputDir = mkdtempSync(join(tmpdir(), 'output-'))

/** Programs that are none: what is tested here is how they get into the image. */
async function standIns(applets = ['busybox', 'cat', 'sh']): Promise<Binaries> {
  const binary = <Name extends string>(name: Name) => {
    return { name, path: join(programs, name), size: 0, sha256: '', source: '' }
  }
  return {
    busybox: binary('busybox'),
    aria2c: binary('aria2c'),
    kexec: binary('kexec'),
    caBundle: join(programs, 'ca'),
    applets,
  }
}

interface Changed {
  outputDir?: string
  root?: string
  init?: string
  modules?: string[]
  provide?: () => Promise<Binaries>
}

function build(changed: Changed = {}): Promise<ImageReport> {
  return buildImage(
    {
      init: changed.init ?? '#!/bin/sh\n',
      outputDir: changed.outputDir ?? outputDir,
      kernel: { root: changed.root ?? kernelRoot },
      modules: changed.modules ?? ['card'],
    },
    silent,
    changed.provide ?? (() => standIns()),
  )
}

const output = (name: string, folder = outputDir) => readFileSync(join(folder, name))

const golden = `drwxr-xr-x    0  bin
-rwxr-xr-x    3  bin/busybox
lrwxrwxrwx    0  bin/cat -> busybox
lrwxrwxrwx    0  bin/sh -> busybox
drwxr-xr-x    0  dev
crw-------  5,1  dev/console
crw-r--r-- 1,11  dev/kmsg
crw-rw-rw-  1,3  dev/null
drwxr-xr-x    0  etc
drwxr-xr-x    0  etc/aria2-initrd
-rw-r--r--   11  etc/aria2-initrd/time
-rw-r--r--   SIZE  etc/group
-rw-r--r--   SIZE  etc/hosts
drwxr-xr-x    0  etc/modprobe.d
-rw-r--r--   SIZE  etc/modprobe.d/bonding.conf
lrwxrwxrwx    0  etc/mtab -> ../proc/self/mounts
-rw-r--r--   SIZE  etc/passwd
drwxr-xr-x    0  etc/ssl
drwxr-xr-x    0  etc/ssl/certs
-rw-r--r--   12  etc/ssl/certs/ca-certificates.crt
-rwxr-xr-x   10  init
drwxr-xr-x    0  lib
drwxr-xr-x    0  lib/firmware
drwxr-xr-x    0  lib/modules
drwxr-xr-x    0  lib/modules/6.0-test
drwxr-xr-x    0  lib/modules/6.0-test/kernel
-rw-r--r--   SIZE  lib/modules/6.0-test/kernel/bus.ko
drwxr-xr-x    0  lib/modules/6.0-test/kernel/net
-rw-r--r--   SIZE  lib/modules/6.0-test/kernel/net/card.ko
-rw-r--r--   19  lib/modules/6.0-test/modules.alias
-rw-r--r--   SIZE  lib/modules/6.0-test/modules.builtin
-rw-r--r--   SIZE  lib/modules/6.0-test/modules.dep
dr-xr-xr-x    0  proc
drwx------    0  root
drwxr-xr-x    0  run
drwxr-xr-x    0  sbin
-rwxr-xr-x    5  sbin/kexec
lrwxrwxrwx    0  sbin/modprobe -> /proc/self/root/bin/busybox
dr-xr-xr-x    0  sys
drwxr-xr-x    0  tmp
drwxr-xr-x    0  usr
drwxr-xr-x    0  usr/bin
-rwxr-xr-x    4  usr/bin/aria2c
lrwxrwxrwx    0  usr/bin/cms-verify -> aria2c
drwxr-xr-x    0  usr/sbin
-rwxr-xr-x   SIZE  usr/sbin/reporter
drwxr-xr-x    0  usr/share
drwxr-xr-x    0  usr/share/udhcpc
-rwxr-xr-x   SIZE  usr/share/udhcpc/default.script
-rwxr-xr-x   SIZE  usr/share/udhcpc/ipv6.script
drwxr-xr-x    0  var
lrwxrwxrwx    0  var/run -> ../run
lrwxrwxrwx    0  var/tmp -> ../tmp
`

test('the image has these files, with these modes, and nothing else', async () => {
  await build()
  const lines = [...entryLines(await readImage(join(outputDir, 'initrd.img')))].join('')
  const found = lines.split('\n').map(line => line.replace(/ {2,}(?=\S)/g, ' '))
  const wanted = golden.split('\n').map(line => line.replace(/ {2,}(?=\S)/g, ' '))
  assert.is(found.length, wanted.length, lines)
  for (const [index, line] of wanted.entries()) {
    const size = line.includes('SIZE') ? (found[index]?.split(' ')[1] ?? '') : 'SIZE'
    assert.is(found[index], line.replace('SIZE', size))
  }
})

test('the order of the parts is one in which the kernel can unpack them', async () => {
  const made = new Set([''])
  for (const { entries } of await readImage(join(outputDir, 'initrd.img'))) {
    for (const { path } of entries) {
      assert.ok(made.has(path.split('/').slice(0, -1).join('/')), path)
      made.add(path)
    }
  }
})

test('beside the image lie the kernel and the /init for review; the parts add up to the image', async () => {
  const { parts, initrdSize, vmlinuzSize, kernel } = await build()
  assert.is(output('init').toString(), '#!/bin/sh\n')
  assert.is(output('vmlinuz').toString(), 'kernel')
  assert.equal([vmlinuzSize, kernel.version], [6, '6.0-test'])
  assert.is(initrdSize, output('initrd.img').length)
  assert.is(
    parts.reduce((sum, part) => sum + part.compressed, 0),
    initrdSize,
  )
  assert.equal(readdirSync(outputDir).sort(), ['init', 'initrd.img', 'manifest.json', 'sbom.json', 'vmlinuz'])
  assert.is(statSync(join(outputDir, 'initrd.img')).mode & 0o777, 0o644)
})

test('the same input gives the same bytes: another folder, umask, time zone, language', async () => {
  await build()
  const before = {
    umask: process.umask(0o077),
    TZ: process.env.TZ,
    LANG: process.env.LANG,
    cwd: process.cwd(),
  }
  const other = mkdtempSync(join(tmpdir(), 'other-'))
  try {
    process.env.TZ = 'Asia/Kolkata'
    process.env.LANG = 'tr_TR.UTF-8'
    process.chdir('/')
    await build({ outputDir: join(other, 'new/folder') })
  } finally {
    process.umask(before.umask)
    process.env.TZ = before.TZ ?? ''
    process.env.LANG = before.LANG ?? ''
    process.chdir(before.cwd)
  }
  for (const name of ['initrd.img', 'vmlinuz', 'init', 'manifest.json', 'sbom.json']) {
    assert.ok(output(name).equals(output(name, join(other, 'new/folder'))), name)
    assert.is(statSync(join(other, 'new/folder', name)).mode, statSync(join(outputDir, name)).mode)
  }
  rmSync(other, { recursive: true })
})

test('a changed /init changes the image', async () => {
  await build()
  const before = output('initrd.img')
  await build({ init: '#!/bin/sh\n:\n' })
  assert.not.ok(output('initrd.img').equals(before))
})

/** A build that must fail, say this, and leave what is in `folder` as it was. */
async function refused(changed: Changed, says: RegExp, folder = outputDir): Promise<void> {
  const before = readdirSync(folder).map(name => [name, output(name, folder).toString('base64')])
  try {
    await build({ outputDir: folder, ...changed })
  } catch (error) {
    assert.instance(error, CommandError)
    const { message, help } = error as CommandError
    assert.match(message, says)
    assert.ok(help.length > 10)
    const after = readdirSync(folder).map(name => [name, output(name, folder).toString('base64')])
    assert.equal(after, before, 'what was there is untouched')
    return
  }
  assert.unreachable('it should fail')
}

test('what is wrong with the input is said, and the old image stays', async () => {
  await build()
  const truncated = madeUpKernel({ 'kernel/card.ko': card.subarray(0, -1) })
  await refused({ root: '/nowhere' }, /^no such kernel tree: \/nowhere$/)
  await refused({ root: truncated }, /kernel\/card\.ko is damaged: it ends early$/)
  await refused({ modules: ['virtula'] }, /has no module virtula/)
  const missing = async () => ({ ...(await standIns()), caBundle: '/nowhere/ca' })
  await refused({ provide: missing }, /^cannot read \/nowhere\/ca: no such file$/)
  await refused({ provide: () => standIns(['sh', 'sh']) }, /^two sources for \/bin\/sh in the image/)
  rmSync(truncated, { recursive: true })
})

const asRoot = needs(test, {}, true)
asRoot('a module that may not be read is named', async () => {
  await build()
  const secret = madeUpKernel({ 'kernel/card.ko': card, 'kernel/bus.ko': madeUpModule() })
  execFileSync('chmod', ['-R', 'a+rX', secret, programs])
  execFileSync('chmod', ['0', join(secret, 'lib/modules/6.0-test/kernel/card.ko')])
  process.seteuid?.(65534)
  try {
    await refused({ root: secret }, /^cannot read .*\/kernel\/card\.ko: permission denied$/, programs)
  } finally {
    process.seteuid?.(0)
  }
  rmSync(secret, { recursive: true })
})

needs(
  test,
  { mount: 'mount' },
  true,
)('a full disk: the old image stays byte for byte, and nothing is left', async () => {
  const disk = mkdtempSync(join(tmpdir(), 'disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', disk])
  try {
    writeFileSync(join(disk, 'initrd.img'), 'the old image')
    const big = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
    writeFileSync(join(big, 'boot/vmlinuz-6.0-test'), Buffer.alloc(100_000, 'kernel'))
    await refused({ root: big }, /^cannot write .*: the disk is full$/, disk)
    assert.equal(readdirSync(disk), ['initrd.img'])
    rmSync(big, { recursive: true })
  } finally {
    execFileSync('umount', [disk])
    rmSync(disk, { recursive: true })
  }
})

test('an output folder that cannot be is named', async () => {
  for (const folder of ['/proc/output', join(kernelRoot, 'boot/vmlinuz-6.0-test/output')]) {
    await build({ outputDir: folder }).then(
      () => assert.unreachable(),
      error => assert.match(error.message, new RegExp(`^cannot write ${folder}`)),
    )
    assert.not.ok(existsSync(folder))
  }
})

test.run()
