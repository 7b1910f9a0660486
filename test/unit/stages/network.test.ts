// From bare interfaces to an address and a resolver.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

test('every wired interface is set up, radios and bridges are not', () => {
  const ended = boot(both, {
    network: [
      { name: 'eth0', linkAfter: 'never' },
      { name: 'eth1' },
      { name: 'wlan0', is: 'radio' },
      { name: 'lo', is: 'virtual' },
    ],
  })
  assert.equal(ended.commands('ip'), ['ip link set dev eth0 up', 'ip link set dev eth1 up'])
  assert.match(ended.console, 'network: eth1: link is up, asking for an address')
  assert.is(ended.end, 'kexec')
})

test('an interface may appear late', () => {
  const ended = boot(both, { network: [{ name: 'eth0', appearsAfter: 7 }] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 7)
})

test('no interface at all: the card that has no driver is named', () => {
  const ended = boot(both, { network: [{ name: 'eth0', hasNoDriver: true }] })
  assert.match(
    ended.console,
    'network: network card 0x1af4:0x1000 at 0000:00:03.0: no driver in this initrd\n',
  )
  assert.match(ended.console, 'network: no network interface after 20 s: none present, or no driver for it\n')
  assert.is(ended.end, 'reboot after 30 s')
  assert.is(ended.seconds, 50)
})

test('rd.net.timeout.iflink bounds the wait', () => {
  const ended = boot(`${both} rd.net.timeout.iflink=3`, { network: [] })
  assert.match(ended.console, 'no network interface after 3 s')
  assert.is(ended.seconds, 33)
})

test('no link: all interfaces are named', () => {
  const ended = boot(both, {
    network: [
      { name: 'eth0', linkAfter: 'never' },
      { name: 'eth1', linkAfter: 'never' },
    ],
  })
  assert.match(ended.console, 'network: no link after 30 s on eth0 eth1; check cable and switch port\n')
  assert.not.ok(ended.ran('udhcpc'))
})

test('a link may come late', () => {
  assert.is(boot(both, { network: [{ name: 'eth0', linkAfter: 25 }] }).end, 'kexec')
  assert.is(boot(both, { network: [{ name: 'eth0', linkAfter: 45 }] }).end, 'reboot after 30 s')
  assert.is(
    boot(`${both} rd.net.timeout.carrier=60`, { network: [{ name: 'eth0', linkAfter: 45 }] }).end,
    'kexec',
  )
})

test('an interface that cannot be set up ends the boot', () => {
  const ended = boot(both, { broken: [{ command: 'ip', with: 'link', status: 1, stderr: 'ip: no' }] })
  assert.match(ended.console, 'ip: no\n')
  assert.is(ended.end, 'reboot after 30 s')
})

const two = [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }]
const overInfiniBand = '00:00:02:08:fe:80:00:00:00:00:00:00:f4:52:14:03:00:8d:e3:01'

for (const [form, network] of [
  ['01-52-54-00-be-ef-01', two],
  ['01-52-54-00-BE-EF-01', two],
  ['52-54-00-be-ef-01', two],
  ['52:54:00:be:ef:01', two],
  ['01:52:54:00:be:ef:01', two],
  ['20-f4-52-14-03-00-8d-e3-01', [{ name: 'eth0' }, { name: 'eth1', address: overInfiniBand }]],
  [overInfiniBand, [{ name: 'eth0' }, { name: 'eth1', address: overInfiniBand }]],
  [
    `20-${overInfiniBand.replaceAll(':', '-')}`,
    [{ name: 'eth0' }, { name: 'eth1', address: overInfiniBand }],
  ],
] as const) {
  test(`BOOTIF=${form} finds its interface`, () => {
    const ended = boot(`${both} BOOTIF=${form}`, { network: [...network] })
    assert.match(ended.console, 'network: eth1: DHCP gave ip=10.0.2.15/24')
    assert.not.match(ended.console, 'BOOTIF')
  })
}

for (const form of [
  '01-',
  '-',
  ':',
  '01',
  '525400123456',
  '01-52-54-00-be',
  'x',
  '1-2-3-4-5-6',
  '$(x)',
  '01-gg-54-00-be-ef-01',
  'a'.repeat(300),
]) {
  test(`BOOTIF=${form.slice(0, 30)} is said to be useless, and all interfaces are used`, () => {
    const ended = boot(`${both} BOOTIF=${form}`, { network: two })
    assert.match(ended.console, `network: BOOTIF=${form}: ignored: not a hardware address\n`)
    assert.is(ended.end, 'kexec')
  })
}

