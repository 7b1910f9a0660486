// Names for interfaces, VLANs, bonds and routes from the command line.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

const two = [
  { name: 'eth0', address: '52:54:00:00:00:0a' },
  { name: 'eth1', address: '52:54:00:00:00:0b' },
]
const commands = (cmdline: string, network: object[] = two): string[] =>
  boot(`${both} ${cmdline}`, { network: network as typeof two }).commands('ip')

test('ifname: a free name is taken', () => {
  const ended = boot(`${both} ifname=net0:52:54:00:00:00:0B ip=net0:dhcp`, { network: two })
  assert.is(ended.commands('ip')[0], 'ip link set dev eth1 name net0')
  assert.match(ended.console, 'network: eth1 is called net0 (ifname)\n')
  assert.match(ended.console, 'network: net0: DHCP gave')
})

test('ifname: names are swapped; who has the right one keeps it', () => {
  const swapped = 'ifname=eth0:52:54:00:00:00:0b ifname=eth1:52:54:00:00:00:0a'
  assert.equal(commands(`${swapped} ip=eth0:dhcp`).slice(0, 3), [
    'ip link set dev eth0 name was-renamed',
    'ip link set dev eth1 name eth0',
    'ip link set dev was-renamed name eth1',
  ])
  assert.not.match(commands('ifname=eth0:52:54:00:00:00:0a').join('\n'), ' name ')
})

test('ifname: three names in a ring', () => {
  const three = [...two, { name: 'eth2', address: '52:54:00:00:00:0c' }]
  const ring = ['eth1:52:54:00:00:00:0a', 'eth2:52:54:00:00:00:0b', 'eth0:52:54:00:00:00:0c']
  const ended = boot(`${both} ${ring.map(each => `ifname=${each}`).join(' ')} ip=eth2:dhcp`, {
    network: three,
  })
  assert.is(ended.file('/sys/class/net/eth0/address'), '52:54:00:00:00:0c\n')
  assert.is(ended.file('/sys/class/net/eth1/address'), '52:54:00:00:00:0a\n')
  assert.is(ended.file('/sys/class/net/eth2/address'), '52:54:00:00:00:0b\n')
})

for (const wish of [
  'x',
  'x:',
  ':52:54:00:00:00:0b',
  'x:52:54',
  'x/y:52:54:00:00:00:0b',
  '-x:52:54:00:00:00:0b',
  `${'x'.repeat(16)}:52:54:00:00:00:0b`,
]) {
  test(`ifname=${wish} is said to be none, and the boot goes on`, () => {
    const ended = boot(`${both} ifname=${wish}`, { network: two })
    assert.match(ended.console, `network: ifname=${wish}: ignored; expected NAME:ADDRESS`)
    assert.is(ended.end, 'kexec')
  })
}

test('ifname of nobody is said', () => {
  const ended = boot(`${both} ifname=net0:02:00:00:00:00:01`, { network: two })
  assert.match(
    ended.console,
    'ifname=net0:02:00:00:00:00:01: no interface has hardware address 02:00:00:00:00:01\n',
  )
  assert.is(ended.end, 'kexec')
})

for (const [name, id] of [
  ['vlan0005', 5],
  ['vlan5', 5],
  ['eth0.0005', 5],
  ['eth0.5', 5],
  ['eth0.4094', 4094],
]) {
  test(`vlan=${name} is number ${id}, and asks for its own address`, () => {
    const ended = boot(`${both} vlan=${name}:eth0`, { network: two })
    assert.ok(
      ended.ran('ip', 'link', 'add', 'link', 'eth0', 'name', `${name}`, 'type', 'vlan', 'id', `${id}`),
    )
    assert.match(ended.console, `network: ${name}: VLAN ${id} on eth0\n`)
  })
}

