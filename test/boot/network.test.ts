import { test } from 'uvu'
import { type BootCase, declareBoots } from './boot-cases.ts'
import { startSite } from './site.ts'

const site = await startSite()
test.after(() => site.close())

const second = 'console=ttyS0 quiet no_timer_check'
const files = `kernel_url=${site.url('vmlinuz')} initrd_url=${site.url('initrd.img')} next_kernel_params="${second}"`
const off = 'retries=1 on_failure=poweroff failure_delay=1'
const followed = 'boot failed; poweroff in 1 s'
const mac = '52:54:00:be:ef:02'

const cases: BootCase[] = [
  {
    name: 'ip= gives a fixed address, DHCP is not asked',
    append: `${files} ip=10.0.2.77::10.0.2.2:255.255.255.0:node1:eth0:off`,
    second,
    has: ['10.0.2.77'],
    not: ['DHCP gave'],
  },
  {
    name: 'two cards, only the second has a link',
    append: files,
    nics: [
      { network: 'user', link: 'down' },
      { network: 'user', mac },
    ],
    second,
    has: ['eth1: DHCP gave'],
  },
  {
    name: 'eight cards with a link, only on the last somebody answers',
    append: files,
    nics: [...Array(7).fill({ network: 'silent' }), { network: 'user', mac }],
    second,
    has: ['eth7: DHCP gave'],
  },
  {
    name: 'a bond of two cards, DHCP on it',
    append: `${files} bond=bond0:eth0,eth1:mode=active-backup,miimon=100 ip=bond0:dhcp`,
    nics: [
      { network: 'user', link: 'down' },
      { network: 'user', mac },
    ],
    second,
    has: ['bond0: a bond of eth0,eth1', 'bond0: DHCP gave'],
  },
  {
    name: 'ifname swaps two names',
    append: `${files} ifname=eth0:${mac} ip=eth0:dhcp`,
    nics: [{ network: 'silent' }, { network: 'user', mac }],
    second,
    has: ['eth1 is called eth0 (ifname)', 'eth0: DHCP gave'],
  },
  {
    name: 'a VLAN on a card, with a fixed address: nobody answers there',
    append: `${files} ${off} vlan=eth0.5:eth0 ip=10.5.0.2:::24::eth0.5:none`,
    has: ['eth0.5: VLAN 5 on eth0', 'eth0.5: 10.5.0.2/24', followed],
  },
  {
    name: 'an interface that does not exist: the console says which do',
    append: `${files} ${off} ip=eth5:dhcp rd.net.timeout.iflink=2`,
    nics: [{ network: 'user', mac }],
    has: [/no interface eth5 after \d+ s; here are: eth0 \(52:54:00:be:ef:02, virtio_net, /, followed],
  },
  {
    name: 'a card by the name that udev gives it in the next system',
    append: `${files} ip=ens4:dhcp`,
    nics: [{ network: 'silent' }, { network: 'user', mac }],
    second,
    has: ['ens4 is eth1 here (0000:00:04.0): renamed', 'ens4: DHCP gave'],
  },
  {
    name: 'a card whose driver is excluded is not there',
    append: `${files} rd.driver.blacklist=vmxnet3`,
    nics: [
      { network: 'silent', model: 'vmxnet3' },
      { network: 'user', mac },
    ],
    second,
    has: ['vmxnet3: excluded by the command line', 'eth0: DHCP gave'],
    not: ['eth1'],
  },
  {
    name: 'BOOTIF chooses the card',
    append: `${files} BOOTIF=01-${mac.replaceAll(':', '-').toUpperCase()}`,
    nics: [{ network: 'silent' }, { network: 'user', mac }],
    second,
    has: ['eth1: DHCP gave'],
    not: ['eth0: asking for'],
  },
  {
    name: 'a card of another make, whose driver is loaded by its modalias',
    append: files,
    nics: [{ network: 'user', model: 'vmxnet3' }],
    second,
  },
  {
    name: 'nobody answers DHCP',
    append: `${files} ${off} rd.net.timeout.dhcp=4`,
    nics: [{ network: 'silent' }],
    has: ['network: no DHCP answer within 4 s', followed],
  },
  {
    name: 'no network card at all',
    append: `${files} ${off} rd.net.timeout.iflink=2`,
    nics: [],
    has: [/network: no network interface after \d+ s/, followed],
  },
  {
    name: 'no link',
    append: `${files} ${off} rd.net.timeout.carrier=2`,
    nics: [{ network: 'user', link: 'down' }],
    has: [/network: no link after \d+ s on eth0; check cable/, followed],
  },
  {
    name: 'a card without a driver in this initrd is named',
    append: `${files} ${off} rd.net.timeout.iflink=2`,
    nics: [{ network: 'user', model: 'tulip' }],
    has: [/network card 0x1011:0x0019 at [0-9a-f:.]+: no driver in this initrd/, followed],
  },
]

declareBoots(test, site, cases)
test.run()
