import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

test('/proc is mounted first, and nothing runs before the mounts', () => {
  assert.equal(
    boot(both)
      .trace.slice(0, 4)
      .map(([command, , type]) => [command, type]),
    [
      ['mount', 'proc'],
      ['mount', 'sysfs'],
      ['mount', 'devtmpfs'],
      ['mount', 'tmpfs'],
    ],
  )
})

for (const target of ['/proc', '/sys', '/dev', '/run']) {
  test(`a mount of ${target} that fails ends the boot with mount's own message, by the policy`, () => {
    const stderr = `mount: mounting x on ${target} failed: Invalid argument`
    const ended = boot(both, { broken: [{ command: 'mount', with: target, status: 255, stderr }] })
    assert.is(
      ended.console,
      `${stderr}\naria2-initrd: mounts: boot failed; reboot in 30 s (on_failure, failure_delay)\n`,
    )
    assert.is(ended.end, 'reboot after 30 s')
  })
}

test.run()
