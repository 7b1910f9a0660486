// Interfaces by the names that udev gives them in the next system.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { callStage } from '../../../generator/simulator/simulate.ts'
import { declareInputs, type HostileInput } from '../../hostile/inputs.ts'
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
  assert.match(ended.console, 'network: eno1 could be any of: eth1 eth0; name one by its hardware address\n')
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

/** What Debian's udev 252 called the cards of four QEMU machines, and the files that it had this from (record.sh). */
interface Recorded {
  /** The cards, in QEMU's words. */
  machine: string
  /** `hex …` where a file is bytes. */
  files: Record<string, string>
  /** The names of each interface, by its folder. */
  udev: Record<string, string[]>
}

const recorded = JSON.parse(
  readFileSync(new URL('./udev-names/recorded.json', import.meta.url), 'utf8'),
) as Record<string, Recorded>

/** A machine's cards in a word each: `virtio-net-pci`, `usb-net`. */
const cardsOf = (machine: string): string =>
  [...machine.matchAll(/-device ([^,]+),netdev/g)].map(([, card]) => card).join(', ')

const machines: HostileInput[] = Object.entries(recorded).map(([name, { machine, files, udev }]) => ({
  input: `${name}: ${cardsOf(machine)}`,
  expected: "each of udev's names for each interface",
  run: 'stages and shells',
  see() {
    for (const [folder, names] of Object.entries(udev)) {
      const { value } = callStage('udevNames', [folder], { cmdline: '' }, ({ files: placed }) => {
        for (const [path, text] of Object.entries(files)) {
          const isHex = text.startsWith('hex ')
          placed.place(path, isHex ? Buffer.from(text.slice(4), 'hex') : Buffer.from(`${text}\n`))
        }
      })
      const found = String(value).split('\n')
      for (const wanted of names) assert.ok(found.includes(wanted), `${folder}: ${wanted}, not ${found}`)
    }
    return Object.entries(udev)
      .map(([folder, names]) => `${folder.replace(/.*\//, '')}: ${names.join(' ')}`)
      .join('; ')
  },
}))
declareInputs(test, 'udev-names', machines, test, new URL('../../boot/README.md', import.meta.url))

// QEMU has no such cards: the names are those of systemd.net-naming-scheme(7).
for (const [wanted, files] of Object.entries({
  enp1s0np1: { 'net/eth0/phys_port_name': 'p1' },
  enp1s0d1: { 'net/eth0/phys_port_name': '', 'net/eth0/dev_port': '1' },
  enp1s0r5: { 'net/eth0/phys_port_name': 'pf0vf5' },
  ibp1s0: { 'net/eth0/type': '32' },
})) {
  test(`a port or a link of its own kind: ${wanted}`, () => {
    const device = '/sys/devices/pci0000:00/0000:00:01.0/0000:01:00.0'
    const { value } = callStage('udevNames', [`${device}/net/eth0`], { cmdline: '' }, machine => {
      for (const [path, text] of Object.entries(files))
        machine.files.place(`${device}/${path}`, Buffer.from(`${text}\n`))
    })
    assert.ok(String(value).split('\n').includes(wanted), String(value))
  })
}

test('a domain, and a function number of eight bits', () => {
  const device = '/sys/devices/pci10000:e0/10000:e0:06.0/10000:e1:01.2'
  const { value } = callStage('udevNames', [`${device}/net/eth0`], { cmdline: '' }, machine =>
    machine.files.place(`${device}/ari_enabled`, Buffer.from('1\n')),
  )
  assert.ok(String(value).split('\n').includes('enP65536p225s1f10'), String(value))
})

test.run()
