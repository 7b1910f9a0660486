// sha= and sha256sums=: digests for what url= gives, and for all of it at once.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, served } from '../../support/boots.ts'
import { initrd, kernel, sha256, sha512 } from '../../support/payload.ts'

const sums = (...entries: [content: string, name: string][]) =>
  entries.map(([content, name]) => `${sha256(content)}  ${name}\n`).join('')
const pair = 'url=http://s/k,http://s/i'

/** A boot with such a list. */
const listed = (list: string, line = pair, serve: Record<string, string> = {}) =>
  boot(`${line} sha256sums=http://s/SHA256SUMS retries=1`, {
    serve: { ...served, 'http://s/SHA256SUMS': list, ...serve },
  })

test('sha= is the digest of each address of url=, in order', () => {
  const ended = boot(`${pair} sha=${sha256(kernel)} sha=sha512:${sha512(initrd).toUpperCase()}`)
  assert.match(ended.console, 'verify: /tmp/url-1/k: digest holds, by sha\n')
  assert.match(ended.console, 'verify: /tmp/url-2/i: digest holds, by sha\n')
  assert.is(ended.end, 'kexec')
})

test('a file with another digest than sha= has is refused', () => {
  const ended = boot(`${pair} sha=${sha256(initrd)} sha=${sha256(initrd)}`)
  assert.match(ended.console, `/tmp/url-1/k: wrong digest: wanted ${sha256(initrd)}, got ${sha256(kernel)}\n`)
  assert.not.ok(ended.ran('kexec'))
})

test('once one has a digest, none boots without', () => {
  const ended = boot(`${pair} sha=${sha256(kernel)}`)
  assert.match(ended.console, '/tmp/url-2/i: no initrd_sha=; once one digest is given')
  assert.not.ok(ended.ran('kexec'))
})

test('kernel_sha= is compared as well', () => {
  const ended = boot(`${pair} sha=${sha256(kernel)} sha=${sha256(initrd)} kernel_sha=${sha256('x')}`)
  assert.match(ended.console, 'verify: /tmp/url-1/k: wrong digest')
  assert.not.ok(ended.ran('kexec'))
})

test('what is no digest, or one too many, ends the boot', () => {
  assert.match(boot(`${pair} sha=abc`).console, 'command-line: sha=abc: not a digest')
  assert.match(boot(`${pair} sha=`).console, 'not a digest')
  const three = `${pair} sha=${sha256(kernel)} sha=${sha256(initrd)} sha=${sha256(initrd)}`
  assert.match(boot(three).console, 'download: more sha= than addresses in url=\n')
})

for (const [form, list] of [
  ['text', sums([kernel, 'k'], [initrd, 'i'])],
  ['binary', `${sha256(kernel)} *k\n${sha256(initrd)} *i\n`],
  ['with folders and others', sums(['x', 'other'], [kernel, './boot/k'], [initrd, 'a/b/i'])],
  ['in capitals', sums([kernel, 'k'], [initrd, 'i']).replace(/^[0-9a-f]+/gm, hex => hex.toUpperCase())],
  ['with two files of one name', sums(['x', 'a/k'], [kernel, 'b/k'], [initrd, 'i'])],
] as const) {
  test(`a list, ${form}: all files are in it`, () => {
    const ended = listed(list)
    assert.match(ended.console, 'verify: /tmp/url-1/k: digest holds, by sha256sums\n')
    assert.match(ended.console, 'verify: /tmp/url-2/i: digest holds, by sha256sums\n')
    assert.not.match(ended.console, 'have /tmp/sha256sums')
    assert.is(ended.end, 'kexec')
  })
}

for (const [input, list, says] of [
  ['a file that is not in it', sums([kernel, 'k']), '/tmp/url-2/i: not in sha256sums\n'],
  [
    'another digest',
    sums([kernel, 'k'], ['x', 'i']),
    `/tmp/url-2/i: wrong digest: sha256sums has ${sha256('x')}`,
  ],
  [
    'the right digest under another name',
    sums([kernel, 'k'], [initrd, 'j']),
    '/tmp/url-2/i: not in sha256sums\n',
  ],
  ['a name that ends alike', sums([kernel, 'k'], [initrd, 'xi']), '/tmp/url-2/i: not in sha256sums\n'],
  [
    'one blank and no mark',
    `${sha256(kernel)} k\n${sha256(initrd)} i\n`,
    '/tmp/url-1/k: not in sha256sums\n',
  ],
  ['escaped names', sums([kernel, 'k']).replace(/^/, '\\'), '/tmp/url-1/k: wrong digest: sha256sums has \\'],
  ['a pattern for a name', sums([kernel, '*'], [initrd, '?']), '/tmp/url-1/k: not in sha256sums\n'],
  ['nothing', '\n', '/tmp/url-1/k: not in sha256sums\n'],
  ['a page in its place', '<html>404</html>\n', '/tmp/url-1/k: not in sha256sums\n'],
  ['ten megabytes', `${sums([kernel, 'k'], [initrd, 'i'])}${'x'.repeat(10_000_000)}`, 'sha256sums: 10000'],
] as const) {
  test(`a list with ${input}: nothing boots`, () => {
    const ended = listed(list)
    assert.match(ended.console, says)
    assert.not.ok(ended.ran('kexec'))
  })
}

test('a list counts for kernel_url and initrd_url, and a mirror with another file is dropped', () => {
  const line = 'kernel_url=http://old/k,http://s/k initrd_url=http://s/i'
  const ended = listed(sums([kernel, 'k'], [initrd, 'i']), line, { 'http://old/k': 'old' })
  assert.match(ended.console, 'download: http://old/k: dropped\n')
  assert.match(ended.console, 'verify: /tmp/kernel/k: digest holds, by sha256sums\n')
  assert.is(ended.end, 'kexec')
})

test('without the list nothing is fetched', () => {
  const ended = boot(`${pair} sha256sums=http://s/gone retries=1`)
  assert.is(ended.commands('aria2c').length, 1)
  assert.match(ended.end, 'reboot')
})

test.run()
