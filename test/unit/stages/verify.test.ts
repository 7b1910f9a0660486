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

test('the kind may stand before the digits, and has to fit them', () => {
  const given = `kernel_sha=sha256:${sha256(kernel)} initrd_sha=sha512:${sha512(initrd)}`
  assert.is(boot(`${both} ${given}`).end, 'kexec')
  for (const bad of [
    `sha512:${sha256(kernel)}`,
    `md5:${sha256(kernel)}`,
    `sha256:`,
    `:${sha256(kernel)}x`,
    'sha256',
  ]) {
    assert.match(boot(`${both} kernel_sha=${bad}`).console, `command-line: kernel_sha=${bad}: not a digest`)
  }
})

test('capital hex digits are as good', () => {
  const given = `kernel_sha=${sha256(kernel).toUpperCase()} initrd_sha=${sha512(initrd).toUpperCase()}`
  assert.is(boot(`${both} ${given}`).end, 'kexec')
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
      `download: /tmp/kernel/k: wrong digest: wanted ${wrong}, got ${digest(kernel)}\n`,
    )
    assert.is(ended.file('/tmp/kernel/k'), undefined)
    assert.not.ok(ended.ran('kexec'))
    assert.is(ended.end, 'reboot after 30 s')
  })
}

for (const [given, shown] of [
  ['kernel_sha=abc', 'kernel_sha=abc'],
  ['kernel_sha=', 'kernel_sha=(empty)'],
  ['kernel_sha=""', 'kernel_sha=(empty)'],
  ['kernel_sha', 'kernel_sha=(empty)'],
  ['initrd_sha=', 'initrd_sha=(empty)'],
  ['ramdisk_sha', 'initrd_sha=(empty)'],
  [`kernel_sha=${'g'.repeat(64)}`, `kernel_sha=${'g'.repeat(64)}`],
  [`initrd_sha=${zeros(64)} initrd_sha=${zeros(63)}`, `initrd_sha=${zeros(63)}`],
  [`kernel_sha=${zeros(64)} kernel_sha=`, 'kernel_sha=(empty)'],
]) {
  test(`${given} is no digest: the boot ends before the network`, () => {
    const ended = boot(`${both} ${given} on_failure=poweroff`)
    assert.match(
      ended.console,
      `command-line: ${shown}: not a digest; use 64 (sha256) or 128 (sha512) hex digits\n`,
    )
    assert.not.ok(ended.ran('ip') || ended.ran('aria2c') || ended.ran('kexec'))
    assert.is(ended.end, 'poweroff after 30 s')
  })
}

test('files without a digest are taken as they are, and the console says so', () => {
  assert.match(boot(both).console, 'verify: no digest given: files are not verified\n')
})

test('what a Metalink proves is said so, and what it does not prove', () => {
  const files = { vmlinuz: kernel, 'initrd.img': initrd, 'root.squashfs': 'hsqs' }
  const told = (proven: string[]): string =>
    boot('url=http://s/x.meta4', { serve: { 'http://s/x.meta4': { files, proven } } })
      .console.replaceAll(/^(?!.*: verify: ).*\n/gm, '')
      .replaceAll(/^.*: verify: /gm, '')
  const holds = Object.keys(files).map(name => `/tmp/url-1/${name}: digest holds, by its Metalink\n`)
  assert.is(told(Object.keys(files)), holds.join(''))
  assert.is(told(['vmlinuz']), `${holds[0]}no digest given: the other files are not verified\n`)
  assert.is(told([]), 'no digest given: files are not verified\n')
})

test('where a digest is given, a Metalink’s counts as much, of an image too', () => {
  const files = { vmlinuz: kernel, 'initrd.img': initrd, 'root.squashfs': 'hsqs' }
  const proven = ['initrd.img', 'root.squashfs']
  const { console, end } = boot(`url=http://s/x.meta4 kernel_sha=${sha256(kernel)}`, {
    serve: { 'http://s/x.meta4': { files, proven } },
  })
  assert.match(console, '/tmp/url-1/vmlinuz: digest holds\n')
  for (const name of proven) assert.match(console, `/tmp/url-1/${name}: digest holds, by its Metalink\n`)
  assert.is(end, 'kexec')
})