test('BOOTIF that no interface has: said, and all interfaces are used', () => {
  const ended = boot(`${both} BOOTIF=01-AA-BB-cc-dd-ee-ff`)
  assert.match(
    ended.console,
    'network: BOOTIF=01-AA-BB-cc-dd-ee-ff: ignored: no interface has hardware address aa:bb:cc:dd:ee:ff\n',
  )
  assert.is(ended.end, 'kexec')
})

test('rd.bootif=0: BOOTIF is not looked at', () => {
  assert.is(boot(`${both} BOOTIF=01-aa-bb-cc-dd-ee-ff rd.bootif=0`).end, 'kexec')
})

test('ip=off and ip=none: no address, and aria2c is told no interface', () => {
  for (const method of ['off', 'none']) {
    const ended = boot(`${both} ip=${method}`)
    assert.match(ended.console, `network: ip=${method}: no address configured\n`)
    assert.not.ok(ended.ran('udhcpc'))
    assert.not.match(ended.commands('aria2c').join(), '--bt-lpd-interface')
    assert.is(ended.end, 'kexec')
  }
})

for (const form of ['dhcp', 'on', 'any', 'single-dhcp', 'eth0:dhcp', ':::::eth0:dhcp', ':::::eth0']) {
  test(`ip=${form} is DHCP`, () => {
    const ended = boot(`${both} ip=${form}`)
    assert.is(ended.commands('udhcpc').length, 1)
    assert.is(ended.end, 'kexec')
  })
}

for (const method of 'dhcp6 auto6 either6 link6 dhcp,dhcp6 link-local bootp rarp both ibft'.split(' ')) {
  for (const form of [
    method,
    `eth0:${method}`,
    `eth0:${method}:1500:52:54:00:00:00:01`,
    `::::n:eth0:${method}`,
  ]) {
    test(`ip=${form} is refused by name`, () => {
      const ended = boot(`${both} ip=${form}`)
      assert.match(
        ended.console,
        `network: ip=${form}: '${method}' is not supported; use dhcp or an address\n`,
      )
      assert.equal(ended.commands('ip'), [])
      assert.is(ended.end, 'reboot after 30 s')
    })
  }
}

test('an address in brackets is refused by name', () => {
  const ended = boot(`${both} ip=[fd00::5]::[fd00::1]:64::eth0:none`)
  assert.match(ended.console, 'network: ip=[fd00::5]::[fd00::1]:64::eth0:none: IPv6 is not supported yet\n')
  assert.is(ended.end, 'reboot after 30 s')
})

test('MTU and hardware address behind the method are those of the interface, and no name servers', () => {
  for (const form of ['eth0:dhcp:1400:02:00:00:00:00:07', '::::n:eth0:dhcp:1400:02:00:00:00:00:07']) {
    const ended = boot(`${both} ip=${form}`)
    assert.equal(ended.commands('ip').slice(1), [
      'ip link set dev eth0 down',
      'ip link set dev eth0 address 02:00:00:00:00:07',
      'ip link set dev eth0 up',
      'ip link set dev eth0 mtu 1400',
    ])
    assert.is(ended.file('/etc/resolv.conf'), 'nameserver 10.0.2.3\n')
    assert.not.match(ended.console, 'name server')
    assert.is(ended.end, 'kexec')
  }
})

test('an MTU alone, and one that the card refuses', () => {
  assert.ok(
    boot(`${both} ip=10.0.0.5:::24::eth0:none:1400`).ran('ip', 'link', 'set', 'dev', 'eth0', 'mtu', '1400'),
  )
  const broken = [{ command: 'ip', with: 'mtu', status: 1 }]
  const ended = boot(`${both} ip=eth0:dhcp:99999`, { broken })
  assert.match(ended.console, 'network: eth0: MTU 99999 refused\n')
  assert.is(ended.end, 'kexec')
})

test('the interface may be called BOOTIF', () => {
  const network = [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }]
  for (const form of ['::::n:BOOTIF:dhcp', 'BOOTIF:dhcp']) {
    const ended = boot(`${both} ip=${form} BOOTIF=01-52-54-00-be-ef-01`, { network })
    assert.match(ended.console, 'eth1: DHCP gave ip=10.0.2.15/24')
    assert.is(ended.end, 'kexec')
  }
})

test("PXELINUX's four fields and BOOTIF", () => {
  const network = [{ name: 'eth0' }, { name: 'eth1', address: '52:54:00:be:ef:01' }]
  const ended = boot(`${both} ip=10.0.0.5:10.0.0.2:10.0.0.1:255.255.255.0 BOOTIF=01-52-54-00-be-ef-01`, {
    network,
  })
  assert.equal(ended.commands('ip').slice(2), [
    'ip addr replace 10.0.0.5/24 dev eth1',
    'ip route replace default via 10.0.0.1 dev eth1 metric 0',
  ])
})

test.run()
