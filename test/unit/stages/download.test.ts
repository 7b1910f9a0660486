import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both, served } from '../../support/boots.ts'
import { initrd, kernel, sha256 } from '../../support/payload.ts'

test('kernel and initrd are fetched to folders of their own', () => {
  const ended = boot(both)
  assert.is(ended.file('/tmp/kernel/k'), kernel)
  assert.is(ended.file('/tmp/initrd-1/i'), initrd)
  assert.is(ended.end, 'kexec')
})

test('each address of url= is fetched to a folder of its own in output_dir', () => {
  const ended = boot('url=http://s/k,http://s/i output_dir=/var/files')
  assert.is(ended.file('/var/files/url-1/k'), kernel)
  assert.is(ended.file('/var/files/url-2/i'), initrd)
  assert.match(
    ended.console,
    'download: have /var/files/url-1/k\naria2-initrd: download: have /var/files/url-2/i\n',
  )
})

test('output_dir becomes a tmpfs before anything is fetched', () => {
  const commands = boot(`${both} output_dir=/var/files`).trace.map(words => words.join(' '))
  const mounted = commands.indexOf('mount -t tmpfs -o nosuid,nodev,mode=0755,size=75% tmpfs /var/files')
  assert.ok(mounted > 0 && mounted < commands.findIndex(line => line.startsWith('aria2c')))
})

test('nothing to fetch', () => {
  assert.match(boot('quiet').console, 'download: nothing to fetch: set url= or kernel_url=\n')
})

for (const address of [
  'file:///etc/passwd',
  '-x',
  '/etc/passwd',
  'HTTP://s/k',
  'gopher://s/k',
  '$(reboot)',
  '*',
]) {
  test(`${address} is no address`, () => {
    const ended = boot(`url=${address}`)
    assert.match(ended.console, `command-line: '${address}' is not a supported URL; use http://`)
    assert.not.ok(ended.ran('aria2c'))
    assert.is(ended.end, 'reboot after 30 s')
  })
}

test('one bad mirror among good ones is refused before anything is fetched', () => {
  assert.not.ok(boot('kernel_url=http://s/k,nonsense').ran('aria2c'))
})

test('a boot that fetched nothing has failed, whatever aria2 says', () => {
  const ended = boot('url=http://s/t aria2_options=--dry-run=true', {
    serve: { 'http://s/t': { status: 0 } },
  })
  assert.match(ended.console, 'download: http://s/t: aria2 succeeded, but fetched nothing\n')
  assert.is(ended.end, 'reboot after 30 s')
})

test('mirrors are tried in turn', () => {
  const ended = boot('kernel_url=http://gone/k,http://s/k')
  assert.match(ended.console, 'download: fetching http://gone/k\n')
  assert.match(ended.console, 'download: http://gone/k: ')
  assert.match(ended.console, 'not found on the server')
  assert.match(ended.console, 'download: fetching http://s/k\n')
  assert.is(ended.end, 'kexec')
})

test('a server that recovers: the pause doubles and ends at 60 s, and chance cuts it short', () => {
  const busy = { status: 29 }
  const serve = { ...served, 'http://s/k': [busy, busy, busy, busy, busy, busy, busy, kernel] }
  const pauses = (chance: number) => {
    const ended = boot(`${both} retries=0`, { serve, chance })
    assert.is(ended.end, 'kexec')
    return ended.commands('sleep').map(line => Number(line.split(' ')[1]))
  }
  assert.equal(pauses(1), [2, 4, 8, 16, 32, 60, 60])
  assert.equal(pauses(0.5), [1, 2, 4, 8, 16, 30, 30])
  assert.equal(pauses(0), [1, 1, 1, 1, 1, 1, 1])
})

test('a server that starts two minutes late is waited for, without a word on the command line', () => {
  const refused = { status: 1 }
  const serve = { ...served, 'http://s/k': [...Array(6).fill(refused), kernel] }
  assert.is(boot(both, { serve }).end, 'kexec')
})

test('what no other try can mend is not tried again; other mirrors are asked once', () => {
  for (const status of [9, 15, 16, 17, 18, 27, 28, 126, 127]) {
    const ended = boot('kernel_url=http://a/k,http://b/k', {
      serve: { 'http://a/k': { status }, 'http://b/k': { status } },
    })
    assert.is(ended.commands('aria2c').length, 2, `status ${status}`)
    assert.match(ended.console, 'download: gave up: another try would end the same way\n')
  }
  const one = { 'http://a/k': { status: 9 }, 'http://b/k': { status: 3 } }
  assert.is(boot('kernel_url=http://a/k,http://b/k retries=3', { serve: one }).commands('aria2c').length, 6)
})

