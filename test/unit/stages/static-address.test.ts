import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

const full = '10.0.0.5::10.0.0.1:255.255.255.0:node5:eth0:none:10.0.0.53:10.0.0.54'

test('address, route, host name and name servers are set', () => {
  const ended = boot(`${both} ip=${full}`)
  assert.equal(ended.commands('ip'), [
    'ip link set dev eth0 up',
    'ip addr add 10.0.0.5/255.255.255.0 dev eth0',
    'ip route add default via 10.0.0.1 dev eth0',
  ])
  assert.is(ended.file('/proc/sys/kernel/hostname'), 'node5\n')
  assert.is(ended.file('/etc/resolv.conf'), 'nameserver 10.0.0.53\nnameserver 10.0.0.54\n\n')
  assert.match(ended.console, 'eth0: has 10.0.0.5/255.255.255.0, gateway 10.0.0.1, as ip= says\n')
  assert.is(ended.end, 'kexec')
})

test('without a device the first interface with a link is taken', () => {
  const ended = boot(`${both} ip=10.0.0.5::10.0.0.1:24`, {
    network: [{ name: 'eth0', linkAfter: 'never' }, { name: 'eth1' }],
  })
  assert.ok(ended.ran('ip', 'addr', 'add', '10.0.0.5/24', 'dev', 'eth1'))
})

test('without a gateway there is no route, without a name no host name', () => {
  const ended = boot(`${both} ip=10.0.0.5:::24::eth0:none`)
  assert.not.ok(ended.ran('ip', 'route'))
  assert.is(ended.file('/proc/sys/kernel/hostname'), '(none)\n')
})

test('without a netmask the boot ends', () => {
  const ended = boot(`${both} ip=10.0.0.5::10.0.0.1::node5:eth0:none`)
  assert.match(
    ended.console,
    'network: ip=10.0.0.5::10.0.0.1::node5:eth0:none: the fourth field, the netmask, is missing\n',
  )
  assert.is(ended.end, 'reboot after 30 s')
})

for (const [what, form] of Object.entries({
  'an address': '10.0.0.500::10.0.0.1:24::eth0:none',
  'a netmask': '10.0.0.5::10.0.0.1:77::eth0:none',
  'a gateway': '10.0.0.5::1.2.3:24::eth0:none',
})) {
  test(`what is not ${what} is refused by ip, and the boot ends`, () => {
    const ended = boot(`${both} ip=${form}`)
    assert.match(ended.console, /ip: an inet (prefix|address) is expected/)
    assert.is(ended.end, 'reboot after 30 s')
  })
}

for (const form of ['-x:::24', '10.0.0.5:::-x', '10.0.0.5::gw:24', '$(x):::24', '10.0.0.5/8:::24']) {
  test(`ip=${form} never gets to ip`, () => {
    const ended = boot(`${both} ip=${form}`)
    assert.match(ended.console, `ip=${form}: address, gateway and netmask want digits and dots\n`)
    assert.not.ok(ended.ran('ip', 'addr'))
  })
}

test('a device that is not there has no link', () => {
  assert.match(boot(`${both} ip=10.0.0.5:::24::eth7:none`).console, 'no link after 30 s on eth7')
})

test.run()
