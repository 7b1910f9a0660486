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
  assert.equal(ended.commands('ip'), [
    'ip link set dev eth0 up',
    'ip link set dev eth1 up',
    'ip link set dev eth0 down',
  ])
  assert.match(ended.console, 'network: eth1: asking for an address')
  assert.is(ended.end, 'kexec')
})

test('an interface may appear late', () => {
  const ended = boot(both, { network: [{ name: 'eth0', appearsAfter: 7 }] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 7)
})

for (const words of ['', 'BOOTIF=01-52-54-00-12-34-57', 'ip=eth1:dhcp', 'ip=10.0.0.5:::24::eth1:none']) {
  test(`a card that appears 3 s late is waited for: '${words}'`, () => {
    const ended = boot(`${both} ${words}`, {
      network: [
        { name: 'eth0', dhcp: 'no answer' },
        { name: 'eth1', appearsAfter: 3 },
      ],
    })
    assert.is(ended.end, 'kexec')
    assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
    assert.is(ended.commands('udhcpc').length, { '': 2, 'ip=10.0.0.5:::24::eth1:none': 0 }[words] ?? 1)
    assert.ok(ended.seconds >= 3 && ended.seconds <= 4, `${ended.seconds}`)
  })
}

for (const words of ['', 'ip=eth0:dhcp', 'ip=10.0.0.5:::24::eth0:none', 'ip=eth0:dhcp:1400']) {
  test(`cards and links are waited for, not looked for: '${words}'`, () => {
    const card = boot(`${both} ${words}`, { network: [{ name: 'eth0', appearsAfter: 2.7 }] })
    assert.is(card.seconds, 2.7)
    const link = boot(`${both} ${words}`, { network: [{ name: 'eth0', linkAfter: 4.3 }] })
    assert.is(link.seconds, 4.3)
    for (const ended of [card, link]) assert.is(ended.commands('sleep').length, 0)
  })
}

test('a named interface that never comes: those that are here are named', () => {
  const ended = boot(`${both} ip=eth5:dhcp`, {
    network: [{ name: 'eth0' }, { name: 'eth1', driver: 'e1000e' }],
  })
  assert.match(ended.console, 'network: waiting for eth5; 15 s left\n')
  assert.match(
    ended.console,
    'network: no interface eth5 after 20 s; here are: eth0 (52:54:00:12:34:56, virtio_net, down), eth1 (52:54:00:12:34:57, e1000e, down)\n',
  )
})

test('no network is needed: no wait for a card', () => {
  const ended = boot(`${both} ip=off`, { network: [] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 0)
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
  assert.match(ended.console, 'network: waiting for a link on eth0 eth1; 25 s left\n')
  assert.match(ended.console, 'network: no link after 30 s on eth0 eth1; check cable and switch port\n')
})

test('a link may come late', () => {
  assert.is(boot(both, { network: [{ name: 'eth0', linkAfter: 25 }] }).end, 'kexec')
  assert.is(boot(both, { network: [{ name: 'eth0', linkAfter: 45 }] }).end, 'reboot after 30 s')
  assert.is(
    boot(`${both} rd.net.timeout.carrier=60`, { network: [{ name: 'eth0', linkAfter: 45 }] }).end,
    'kexec',
  )
})

const firmware = { name: 'eth0', failsUp: 'ip: ioctl 0x8914 failed: No such file or directory' }

test('a card without its firmware is one line, and the others are used', () => {
  const kernelLog =
    '[    1.2] e100 0000:00:03.0 eth0: Failed to load firmware "e100/d101m_ucode.bin": -2\n[    1.3] eth1: x\n'
  for (const words of ['', 'BOOTIF=01-52-54-00-12-34-57']) {
    const ended = boot(`${both} ${words}`, { network: [firmware, { name: 'eth1' }], kernelLog })
    assert.is(ended.end, 'kexec')
    assert.is(ended.seconds, 0)
    if (words === '')
      assert.match(
        ended.console,
        'network: eth0: skipped: cannot be set up: e100 0000:00:03.0 eth0: Failed to load firmware "e100/d101m_ucode.bin": -2\n',
      )
    assert.not.ok(ended.commands('udhcpc').join().includes('-i eth0'))
  }
})

test('all cards without firmware: no link, and each is named', () => {
  const ended = boot(both, { network: [firmware] })
  assert.match(ended.console, 'network: eth0: skipped: cannot be set up\n')
  assert.match(ended.console, 'network: no link after 30 s on eth0')
})

test('a driver that lacks its firmware is named with the file, and not as missing', () => {
  const ended = boot(`${both} rd.net.timeout.iflink=1`, {
    network: [{ name: 'eth0', hasNoDriver: true }],
    kernelLog:
      '[    1.2] bnx2 0000:00:03.0: Direct firmware load for bnx2/bnx2-mips-06.fw failed with error -2\n',
  })
  assert.match(
    ended.console,
    'network: network card 0x1af4:0x1000 at 0000:00:03.0: bnx2 0000:00:03.0: Direct firmware load for bnx2/bnx2-mips-06.fw failed',
  )
  assert.not.match(ended.console, 'no driver in this initrd')
})

test('a USB device without a driver that may be a network card is named by its id', () => {
  const usb = '/sys/bus/usb/devices'
  const ended = boot(`${both} rd.net.timeout.iflink=1`, {
    network: [],
    files: {
      [`${usb}/1-1/idVendor`]: '0b95\n',
      [`${usb}/1-1/idProduct`]: '1790\n',
      [`${usb}/1-1:1.0/bInterfaceClass`]: 'ff\n',
      [`${usb}/1-2/idVendor`]: '0627\n',
      [`${usb}/1-2:1.0/bInterfaceClass`]: '03\n',
    },
  })
  assert.match(ended.console, 'network: USB device 0b95:1790 at 1-1: no driver in this initrd\n')
  assert.not.match(ended.console, '0627')
})

test('what has no driver is told with the name of that which the kernel has and the image has not', () => {
  const [usb, pci] = ['/sys/bus/usb/devices', '/sys/bus/pci/devices']
  const ended = boot(`${both} rd.net.timeout.iflink=1`, {
    network: [{ name: 'eth0', hasNoDriver: true }],
    files: {
      '/lib/modules/left-out':
        '02.06.00 cdc_ether\n0525:a4a2 cdc_subset\n0b95:1790 ax88179_178a\n0x0c0330 xhci_pci\n0x1af4:0x1000 virtio_net\n',
      [`${pci}/0000:00:04.0/class`]: '0x0c0330\n',
      [`${pci}/0000:00:04.0/vendor`]: '0x1b36\n',
      [`${pci}/0000:00:04.0/device`]: '0x000d\n',
      [`${usb}/1-1/idVendor`]: '0b95\n',
      [`${usb}/1-1/idProduct`]: '1790\n',
      [`${usb}/1-1:1.0/bInterfaceClass`]: 'ff\n',
      [`${usb}/1-2/idVendor`]: '0525\n',
      [`${usb}/1-2/idProduct`]: 'a4a2\n',
      [`${usb}/1-2:1.0/bInterfaceClass`]: '02\n',
      [`${usb}/1-2:1.0/bInterfaceSubClass`]: '06\n',
      [`${usb}/1-2:1.0/bInterfaceProtocol`]: '00\n',
    },
  })
  for (const told of [
    'network card 0x1af4:0x1000 at 0000:00:03.0: no driver in this initrd (virtio_net)',
    'USB controller 0x1b36:0x000d at 0000:00:04.0: no driver in this initrd (xhci_pci)',
    'USB device 0b95:1790 at 1-1: no driver in this initrd (ax88179_178a)',
    'USB device 0525:a4a2 at 1-2: no driver in this initrd (cdc_subset, cdc_ether)',
  ])
    assert.match(ended.console, `network: ${told}\n`)
})

test('under lockdown a driver without a signature is not said to be missing', () => {
  const ended = boot(both, {
    network: [{ name: 'eth0', hasNoDriver: true }],
    kernelLog: 'Lockdown: modprobe: unsigned module loading is restricted; see man kernel_lockdown.7\n',
  })
  const card = 'network card 0x1af4:0x1000 at 0000:00:03.0'
  assert.match(
    ended.console,
    `${card}: no driver: under lockdown this kernel loads modules with its signature alone\n`,
  )
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
    assert.not.match(ended.console, /network: .*BOOTIF/)
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
  assert.match(ended.console, 'network: waiting for a network card; 15 s left\n')
  assert.match(
    ended.console,
    'network: BOOTIF=01-AA-BB-cc-dd-ee-ff: ignored: no interface has this address after 20 s; here are: eth0 (52:54:00:12:34:56, virtio_net, down)\n',
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

for (const method of 'link-local bootp rarp ibft'.split(' ')) {
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

test('MTU and hardware address behind the method are those of the interface, and no name servers', () => {
  for (const form of ['eth0:dhcp:1400:02:00:00:00:00:07', '::::n:eth0:dhcp:1400:02:00:00:00:00:07']) {
    const ended = boot(`${both} ip=${form}`)
    assert.equal(ended.commands('ip'), [
      'ip link set dev eth0 down',
      'ip link set dev eth0 address 02:00:00:00:00:07',
      'ip link set dev eth0 up',
      'ip link set dev eth0 mtu 1400',
      'ip link set dev eth0 up',
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
  assert.equal(ended.commands('ip').slice(1), [
    'ip addr replace 10.0.0.5/24 dev eth1',
    'ip route replace default via 10.0.0.1 dev eth1 metric 0',
  ])
})

test.run()
