import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

test('the lease is shown on one line', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: { ip: '10.1.2.3', mask: '8' } }] })
  assert.match(ended.console, 'network: eth0: DHCP gave interface=eth0 ip=10.1.2.3 mask=8\n')
})

test('no answer: the interface is named, and the failure action follows', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: 'no answer' }] })
  assert.match(ended.console, 'network: no DHCP answer within 90 s on eth0\n')
  assert.match(ended.console, 'network: the boot failed; reboot in 30 s (on_failure, failure_delay)\n')
  assert.is(ended.end, 'reboot after 30 s')
  assert.not.ok(ended.ran('aria2c'))
})

test('a switch port that forwards after 50 s is waited for', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcpAfter: 50 }] })
  assert.is(ended.end, 'kexec')
  assert.ok(ended.seconds >= 41 && ended.seconds < 60, `${ended.seconds}`)
})

test('a port that forwards too late is given up', () => {
  const ended = boot(`${both} rd.net.timeout.dhcp=20`, { network: [{ name: 'eth0', dhcpAfter: 50 }] })
  assert.match(ended.console, 'no DHCP answer within 20 s on eth0')
})

test('the first link need not be on the right network', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: 'no answer' }, { name: 'eth1' }] })
  assert.equal(
    ended.commands('udhcpc').map(line => line.split(' ')[2]),
    ['eth0', 'eth1'],
  )
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
})

test('what udhcpc prints is kept for those who look', () => {
  assert.match(boot(both).file('/run/aria2-initrd/udhcpc.log') ?? '', 'udhcpc: lease of 10.0.2.15 obtained')
})

test.run()
