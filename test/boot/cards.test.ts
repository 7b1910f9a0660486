// Cards of several makes, on Debian's generic kernel: what issue reports of real machines say, and where each must go.
import { test } from 'uvu'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import type { Nic } from '../../generator/qemu/qemu-words.ts'
import { declareInputs } from '../hostile/inputs.ts'
import { needs } from '../support/needs.ts'
import { bondedBoots } from './bonded-boots.ts'
import { type CardBoot, seeAll } from './card-boots.ts'
import { startSite } from './site.ts'
import { startSlowServer } from './slow-server.ts'

const drivers = ['e1000', 'e1000e', 'igb', 'e100', 'xhci_pci', 'rndis_host', 'cdc_ether']
const site = await startSite({ kernel: 'linux-image-amd64', modules: ['virtual', ...drivers] })
/** Its image has no driver of a USB card, but of what that hangs on. */
const bare = await startSite({ kernel: 'linux-image-amd64', modules: ['virtual', 'xhci_pci'] })
const slow = await startSlowServer(3_000_000, 300_000)
test.after(async () => {
  await site.close()
  await bare.close()
  slow.close()
})

/** Without the bit of local addresses, with which the kernel would call the card usb0. */
const usbMac = '50:54:00:be:ef:99'
const mac = '52:54:00:be:ef:02'
const dead = (model: string): Nic => ({ network: 'user', model, link: 'down' })
const silent = (model: string): Nic => ({ network: 'silent', model })
/** Without firmware, which no image of ours has. */
const lame = silent('i82551')
const usb = 'qemu-xhci,id=usb'
/** Plugged in 3 s after /init's first line: no driver is slower than that by much. */
const late = {
  commands: [3, 'netdev_add user,id=late', `device_add usb-net,netdev=late,bus=usb.0,mac=${usbMac}`],
}

const boots: CardBoot[] = [
  {
    input: 'eight cards of six makes, a cable in the igb alone',
    expected: 'its lease; the card without firmware is named, the others are used',
    nics: [
      dead('virtio-net-pci'),
      dead('e1000'),
      dead('e1000e'),
      dead('vmxnet3'),
      { network: 'user', model: 'igb' },
      lame,
      dead('virtio-net-pci'),
      dead('e1000'),
    ],
    has: [/eth\d: skipped: cannot be set up: e100 .*firmware/, /eth\d: DHCP gave/],
  },
  {
    input: 'eight cards of five makes with link, somebody answers on the e1000e alone',
    expected: 'its lease: all are asked at once',
    nics: [
      silent('virtio-net-pci'),
      silent('virtio-net-pci'),
      silent('e1000'),
      silent('vmxnet3'),
      silent('igb'),
      silent('e1000'),
      silent('e1000'),
      { network: 'user', model: 'e1000e' },
    ],
    has: [/eth\d: DHCP gave/],
  },
  {
    input: 'a card without firmware (i82551) beside a good one (virtio)',
    expected: 'one line names it, the other is used',
    nics: [lame, { network: 'user' }],
    has: [/eth\d: skipped: cannot be set up: e100 .*firmware/, /eth\d: DHCP gave/],
  },
  {
    input: 'a card without firmware (i82551) beside a good one (e1000), BOOTIF of the good one',
    expected: 'the good one alone is asked on',
    append: `BOOTIF=01-${mac.replaceAll(':', '-')}`,
    nics: [lame, { network: 'user', model: 'e1000', mac }],
    has: [/eth\d: DHCP gave/],
    not: ['cannot be set up'],
  },
  {
    input: 'BOOTIF of a USB card that appears 3 s late, beside a silent card',
    expected: 'is waited for, and is the only one that is asked on',
    append: `BOOTIF=01-${usbMac.replaceAll(':', '-')}`,
    nics: [silent('virtio-net-pci')],
    devices: [usb],
    late,
    has: ['eth1: DHCP gave'],
    not: ['eth0: asking', 'ignored'],
  },
  {
    input: 'ip=eth1:dhcp of a USB card that appears 3 s late',
    expected: 'is waited for',
    append: 'ip=eth1:dhcp',
    nics: [silent('virtio-net-pci')],
    devices: [usb],
    late,
    has: ['eth1: DHCP gave'],
    not: ['eth0: asking'],
  },
  {
    input: 'a USB card that appears 3 s late beside a silent card, nothing said',
    expected: 'is set up when it comes',
    nics: [silent('virtio-net-pci')],
    devices: [usb],
    late,
    has: ['eth1: DHCP gave'],
  },
  {
    input: 'a lease on eth0 without a way to the boot server (a network of BMCs), eth1 is right',
    expected: 'given up for eth1',
    nics: [{ network: 'nowhere' }, { network: 'user' }],
    has: ['eth1: DHCP gave'],
    last: /fetching/,
  },
  {
    input: 'the cable is pulled during the download, and is back 6 s later',
    expected: 'the download goes on',
    files: `url=${slow.url} on_complete=poweroff`,
    nics: [{ network: 'user' }],
    late: { at: 'fetching', commands: [3, 'set_link nic0 off', 6, 'set_link nic0 on'] },
    has: ['all files are in /tmp'],
    last: /all files are in|boot failed/,
  },
  {
    input: 'eight cards, all ports dead',
    expected: 'ends after rd.net.timeout.carrier, and names them',
    append: 'rd.net.timeout.carrier=3',
    nics: Array.from({ length: 8 }, () => dead('virtio-net-pci')),
    has: [/no link after \d+ s on eth0 eth1 eth2 eth3 eth4 eth5 eth6 eth7; check cable/, 'boot failed'],
  },
]

const bareBoots: CardBoot[] = [
  {
    input: 'a USB card whose driver is not packed, and no other',
    expected: 'is named by its id, with the drivers that the kernel has for it',
    append: 'rd.net.timeout.iflink=3',
    nics: [{ network: 'user', model: 'usb-net' }],
    devices: [usb],
    has: [
      /USB device 0525:a4a2 at 1-\d: no driver in this initrd \(cdc_subset(, cdc_ether|, rndis_host)?\)/,
      'boot failed',
    ],
  },
]

declareInputs(
  test,
  'cards',
  [...seeAll(site, [...boots, ...bondedBoots]), ...seeAll(bare, bareBoots)],
  needs(test, { [qemuProgram.program]: qemuProgram.package }),
  new URL('README.md', import.meta.url),
)
test.run()
