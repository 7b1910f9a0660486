import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both, served } from '../../support/boots.ts'
import { initrd, kernel } from '../../support/payload.ts'

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

test('a server that recovers: the pause doubles and ends at 30 s', () => {
  const busy = { status: 29 }
  const serve = { ...served, 'http://s/k': [busy, busy, busy, busy, busy, busy, busy, kernel] }
  const ended = boot(`${both} retries=0`, { serve })
  assert.equal(
    ended.commands('sleep').map(line => Number(line.split(' ')[1])),
    [1, 2, 4, 8, 16, 30, 30],
  )
  assert.is(ended.end, 'kexec')
})

test('retries bounds the tries', () => {
  const ended = boot(`${both} retries=2`, { serve: {} })
  assert.is(ended.commands('aria2c').length, 2)
  assert.match(ended.console, 'download: gave up after 2 tries (retries=2)\n')
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
    memory: 1,
    serve: { ...served, 'http://s/k': kernel.repeat(10) },
  })
  assert.match(ended.console, 'http://s/k: not enough memory for the file')
  assert.is(ended.end, 'reboot after 30 s')
})

test.run()
