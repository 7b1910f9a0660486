// Interfaces by the names that udev gives them in the next system.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

const pci = '/sys/devices/pci0000:00'
const two = [
  { name: 'eth0', device: `${pci}/0000:00:03.0/virtio0` },
  { name: 'eth1', device: `${pci}/0000:00:01.0/0000:01:00.0/virtio1` },
]
const renamed = 'ip link set dev eth1 name enp1s0'

for (const form of [
  'ip=enp1s0:dhcp',
  'ip=10.0.2.15::10.0.2.2:24::enp1s0:none',
  'vlan=vlan5:enp1s0 ip=vlan5:dhcp',
  'bond=bond0:enp1s0,eth0 ip=bond0:dhcp',
  'bootdev=enp1s0',
]) {
  test(`${form}: the card at this place is called so, and the console says so once`, () => {
    const ended = boot(`${both} ${form}`, { network: two })
    assert.is(ended.commands('ip')[0], renamed)
    assert.is(ended.console.split('network: enp1s0 is eth1 here (0000:01:00.0): renamed\n').length, 2)
    assert.is(ended.end, 'kexec')
  })
}

for (const [name, files] of Object.entries({
  eno2: { '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/acpi_index': '2\n' },
  eno3: { '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/index': '3\n' },
  ens4: { '/sys/bus/pci/slots/4/address': '0000:01:00\n' },
  enx525400123457: {},
})) {
  test(`${name}`, () => {
    const ended = boot(`${both} ip=${name}:dhcp`, { network: two, files })
    assert.match(ended.console, `network: ${name} is eth1 here (0000:01:00.0): renamed\n`)
    assert.is(ended.end, 'kexec')
  })
}

test('what two could be is said, and neither is renamed', () => {
  const files = {
    '/sys/devices/pci0000:00/0000:00:03.0/index': '1\n',
    '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0/index': '1\n',
  }
  const ended = boot(`${both} ip=eno1:dhcp`, { network: two, files })
  assert.match(ended.console, 'network: eno1 could be each of: eth1 eth0; name one by its hardware address\n')
  assert.match(ended.console, 'network: no interface eno1 after 20 s; here are: eth0 (')
})

test('an interface that is also called by its present name keeps it', () => {
  const ended = boot(`${both} ip=enp1s0:dhcp ip=eth1:dhcp`, { network: two })
  assert.not.ok(ended.commands('ip').includes(renamed))
  assert.is(ended.end, 'kexec')
})

test('without the part such a name is refused, and the console says why', () => {
  const ended = boot(`${both} ip=enp1s0:dhcp`, { network: two, without: ['interface-names'] })
  assert.match(ended.console, 'network: no enp1s0 after 20 s (built --without interface-names); here: eth0')
})

test.run()
