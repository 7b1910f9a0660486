import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { shown } from '../../../generator/simulator/shown.ts'
import { boot, both } from '../../support/boots.ts'

const full = '10.0.0.5::10.0.0.1:255.255.255.0:node5:eth0:none:10.0.0.53:10.0.0.54'

test('address, route, host name and name servers are set', () => {
  const ended = boot(`${both} ip=${full}`)
  assert.equal(ended.commands('ip'), [
    'ip link set dev eth0 up',
    'ip addr replace 10.0.0.5/24 dev eth0',
    'ip route replace default via 10.0.0.1 dev eth0 metric 0',
  ])
  assert.is(ended.file('/proc/sys/kernel/hostname'), 'node5\n')
  assert.is(ended.file('/etc/resolv.conf'), 'nameserver 10.0.0.53\nnameserver 10.0.0.54\n')
  assert.match(ended.console, 'eth0: 10.0.0.5/24, gateway 10.0.0.1, from ip=\n')
  assert.is(ended.end, 'kexec')
})

test('without a device the first interface with a link is taken', () => {
  const ended = boot(`${both} ip=10.0.0.5::10.0.0.1:24`, {
    network: [{ name: 'eth0', linkAfter: 'never' }, { name: 'eth1' }],
  })
  assert.ok(ended.ran('ip', 'addr', 'replace', '10.0.0.5/24', 'dev', 'eth1'))
})

test('without a gateway there is no route, without a name no host name', () => {
  const ended = boot(`${both} ip=10.0.0.5:::24::eth0:none`)
  assert.not.ok(ended.ran('ip', 'route'))
  assert.is(ended.file('/proc/sys/kernel/hostname'), '(none)\n')
})

test('without a netmask the boot ends', () => {
  const ended = boot(`${both} ip=10.0.0.5::10.0.0.1::node5:eth0:none`)
  assert.match(ended.console, 'network: ip=10.0.0.5::10.0.0.1::node5:eth0:none: no netmask (fourth field)\n')
  assert.is(ended.end, 'reboot after 30 s')
})

const garbage = 'x'.repeat(2000)
const isNone = (text: string) => `'${text}' is neither a method nor a host address`
const wantsForm = (mask: string) => `'${mask}' is not a netmask; use one like 255.255.255.0 or 24`
const noRouter = (text: string) => `gateway '${text}' is not a host address`

for (const [form, why] of Object.entries({
  '10.0.0.500::10.0.0.1:24::eth0:none': isNone('10.0.0.500'),
  '10.0.0:::24': isNone('10.0.0'),
  '10.0.0.5.:::24': isNone('10.0.0.5.'),
  '10.0.0.5.6:::24': isNone('10.0.0.5.6'),
  '10.0.0.05:::24': isNone('10.0.0.05'),
  '0.0.0.0:::24': isNone('0.0.0.0'),
  '127.0.0.1:::8': isNone('127.0.0.1'),
  '224.0.0.1:::24': isNone('224.0.0.1'),
  '240.0.0.1:::24': isNone('240.0.0.1'),
  '255.255.255.255:::32': isNone('255.255.255.255'),
  '-x:::24': isNone('-x'),
  '$(x):::24': isNone('$(x)'),
  '10.0.0.5/8:::24': isNone('10.0.0.5/8'),
  dhcpp: isNone('dhcpp'),
  [garbage]: isNone(garbage),
  '10.0.0.0:::24': '10.0.0.0 is the network address of a /24',
  '10.0.0.255:::255.255.255.0': '10.0.0.255 is the broadcast address of a /24',
  '10.0.0.5:::255.0.255.0': wantsForm('255.0.255.0'),
  '10.0.0.5:::0.0.0.255': wantsForm('0.0.0.255'),
  '10.0.0.5:::0.0.0.0': wantsForm('0.0.0.0'),
  '10.0.0.5:::0': wantsForm('0'),
  '10.0.0.5:::33': wantsForm('33'),
  '10.0.0.5:::77': wantsForm('77'),
  '10.0.0.5:::024': wantsForm('024'),
  '10.0.0.5:::a.b': wantsForm('a.b'),
  '10.0.0.5:::-x': wantsForm('-x'),
  '10.0.0.5::1.2.3:24::eth0:none': noRouter('1.2.3'),
  '10.0.0.5::gw:24': noRouter('gw'),
  '10.0.0.5::-x:24': noRouter('-x'),
  '10.0.0.5::0.0.0.0:24': noRouter('0.0.0.0'),
  '10.0.0.5::10.0.1.1:24': 'gateway 10.0.1.1 is outside the /24 of the address',
  '10.0.0.5:x:10.0.0.1:24': "peer 'x' is not a host address",
  '10.0.0.5::10.0.0.5:24': 'the gateway is the address itself',
})) {
  test(`ip=${form.slice(0, 60)} is refused before anything is set up`, () => {
    const ended = boot(`${both} ip=${form}`)
    assert.match(ended.console, `network: ip=${form}: ${why}\n`)
    assert.equal(ended.commands('ip'), [])
    assert.is(ended.end, 'reboot after 30 s')
  })
}