for (const [vlan, why] of Object.entries({
  'eth0.0:eth0': 'eth0.0 does not end in a number from 1 to 4094',
  'eth0.4095:eth0': 'eth0.4095 does not end in a number from 1 to 4094',
  'eth0.99999:eth0': 'eth0.99999 does not end in a number from 1 to 4094',
  'storage:eth0': 'storage does not end in a number from 1 to 4094',
  'eth0.5': 'expected NAME:DEV, like eth0.5:eth0',
  'eth0.5:': 'expected NAME:DEV, like eth0.5:eth0',
  '../x5:eth0': 'expected NAME:DEV, like eth0.5:eth0',
})) {
  test(`vlan=${vlan} is refused before anything is set up`, () => {
    const ended = boot(`${both} vlan=${vlan}`, { network: two })
    assert.match(ended.console, `network: vlan=${vlan}: ${why}\n`)
    assert.equal(ended.commands('ip'), [])
    assert.is(ended.end, 'reboot after 30 s')
  })
}

test('vlan on an interface that is not there', () => {
  const ended = boot(`${both} vlan=eth7.5:eth7`, { network: two })
  assert.match(ended.console, 'network: vlan=eth7.5:eth7: an interface that it needs is not there\n')
})

test('a bond: options before links, links down when they join', () => {
  const ended = boot(`${both} bond=bond0:eth0,eth1:mode=802.3ad,miimon=100:9000 ip=bond0:dhcp`, {
    network: two,
  })
  assert.equal(ended.commands('ip').slice(0, 7), [
    'ip link add name bond0 type bond',
    'ip link set dev bond0 mtu 9000',
    'ip link set dev bond0 up',
    'ip link set dev eth0 down',
    'ip link set dev eth0 master bond0',
    'ip link set dev eth1 down',
    'ip link set dev eth1 master bond0',
  ])
  assert.is(ended.file('/sys/class/net/bond0/bonding/mode'), '802.3ad\n')
  assert.is(ended.file('/sys/class/net/bond0/bonding/miimon'), '100\n')
  assert.match(ended.console, 'network: bond0: a bond of eth0,eth1\n')
})

test('a bond without more is one of eth0 and eth1, and is asked without ip=', () => {
  const ended = boot(`${both} bond=bond0`, { network: two })
  assert.match(ended.console, 'network: bond0: a bond of eth0,eth1\n')
  assert.match(ended.commands('udhcpc')[0] ?? '', '-i bond0 ')
})

test('a VLAN on a bond, whichever stands first', () => {
  const given = ['bond=bond0:eth0,eth1:mode=active-backup', 'vlan=bond0.5:bond0']
  for (const line of [given, [...given].reverse()]) {
    const ended = boot(`${both} ${line.join(' ')} ip=10.0.0.5::10.0.0.1:24::bond0.5:none`, { network: two })
    assert.ok(ended.ran('ip', 'link', 'add', 'link', 'bond0', 'name', 'bond0.5', 'type', 'vlan', 'id', '5'))
    assert.ok(ended.ran('ip', 'addr', 'replace', '10.0.0.5/24', 'dev', 'bond0.5'))
    assert.is(ended.end, 'kexec')
  }
})

test('a bond of VLANs', () => {
  const ended = boot(`${both} bond=bond0:eth0.5,eth1.5 vlan=eth0.5:eth0 vlan=eth1.5:eth1 ip=bond0:dhcp`, {
    network: two,
  })
  assert.match(ended.console, 'network: bond0: a bond of eth0.5,eth1.5\n')
  assert.is(ended.end, 'kexec')
})

for (const [bond, why] of Object.entries({
  '': undefined,
  ':eth0': "'' cannot be the name of an interface",
  'bond0:../x': "'../x' cannot be the name of an interface",
  'bond0:eth0:mode': "'mode' is not an option; write name=value",
  'bond0:eth0:../x=1': "'../x=1' is not an option; write name=value",
  'bond0:eth0:mode=1:big': "'big' is not an MTU",
  'bond0:eth7': 'an interface that it needs is not there',
})) {
  test(`bond=${bond}`, () => {
    const ended = boot(`${both} bond=${bond}`, { network: two })
    if (why === undefined) assert.is(ended.end, 'kexec')
    else assert.match(ended.console, `network: bond=${bond}: ${why}\n`)
  })
}

