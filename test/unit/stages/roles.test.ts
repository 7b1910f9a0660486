// Which file is the kernel, and which are initrds.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Content } from '../../../generator/simulator/world.ts'
import { boot, both, served } from '../../support/boots.ts'
import { initrd, kernel, xz } from '../../support/payload.ts'

const torrent = (files: Record<string, Content>, cmdline = '') =>
  boot(`url=http://s/boot.torrent ${cmdline}`, { serve: { 'http://s/boot.torrent': { files } } })

test('a torrent: kernel and initrd are found by content, whatever they are called', () => {
  const ended = torrent({ 'a.img': kernel, vmlinuz: initrd })
  assert.match(ended.console, '/tmp/url-1/a.img: kernel, by its content\n')
  assert.match(ended.console, '/tmp/url-1/vmlinuz: initrd, by its content\n')
  assert.is(ended.loaded?.kernel.toString('latin1'), kernel)
  assert.is(ended.loaded?.initrd?.toString('latin1'), initrd)
})

const kinds: [string, string, Content][] = [
  ['kernel', 'x86', kernel],
  ['kernel', 'arm64', `${'a'.repeat(56)}ARMd`],
  ['kernel', 'efi-zboot', 'MZ..zimg....'],
  ['initrd', 'newc', initrd],
  ['initrd', 'newc-crc', '070702aa'],
  ['initrd', 'xz', xz],
  ['initrd', 'gzip', '\x1f\x8b\x08'],
  ['initrd', 'zstd', '\x28\xb5\x2f\xfd'],
  ['initrd', 'lz4', '\x02\x21\x4c\x18'],
  ['initrd', 'lzop', '\x89LZO'],
  ['initrd', 'bzip2', 'BZh9'],
  ['initrd', 'lzma', '\x5d\0\0\0'],
  ['kernel', 'vmlinuz.gz', '\x1f\x8b\x08'],
  ['kernel', 'Image.zst', '\x28\xb5\x2f\xfd'],
  ['image', 'rootfs.tar.gz', '\x1f\x8b\x08'],
  ['image', 'disk.xz', xz],
  ['image', 'live.iso.xz', xz],
  ['image', 'empty', ''],
  ['image', 'short', 'M'],
  ['image', 'squashfs', 'hsqs'],
  ['image', 'text', 'kernel'],
]
for (const [kind, name, content] of kinds) {
  test(`${name} is ${kind === 'image' ? 'an image' : `a kernel or an initrd: ${kind}`}`, () => {
    assert.match(torrent({ [name]: content }).console, `/tmp/url-1/${name}: ${kind}, by its content\n`)
  })
}

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
