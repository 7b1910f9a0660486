import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

test('the lease is shown on one line', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: { ip: '10.1.2.3/8', router: '10.0.0.1' } }] })
  assert.match(ended.console, 'network: eth0: DHCP gave ip=10.1.2.3/8 router=10.0.0.1\n')
})

test('no answer: the interface is named, and the failure action follows', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: 'no answer' }] })
  assert.match(ended.console, 'network: no DHCP answer within 90 s on eth0\n')
  assert.match(ended.console, 'network: boot failed; reboot in 30 s (on_failure, failure_delay)\n')
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

test('a server that refuses its own offers for ever: the limit ends it, and the reason is said once', () => {
  const dhcpNotes = ["the server refuses the address that it has offered: 'no'"]
  const ended = boot(`${both} rd.net.timeout.dhcp=6`, {
    network: [{ name: 'eth0', dhcp: 'refuses', dhcpNotes }],
  })
  assert.match(ended.console, `network: eth0: ${dhcpNotes[0]}\n`)
  assert.match(ended.console, 'network: no DHCP lease within 6 s on eth0\n')
  assert.is(ended.end, 'reboot after 30 s')
  assert.is(ended.seconds, 37)
})

test('the next interface is asked when the server of the first one keeps refusing', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: 'refuses' }, { name: 'eth1' }] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 20)
})

test('what the hook did not take is said before the lease', () => {
  const dhcpNotes = ["the MTU '68' is not taken: it is not from 576 to 16384"]
  const ended = boot(both, { network: [{ name: 'eth0', dhcpNotes }] })
  assert.match(ended.console, `network: eth0: ${dhcpNotes[0]}\naria2-initrd: network: eth0: DHCP gave ip=`)
})

test('a lease of an earlier try is not taken for this one', () => {
  const ended = boot(`${both} rd.net.timeout.dhcp=4`, {
    network: [{ name: 'eth0', dhcp: 'no answer' }],
    files: { '/run/aria2-initrd/lease.eth0': 'ip=10.9.9.9/24\n', '/run/aria2-initrd/notes.eth0': 'old\n' },
  })
  assert.not.match(ended.console, 'DHCP gave')
  assert.not.match(ended.console, 'old')
  assert.match(ended.console, 'network: no DHCP answer within 4 s on eth0\n')
})

test('what udhcpc prints is kept for those who look', () => {
  assert.match(boot(both).file('/run/aria2-initrd/udhcpc.log') ?? '', 'udhcpc: lease of 10.0.2.15 obtained')
})

test.run()