test('a mirror whose file has another digest is dropped, and the next one asked', () => {
  const serve = { ...served, 'http://old/k': 'an older kernel', 'http://old/i': 'an older initrd' }
  const ended = boot(
    `kernel_url=http://old/k,http://s/k kernel_sha=${sha256(kernel)} ` +
      `initrd_url=http://s/i initrd_sha=${sha256(initrd)} ` +
      `initrd_url=http://old/i,http://s/i initrd_sha=sha256:${sha256(initrd).toUpperCase()}`,
    { serve },
  )
  assert.match(ended.console, `download: /tmp/kernel/k: wrong digest: wanted ${sha256(kernel)}, got `)
  assert.match(
    ended.console,
    'download: http://old/k: dropped\naria2-initrd: download: fetching http://s/k\n',
  )
  assert.match(ended.console, 'download: http://old/i: dropped\n')
  assert.match(ended.console, 'verify: /tmp/kernel/k: digest holds\n')
  assert.match(ended.console, 'verify: /tmp/initrd-2/i: digest holds\n')
  assert.is(ended.end, 'kexec')
})

test('all mirrors are asked again, for as long as none has the right file', () => {
  const serve = { ...served, 'http://a/k': ['old', 'old', kernel], 'http://b/k': 'old' }
  const line = `kernel_url=http://a/k,http://b/k kernel_sha=${sha256(kernel)} initrd_url=http://s/i initrd_sha=${sha256(initrd)}`
  assert.is(boot(line, { serve }).end, 'kexec')
  const ended = boot(`${line} retries=2`, { serve })
  assert.match(ended.console, 'download: gave up after try 2 (retries=2)\n')
  assert.not.ok(ended.ran('kexec'))
})

test('the only source of a file with another digest is not asked again', () => {
  const ended = boot(`${both} kernel_sha=${sha256('other')}`)
  assert.is(ended.commands('aria2c').length, 1)
  assert.match(ended.console, 'download: gave up: another try would end the same way\n')
})

test('a comma in a magnet link does not end it', () => {
  const files = { files: { vmlinuz: kernel, 'initrd.img': initrd } }
  const magnet = 'magnet:?xt=urn:btih:abc&dn=a,b,c'
  assert.is(boot(`url=${magnet}`, { serve: { [magnet]: files } }).end, 'kexec')
  const ended = boot(`url=http://s/k,${magnet},http://s/i,magnet:?xt=x,y`, {
    serve: { ...served, [magnet]: { files: { a: 'x' } }, 'magnet:?xt=x,y': { files: { b: 'x' } } },
  })
  assert.is(ended.end, 'kexec')
  assert.equal(ended.console.match(/(?<=fetching ).*/g), [
    'http://s/k',
    magnet,
    'http://s/i',
    'magnet:?xt=x,y',
  ])
  // No magnet link is before these.
  assert.match(boot('url=http://s/k,,http://s/i').console, 'empty URL; check the commas')
  assert.match(boot('url=,http://s/k').console, 'empty URL; check the commas')
  assert.match(boot('url=http://s/k,nonsense').console, "'nonsense' is not a supported URL")
})

test('retries bounds the tries', () => {
  const ended = boot(`${both} retries=2`, { serve: {} })
  assert.is(ended.commands('aria2c').length, 2)
  assert.match(ended.console, 'download: gave up after try 2 (retries=2)\n')
  assert.is(ended.end, 'reboot after 30 s')
})

test('retries=0 goes on for ever', () => {
  assert.is(boot(`${both} retries=0`, { serve: {}, until: 1000 }).end, 'switched off after 1000 s')
})

test('output_dir is a path from the root', () => {
  const ended = boot(`${both} output_dir=tmp`)
  assert.match(ended.console, 'command-line: output_dir=tmp: not an absolute path\n')
})

test('output_dir with files in it is refused', () => {
  const ended = boot(`${both} output_dir=/etc`, { files: { '/etc/passwd': 'root' } })
  assert.match(ended.console, 'command-line: output_dir=/etc: not empty; name a new folder\n')
  assert.is(ended.file('/etc/passwd'), 'root')
})

test('output_dir that cannot be made ends the boot', () => {
  const ended = boot(`${both} output_dir=/etc/passwd/x`, { files: { '/etc/passwd': 'root' } })
  assert.match(ended.console, "mkdir: can't create directory '/etc/passwd/")
  assert.is(ended.end, 'reboot after 30 s')
})

test('output_dir that cannot be mounted ends the boot', () => {
  const broken = [{ command: 'mount', with: '/tmp', status: 255, stderr: 'mount: no memory' }]
  assert.is(boot(both, { broken }).end, 'reboot after 30 s')
})

for (const ratio of ['1,5', 'x', '1.5;reboot', '-1']) {
  test(`seed_ratio=${ratio} is refused`, () => {
    assert.match(
      boot(`${both} seed_ratio=${ratio}`).console,
      `command-line: seed_ratio=${ratio}: not a number; use one like 1.5\n`,
    )
  })
}

test('a file larger than memory is an error, and the machine lives', () => {
  const ended = boot(`${both} retries=1`, {
    memory: 64,
    serve: { ...served, 'http://s/k': kernel.repeat(1000) },
  })
  assert.match(ended.console, 'http://s/k: not enough memory for the file')
  assert.is(ended.end, 'reboot after 30 s')
})

test.run()
