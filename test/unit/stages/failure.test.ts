// How a boot ends that does not reach a kernel, and the shells on its way.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

const failing = 'kernel_url=nonsense'

for (const action of ['reboot', 'poweroff', 'halt']) {
  test(`on_failure=${action} follows after failure_delay`, () => {
    const ended = boot(`${failing} on_failure=${action} failure_delay=7`)
    assert.match(ended.console, `boot failed; ${action} in 7 s (on_failure, failure_delay)\n`)
    assert.equal(ended.trace.slice(-3), [['sleep', '7'], ['sync'], [action, '-n', '-f']])
    assert.is(ended.end, `${action} after 7 s`)
  })

  test(`on_complete=${action} follows at once`, () => {
    const ended = boot(`url=http://s/i on_complete=${action}`)
    assert.match(ended.console, `all files are in /tmp; ${action} (on_complete)\n`)
    assert.is(ended.end, action)
  })
}

test('on_failure=shell lets a person in, and reboots when they leave', () => {
  const ended = boot(`${failing} on_failure=shell`)
  assert.equal(ended.trace.slice(-3), [['setsid', 'cttyhack', 'sh'], ['sync'], ['reboot', '-n', '-f']])
  assert.is(ended.end, 'shell')
})

test('the default is to reboot after 30 s', () => assert.is(boot(failing).end, 'reboot after 30 s'))

for (const stage of ['drivers', 'network', 'download', 'verify', 'kexec']) {
  test(`break=${stage} stops before it, and the boot goes on`, () => {
    const ended = boot(`${both} break=${stage}`)
    assert.match(ended.console, `${stage}: break=${stage}: opening a shell; exit it to continue\n`)
    assert.equal(ended.shells, [stage])
    assert.is(ended.end, 'kexec')
  })
}

test('break= takes no other stage', () => {
  const ended = boot(`${both} break=mounts`)
  assert.match(
    ended.console,
    'break=mounts: ignored; expected one of drivers, network, download, verify, kexec',
  )
  assert.equal(ended.shells, [])
})

test.run()