for (const [mask, prefix] of Object.entries({
  255: undefined,
  '255.0.0.0': 8,
  '255.255.254.0': 23,
  1: 1,
  30: 30,
  31: 31,
})) {
  test(`a mask of ${mask}`, () => {
    const ended = boot(`${both} ip=10.0.0.5:::${mask}::eth0:none`)
    assert.is(ended.ran('ip', 'addr', 'replace', `10.0.0.5/${prefix}`), prefix !== undefined)
  })
}

test('behind a /32 the gateway gets a route of its own first', () => {
  const ended = boot(`${both} ip=10.0.0.5::192.0.2.1:32::eth0:none`)
  assert.equal(ended.commands('ip').slice(1), [
    'ip addr replace 10.0.0.5/32 dev eth0',
    'ip route replace 192.0.2.1/32 dev eth0',
    'ip route replace default via 192.0.2.1 dev eth0 metric 0',
  ])
})

test('of two gateways the first one counts; the same ip= twice does no harm', () => {
  const network = [{ name: 'eth0' }, { name: 'eth1' }]
  const forms = '10.0.0.5::10.0.0.1:24::eth0:none ip=10.0.1.5::10.0.1.1:24::eth1:none'
  const ended = boot(`${both} ip=${forms}`, { network })
  assert.equal(ended.commands('ip'), [
    'ip link set dev eth0 up',
    'ip addr replace 10.0.0.5/24 dev eth0',
    'ip route replace default via 10.0.0.1 dev eth0 metric 0',
    'ip link set dev eth1 up',
    'ip addr replace 10.0.1.5/24 dev eth1',
    'ip route replace default via 10.0.1.1 dev eth1 metric 1000',
  ])
  assert.is(boot(`${both} ip=${forms} ip=${forms}`, { network }).end, 'kexec')
})

test('the other end of a line: without a mask, or with that of one address', () => {
  for (const mask of ['', '32', '255.255.255.255']) {
    const ended = boot(`${both} ip=10.0.0.5:10.0.0.6::${mask}::eth0:none`)
    assert.equal(ended.commands('ip').slice(1), ['ip addr replace 10.0.0.5 peer 10.0.0.6 dev eth0'])
  }
})

for (const name of ['$(reboot)', 'a b', '-x', '.x', 'gr\xf6\xdfe', 'n'.repeat(65)]) {
  test(`a host name like ${name.slice(0, 20)} is left out, and the boot goes on`, () => {
    const ended = boot(`${both} "ip=10.0.0.5:::24:${name}:eth0:none"`)
    assert.match(ended.console, `host name '${shown(name)}' ignored`)
    assert.is(ended.file('/proc/sys/kernel/hostname'), '(none)\n')
    assert.is(ended.end, 'kexec')
  })
}

