// Which file is the kernel, and which are initrds.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Content } from '../../../generator/simulator/world.ts'
import { boot, both, served } from '../../support/boots.ts'
import { gzipped, initrd, kernel, xz, xzipped } from '../../support/payload.ts'

const torrent = (files: Record<string, Content>, cmdline = '') =>
  boot(`url=http://s/boot.torrent ${cmdline}`, { serve: { 'http://s/boot.torrent': { files } } })

test('a torrent: kernel and initrd are found by content, whatever they are called', () => {
  const ended = torrent({ 'a.img': kernel, vmlinuz: initrd })
  assert.match(ended.console, '/tmp/url-1/a.img: kernel, by its content\n')
  assert.match(ended.console, '/tmp/url-1/vmlinuz: initrd, by its content\n')
  assert.is(ended.loaded?.kernel.toString('latin1'), kernel)
  assert.is(ended.loaded?.initrd?.toString('latin1'), initrd)
})

const squashfs = `hsqs${'s'.repeat(92)}`
const tar = `${'etc/'.padEnd(257, '\0')}ustar`
const zstd = '\x28\xb5\x2f\xfd\x04\x58'

/** By what is in it, whatever its name says. */
const byContent: [string, string, Content][] = [
  ['kernel', 'x86', kernel],
  ['kernel', 'arm64', `${'a'.repeat(56)}ARMd`],
  ['kernel', 'efi-zboot', 'MZ..zimg....'],
  ['kernel', 'initrd.img', `MZ${'\0'.repeat(62)}PE\0\0${'.'.repeat(200)}.linux\0\0`],
  ['image', 'vmlinuz.efi', `MZ${'\0'.repeat(62)}PE\0\0${'.'.repeat(200)}.text\0\0`],
  ['initrd', 'newc', initrd],
  ['initrd', 'newc-crc', '070702aa'],
  ['image', 'old.cpio', '070707aa'],
  ['initrd', 'initrd-diskless.img', gzipped(initrd)],
  ['initrd', 'rootfs.cpio.gz', gzipped(initrd)],
  ['initrd', 'initramfs-genkernel-1', xzipped(initrd)],
  ['initrd', 'disk.xz', xzipped(initrd)],
  ['initrd', 'two-segments', `${xzipped(initrd)}\0\0\0\0${xzipped(initrd)}`],
  ['kernel', 'initrd.gz', gzipped(kernel)],
  ['kernel', 'Image.xz', xzipped(`${'a'.repeat(56)}ARMd`)],
  ['image', 'node-squashfs.gz', gzipped(squashfs)],
  ['image', 'initrd.qcow2.gz', gzipped('QFI\xfb\0\0\0\x03')],
  ['image', 'initrd.tgz', gzipped(tar)],
  ['image', 'initrd.xz.gz', gzipped(xzipped(initrd))],
  ['initrd', 'vmlinuz.lz4', `\x02\x21\x4c\x18\x50\0\0\0\xf1${initrd}`],
  ['image', 'initrd.lz4', `\x02\x21\x4c\x18\x50\0\0\0\xf1${squashfs}`],
  ['image', 'empty', ''],
  ['image', 'short', 'M'],
  ['image', 'initrd.squashfs', squashfs],
  ['image', 'text', 'kernel'],
]
for (const [kind, name, content] of byContent) {
  test(`${name} is ${kind === 'image' ? 'an image' : `a kernel or an initrd: ${kind}`}`, () => {
    assert.match(torrent({ [name]: content }).console, `/tmp/url-1/${name}: ${kind}, by its content\n`)
  })
}

/** Nothing here unpacks it. */
const byName: [string, string, Content][] = [
  ['initrd, by its name', 'initrd-diskless.img', zstd],
  ['initrd, by its name', 'rootfs.cpio.zst', zstd],
  ['initrd, by its name', 'initramfs-genkernel-1', 'BZh9'],
  ['kernel, by its name', 'vmlinuz.zst', zstd],
  ['image, by its name', 'rootfs.tar.zst', zstd],
  ['image, by its name', 'node.qcow2.bz2', 'BZh9'],
  ['image, by its name', 'live.iso.lzma', '\x5d\0\0\0'],
  ['image, by its name', 'disk.xz', xz],
]
for (const [kind, name, content] of byName) {
  test(`${name}, not to be looked into: ${kind}`, () => {
    const line = `/tmp/url-1/${name}: ${kind}: nothing here unpacks it\n`
    assert.match(torrent({ [name]: content }).console, line)
  })
}

test('what neither content nor name tells is an initrd, and the console says so', () => {
  const line = 'x.lzo: initrd, as nothing here unpacks it and its name says nothing\n'
  assert.match(torrent({ 'x.lzo': '\x89LZO' }).console, line)
})

test('without the part every compressed file is an initrd', () => {
  const serve = { 'http://s/k': kernel, 'http://s/root.gz': gzipped(squashfs) }
  const ended = boot('url=http://s/k,http://s/root.gz', { serve, without: ['unpacking'] })
  assert.match(ended.console, 'root.gz: initrd, by its content\n')
})

test('what url= lists is joined in that order', () => {
  const serve = {
    'http://s/k': kernel,
    'http://s/z-microcode.cpio': `${initrd}zz`,
    'http://s/a.img': gzipped(initrd),
  }
  const ended = boot('url=http://s/k,http://s/z-microcode.cpio,http://s/a.img', { serve })
  assert.is(ended.loaded?.initrd?.toString('latin1').indexOf('zz'), initrd.length)
})

test('files in folders of a torrent count too', () => {
  assert.is(torrent({ 'boot/x/vmlinuz': kernel }).loaded?.initrd, undefined)
})

test('no kernel among them: on_complete follows', () => {
  const ended = torrent({ 'root.squashfs': 'hsqs' })
  assert.match(ended.console, 'all files are in /tmp; opening a shell (on_complete); exit it to reboot\n')
  assert.is(ended.end, 'shell')
  assert.not.ok(ended.ran('kexec'))
})

test('two kernels are one too many', () => {
  const ended = torrent({ a: kernel, b: kernel })
  assert.match(ended.console, 'two kernels, /tmp/url-1/a and /tmp/url-1/b: choose one with kernel_url=\n')
  assert.is(ended.end, 'reboot after 30 s')
})

test('kernel_url that brings several files is refused', () => {
  const serve = { 'http://s/k': { files: { a: kernel, b: kernel } } }
  assert.match(
    boot('kernel_url=http://s/k', { serve }).console,
    '/tmp/kernel: more than one file; use url= for several\n',
  )
})

test('kernel_url that brings nothing is refused', () => {
  assert.match(
    boot(both, { serve: { ...served, 'http://s/k': { files: {} } } }).console,
    'download: http://s/k: aria2 succeeded, but fetched nothing\n',
  )
})

test('several initrds keep their order, past nine too', () => {
  const numbers = Array.from({ length: 11 }, (_, index) => index + 1)
  const serve = Object.fromEntries(numbers.map(n => [`http://s/${n}`, `<${n}>`.padEnd(8, '.')]))
  const ended = boot(`kernel_url=http://s/k ${numbers.map(n => `initrd_url=http://s/${n}`).join(' ')}`, {
    serve: { ...serve, 'http://s/k': kernel },
  })
  assert.is(ended.loaded?.initrd?.toString(), numbers.map(n => `<${n}>`.padEnd(8, '.')).join(''))
})

test.run()