test('what a Metalink proved of a file that was dropped proves nothing of the next', () => {
  const serve = {
    'http://s/k': kernel,
    'http://s/i': initrd,
    'http://s/i.meta4': { files: { i: `${initrd} other` }, proven: ['i'] },
  }
  const one = `kernel_url=http://s/k kernel_sha=${sha256(kernel)} initrd_url=http://s/k initrd_url=http://s/i.meta4,http://s/i`
  const dropped = boot(`${one} initrd_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`, { serve })
  assert.match(dropped.console, 'http://s/i.meta4: dropped\n')
  assert.match(dropped.console, '/tmp/initrd-2/i: digest holds\n')
  assert.is(dropped.file('/run/aria2-initrd/proven/initrd-2'), undefined)
})

test('several initrds: one digest each, in the same order', () => {
  const two = `kernel_url=http://s/k initrd_url=http://s/i initrd_url=http://s/k kernel_sha=${sha256(kernel)}`
  assert.is(boot(`${two} initrd_sha=${sha256(initrd)} initrd_sha=${sha256(kernel)}`).end, 'kexec')
  const swapped = boot(`${two} initrd_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`)
  assert.match(swapped.console, '/tmp/initrd-1/i: wrong digest')
})

test('more digests than initrds', () => {
  const ended = boot(
    `${both} kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)} ramdisk_sha=${zeros(64)}`,
  )
  assert.match(ended.console, 'verify: more initrd_sha= than initrds\n')
  assert.not.ok(ended.ran('kexec'))
})

test('a digest for a kernel that is not there', () => {
  const ended = boot(`url=http://s/i kernel_sha=${zeros(64)}`)
  assert.match(ended.console, 'verify: kernel_sha= is given, but no kernel was downloaded\n')
})

test('the digests of a torrent count as well', () => {
  const serve = { 'http://s/t': { files: { vmlinuz: kernel, initrd } } }
  const ended = boot(`url=http://s/t kernel_sha=${sha256(kernel)} initrd_sha=${zeros(64)}`, { serve })
  assert.match(ended.console, '/tmp/url-1/vmlinuz: digest holds\n')
  assert.match(ended.console, '/tmp/url-1/initrd: wrong digest')
})

for (const [given, file] of [
  [`kernel_sha=${sha256(kernel)}`, '/tmp/initrd-1/i: no initrd_sha='],
  [`initrd_sha=${sha256(initrd)}`, '/tmp/kernel/k: no kernel_sha='],
]) {
  test(`${given}: as soon as one digest is given, all that boots needs one`, () => {
    const ended = boot(`${both} ${given}`)
    assert.match(ended.console, `verify: ${file}; once one digest is given, every booted file needs one\n`)
    assert.not.ok(ended.ran('kexec'))
    assert.is(ended.end, 'reboot after 30 s')
  })
}

test('a torrent with an initrd more than there are digests does not boot', () => {
  const serve = { 'http://s/t': { files: { vmlinuz: kernel, 'initrd.img': initrd, 'zz.img': initrd } } }
  const ended = boot(`url=http://s/t kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`, { serve })
  assert.match(ended.console, 'verify: /tmp/url-1/zz.img: no initrd_sha=; once one digest is given')
  assert.not.ok(ended.ran('kexec'))
})

test('an image without a digest is not booted, and the console says so', () => {
  const serve = { 'http://s/t': { files: { vmlinuz: kernel, initrd, 'root.squashfs': 'hsqs' } } }
  const ended = boot(`url=http://s/t kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`, { serve })
  assert.match(ended.console, 'verify: 1 images have no digest: not verified, not booted\n')
  assert.is(ended.end, 'kexec')
})

test.run()
