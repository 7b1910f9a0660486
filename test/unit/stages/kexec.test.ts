import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both, served } from '../../support/boots.ts'
import { kernel } from '../../support/payload.ts'

test('kexec_file_load first, then the jump', () => {
  const ended = boot(`${both} next_kernel_params="quiet root=x"`)
  assert.equal(ended.trace.slice(-2), [
    ['kexec', '-s', '-l', '/tmp/kernel/k', '--command-line=quiet root=x', '--initrd=/tmp/initrd-1/i'],
    ['kexec', '-e'],
  ])
  assert.match(ended.console, 'kexec: starting /tmp/kernel/k with: quiet root=x\n')
  assert.is(ended.end, 'kexec')
})

test('without an initrd none is loaded', () => {
  const ended = boot('kernel_url=http://s/k')
  assert.is(ended.loaded?.initrd, undefined)
  assert.is(ended.loaded?.commandLine, '')
  assert.is(ended.end, 'kexec')
})

test('a kernel without kexec_file_load: the old call', () => {
  const ended = boot(both, { kexec: 'no file load' })
  assert.match(ended.console, 'kexec: kexec_file_load failed; trying kexec_load\n')
  assert.ok(ended.ran('kexec', '-c', '-l', '/tmp/kernel/k'))
  assert.is(ended.end, 'kexec')
})

test('neither call loads: the failure action follows', () => {
  const ended = boot(both, { kexec: 'no load' })
  assert.not.ok(ended.ran('kexec', '-e'))
  assert.is(ended.end, 'reboot after 30 s')
})

test('kexec -e that fails: the failure action follows', () => {
  assert.is(boot(both, { kexec: 'no jump' }).end, 'reboot after 30 s')
})

test('several initrds are joined at multiples of four bytes', () => {
  const serve = { 'http://s/k': kernel, 'http://s/a': 'aaaaa', 'http://s/b': 'bbbb', 'http://s/c': 'c' }
  const ended = boot(
    'kernel_url=http://s/k initrd_url=http://s/a initrd_url=http://s/b initrd_url=http://s/c',
    { serve },
  )
  assert.is(ended.loaded?.initrd?.toString(), 'aaaaa\0\0\0bbbbc\0\0\0')
  assert.is(ended.file('/tmp/initrd-1/a'), undefined, 'memory holds an initrd only once')
  assert.ok(ended.ran('kexec', '-s', '-l', '/tmp/kernel/k', '--command-line=', '--initrd=/tmp/initrds'))
})

test('too little memory is said before kexec tries', () => {
  const big = kernel + 'x'.repeat(3 * 1024 * 1024)
  const ended = boot(both, { memory: 5 * 1024, serve: { ...served, 'http://s/k': big } })
  assert.match(ended.console, /kexec: not enough memory: loading needs \d+ KiB, \d+ KiB are free\n/)
  assert.not.ok(ended.ran('kexec'))
  assert.is(ended.end, 'reboot after 30 s')
})

test.run()