test('rd.route: with and without a device, without a gateway, IPv6', () => {
  const ended = boot(
    `${both} ip=10.0.0.5:::24::eth0:none rd.route=10.8.0.0/16:10.0.0.2 rd.route=10.9.0.0/16:10.0.0.2:eth0 rd.route=10.7.0.0/16::eth0 rd.route=[fd00:8::]/32:[fe80::1]:eth0 rd.route=10.6.0.0/16:10.99.0.1 rd.route=x`,
    { network: two },
  )
  assert.equal(ended.commands('ip').slice(2), [
    'ip route replace 10.8.0.0/16 via 10.0.0.2',
    'ip route replace 10.9.0.0/16 via 10.0.0.2 dev eth0',
    'ip route replace 10.7.0.0/16 dev eth0',
    'ip route replace fd00:8::/32 via fe80::1 dev eth0',
    'ip route replace 10.6.0.0/16 via 10.99.0.1',
  ])
  assert.match(ended.console, 'network: rd.route=10.6.0.0/16:10.99.0.1: the kernel does not take it\n')
  assert.match(ended.console, 'network: rd.route=x: ignored; expected NETWORK/PREFIX:GATEWAY')
  assert.is(ended.end, 'kexec')
})

test('bootdev: its gateway counts, and without ip= it alone is asked', () => {
  const forms = 'ip=10.0.0.5::10.0.0.1:24::eth0:none ip=10.0.1.5::10.0.1.1:24::eth1:none'
  const set = commands(`${forms} bootdev=eth1`)
  assert.ok(set.includes('ip route replace default via 10.0.0.1 dev eth0 metric 1000'))
  assert.ok(set.includes('ip route replace default via 10.0.1.1 dev eth1 metric 0'))
  const ended = boot(`${both} bootdev=eth1`, { network: two })
  assert.match(ended.commands('udhcpc')[0] ?? '', '-i eth1 ')
})

test('hostname= and several name servers in one value', () => {
  const ended = boot(`${both} hostname=node7 nameserver=10.0.0.53,fd00::53 rd.peerdns=0`)
  assert.is(ended.file('/proc/sys/kernel/hostname'), 'node7\n')
  assert.is(ended.file('/etc/resolv.conf'), 'nameserver 10.0.0.53\nnameserver fd00::53\n')
})

// ---- cards that appear late

const late = [
  { name: 'eth0', address: '52:54:00:00:00:0a' },
  { name: 'eth1', address: '52:54:00:00:00:0b', appearsAfter: 3 },
]

test('a late card gets its name from ifname', () => {
  const ended = boot(`${both} ifname=net0:52:54:00:00:00:0b ip=net0:dhcp`, { network: late })
  assert.match(ended.console, 'network: ifname=net0:52:54:00:00:00:0b: no interface has hardware address')
  assert.is(ended.console.split('no interface has hardware address').length, 2)
  assert.match(ended.console, 'network: eth1 is called net0 (ifname)\n')
  assert.match(ended.commands('udhcpc')[0] ?? '', '-i net0 ')
  assert.is(ended.end, 'kexec')
  assert.ok(ended.seconds <= 4, `${ended.seconds}`)
})

test("a name that a late card is to have is nobody else's meanwhile", () => {
  const ended = boot(`${both} ifname=eth0:52:54:00:00:00:0b ip=eth0:dhcp`, { network: late })
  assert.match(ended.console, 'network: eth0 is called was-eth0: another card is to have its name (ifname)\n')
  assert.match(ended.console, 'network: eth1 is called eth0 (ifname)\n')
  assert.is(ended.commands('udhcpc').length, 1)
  assert.is(ended.file('/sys/class/net/eth0/address'), '52:54:00:00:00:0b\n')
  assert.is(ended.end, 'kexec')
})

test('a late card is found by the name that udev gives it', () => {
  const ended = boot(`${both} ip=enp0s4:dhcp`, { network: late })
  assert.match(ended.console, 'network: enp0s4 is eth1 here (0000:00:04.0): renamed\n')
  assert.is(ended.end, 'kexec')
})