test('one bad ip= among good ones: nothing is set up', () => {
  const ended = boot(`${both} ip=eth0:dhcp ip=10.0.0.5:::33`)
  assert.equal(ended.commands('ip'), [])
  assert.equal(ended.commands('udhcpc'), [])
})

test('an empty ip= asks for nothing: DHCP', () => {
  const ended = boot(`${both} ip=`)
  assert.is(ended.commands('udhcpc').length, 1)
  assert.is(ended.end, 'kexec')
})

test('a device that is not there has no link', () => {
  assert.match(
    boot(`${both} ip=10.0.0.5:::24::eth7:none`).console,
    'no interface eth7 after 20 s; here are: eth0',
  )
})

// ---- a fixed address is judged as a lease is

const twoForms = 'ip=10.0.0.5::10.0.0.1:24::eth0:none ip=10.0.1.5::10.0.1.1:24::eth1:none'

test('a fixed address that leads nowhere: the next one counts', () => {
  const ended = boot(`${both} ${twoForms}`, {
    network: [{ name: 'eth0', reaches: 'nothing' }, { name: 'eth1' }],
  })
  assert.match(ended.console, 'network: eth0: the gateway 10.0.0.1 is silent\n')
  assert.match(ended.console, 'network: eth0: its gateway ranks behind the others from now on\n')
  assert.ok(
    ended.ran('ip', '-4', 'route', 'replace', 'default', 'via', '10.0.0.1', 'dev', 'eth0', 'metric', '9002'),
  )
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
  assert.is(ended.end, 'kexec')
})

test('no fixed address leads to the server: it is said, and the first is kept', () => {
  const ended = boot(`${both} ip=10.0.0.5::10.0.0.1:24::eth0:none`, {
    network: [{ name: 'eth0', reaches: 'gateway' }],
  })
  assert.match(ended.console, 'network: no interface reaches the boot server; keeping eth0\n')
})

test('a fixed address without a cable, and one with: nobody waits for the first', () => {
  const ended = boot(`${both} ${twoForms}`, {
    network: [{ name: 'eth0', linkAfter: 'never' }, { name: 'eth1' }],
  })
  assert.ok(ended.ran('ip', 'addr', 'replace', '10.0.0.5/24', 'dev', 'eth0'))
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 0)
})

test('a fixed address that leads nowhere, and DHCP elsewhere', () => {
  const ended = boot(`${both} ip=10.0.0.5::10.0.0.1:24::eth0:none ip=eth1:dhcp`, {
    network: [{ name: 'eth0', reaches: 'nothing' }, { name: 'eth1' }],
  })
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
  assert.is(ended.end, 'kexec')
})

test('a fixed address that leads on: nobody waits for DHCP elsewhere', () => {
  const ended = boot(`${both} ip=10.0.0.5::10.0.0.1:24::eth0:none ip=eth1:dhcp`, {
    network: [{ name: 'eth0' }, { name: 'eth1', linkAfter: 'never' }],
  })
  assert.match(ended.console, 'network: eth0 reaches the boot server; not waiting for DHCP\n')
  assert.ok(ended.ran('udhcpc'))
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 0)
})

test('of two leases the first leads nowhere: its router counts behind the other', () => {
  const ended = boot(`${both} ip=eth0:dhcp ip=eth1:dhcp`, {
    network: [{ name: 'eth0', reaches: 'nothing' }, { name: 'eth1' }],
  })
  assert.match(ended.console, 'network: eth0: its gateway ranks behind the others from now on\n')
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
})

for (const name of ['../../etc/passwd', './???/*', 'a b', '.']) {
  test(`bootdev=${name} is refused`, () => {
    const ended = boot(`${both} bootdev="${name}"`)
    assert.match(ended.console, `network: bootdev=${name}: not the name of an interface\n`)
    assert.is(ended.end, 'reboot after 30 s')
  })
}

test.run()
