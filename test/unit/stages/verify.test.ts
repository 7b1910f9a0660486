import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'
import { initrd, kernel, sha256, sha512, zeros } from '../../support/payload.ts'

test('both digests hold', () => {
  const ended = boot(`${both} kernel_sha=${sha256(kernel)} initrd_sha=${sha512(initrd)}`)
  assert.match(ended.console, 'verify: /tmp/kernel/k: digest holds\n')
  assert.match(ended.console, 'verify: /tmp/initrd-1/i: digest holds\n')
  assert.is(ended.end, 'kexec')
})

test('capital hex digits are as good', () => {
  assert.is(boot(`${both} kernel_sha=${sha256(kernel).toUpperCase()}`).end, 'kexec')
})

for (const [kind, digest] of [
  ['sha256', sha256],
  ['sha512', sha512],
] as const) {
  test(`a wrong ${kind} stops the boot, names both, and removes the file`, () => {
    const wrong = zeros(digest(kernel).length)
    const ended = boot(`${both} kernel_sha=${wrong}`)
    assert.match(
      ended.console,
      `verify: /tmp/kernel/k: wrong digest: wanted ${wrong}, got ${digest(kernel)}\n`,
    )
    assert.is(ended.file('/tmp/kernel/k'), undefined)
    assert.not.ok(ended.ran('kexec'))
    assert.is(ended.end, 'reboot after 30 s')
  })
}

test('a digest of a wrong length is none', () => {
  const ended = boot(`${both} kernel_sha=abc`)
  assert.match(ended.console, "verify: 'abc' is no digest: sha256 has 64 hex digits, sha512 has 128\n")
  assert.not.ok(ended.ran('kexec'))
})

test('files without a digest are taken as they are, and the console says so', () => {
  assert.match(boot(both).console, 'verify: /tmp/kernel/k: no digest was given, taken as it is\n')
})

test('several initrds: one digest each, in the same order', () => {
  const two = 'kernel_url=http://s/k initrd_url=http://s/i initrd_url=http://s/k'
  assert.is(boot(`${two} initrd_sha=${sha256(initrd)} initrd_sha=${sha256(kernel)}`).end, 'kexec')
  const swapped = boot(`${two} initrd_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`)
  assert.match(swapped.console, '/tmp/initrd-1/i: wrong digest')
})

test('more digests than initrds', () => {
  const ended = boot(`${both} initrd_sha=${sha256(initrd)} ramdisk_sha=${zeros(64)}`)
  assert.match(ended.console, 'verify: initrd_sha is given more often than there are initrds\n')
  assert.not.ok(ended.ran('kexec'))
})

test('a digest for a kernel that is not there', () => {
  const ended = boot(`url=http://s/i kernel_sha=${zeros(64)}`)
  assert.match(ended.console, 'verify: kernel_sha is given, but no kernel was downloaded\n')
})

test('the digests of a torrent count as well', () => {
  const serve = { 'http://s/t': { files: { vmlinuz: kernel, initrd } } }
  const ended = boot(`url=http://s/t kernel_sha=${sha256(kernel)} initrd_sha=${zeros(64)}`, { serve })
  assert.match(ended.console, '/tmp/vmlinuz: digest holds\n')
  assert.match(ended.console, '/tmp/initrd: wrong digest')
})

test.run()