test('a VLAN on a late card, and a static address on that', () => {
  const ended = boot(`${both} vlan=eth1.5:eth1 ip=10.0.0.5:::24::eth1.5:none`, { network: late })
  assert.match(ended.console, 'network: eth1.5: VLAN 5 on eth1\n')
  assert.ok(ended.ran('ip', 'addr', 'replace', '10.0.0.5/24', 'dev', 'eth1.5'))
  assert.is(ended.end, 'kexec')
})

test('a bond is made of the link that is there, and the late one joins it', () => {
  const network = [
    { ...late[0], name: 'eth0', linkAfter: 6 },
    { ...late[1], name: 'eth1' },
  ]
  const ended = boot(`${both} bond=bond0:eth0,eth1 ip=bond0:dhcp`, { network })
  assert.match(ended.console, 'network: eth0: joined bond0\n')
  assert.match(ended.console, 'network: eth1: joined bond0\n')
  assert.is(ended.console.split('a bond of').length, 2)
  assert.is(ended.end, 'kexec')
})

test('a VLAN that nobody waits for is said not to be made', () => {
  const ended = boot(`${both} vlan=eth7.5:eth7 ip=eth0:dhcp`, { network: late })
  assert.match(ended.console, 'network: vlan=eth7.5:eth7: an interface that it needs is not there\n')
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 0)
})

const infiniband = [{ name: 'ib0', address: '80:00:02:08:fe:80:00:00:00:00:00:00:e4:1d:2d:03:00:50:1b:41' }]

test('ib.pkey makes a partition, and asks for its own address', () => {
  const ended = boot(`${both} ib.pkey=ib0.8001`, { network: infiniband })
  assert.match(ended.console, 'network: ib0.8001: partition 8001 of ib0\n')
  assert.match(ended.console, 'network: ib0.8001: DHCP gave')
})

test('a name in ip= that is that of a partition makes it, too', () => {
  const ended = boot(`${both} ip=ib0.8001:dhcp`, { network: infiniband })
  assert.match(ended.console, 'network: ib0.8001: partition 8001 of ib0\n')
  assert.match(ended.console, 'network: ib0.8001: DHCP gave')
  const fixed = boot(`${both} ip=10.0.0.5:::24::ib0.8001:none`, { network: infiniband })
  assert.match(fixed.console, 'network: ib0.8001: 10.0.0.5/24, no gateway, from ip=\n')
})

test('the same name on a card of Ethernet is a VLAN, or nothing', () => {
  const vlan = boot(`${both} ip=eth0.0005:dhcp vlan=eth0.0005:eth0`)
  assert.match(vlan.console, 'network: eth0.0005: VLAN 5 on eth0\n')
  assert.match(vlan.console, 'network: eth0.0005: DHCP gave')
  const none = boot(`${both} ip=eth0.8001:dhcp`)
  assert.match(none.console, 'network: no interface eth0.8001 after 20 s')
  const wanted = boot(`${both} ib.pkey=eth0.8001 rd.net.timeout.iflink=1`)
  assert.match(wanted.console, 'network: ib.pkey=eth0.8001: an interface that it needs is not there\n')
})

test('ib.pkey of an interface that is not there', () => {
  const ended = boot(`${both} ib.pkey=ib5.8001`, { network: infiniband })
  assert.match(ended.console, 'network: ib.pkey=ib5.8001: an interface that it needs is not there\n')
})

for (const partition of [
  'ib0',
  'ib0.',
  '.8001',
  'ib0.801',
  'ib0.0000',
  'ib0.8000',
  'ib0.80001',
  'ib0.8A01',
  'i/b.8001',
]) {
  test(`ib.pkey=${partition} is refused before anything is set up`, () => {
    const ended = boot(`${both} ib.pkey=${partition}`, { network: infiniband })
    assert.match(ended.console, `network: ib.pkey=${partition}: expected DEV.PKEY, like ib0.8001\n`)
    assert.equal(ended.commands('ip'), ['ip link set dev lo up'].slice(1))
  })
}

test.run()
