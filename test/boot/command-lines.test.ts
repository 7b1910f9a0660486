// The command lines that sites have, and what the network becomes: /init's network stage in network namespaces.
import { macOf, type NodeLab } from './node-lab.ts'
import { type NodeRow, runNodeRows } from './node-rows.ts'
import { dnsmasq } from './real-servers.ts'

const url = 'kernel_url=http://10.9.0.1:8000/k'
const off = 'on_failure=poweroff retries=1'
const dashes = (mac: string) => mac.replaceAll(':', '-')

/** Two cards: behind eth0 nobody, behind eth1 a DHCP server; the command line may hold their addresses. */
const second =
  (commandLine: (eth0: string, eth1: string) => string) =>
  async (lab: NodeLab): Promise<Awaited<ReturnType<NodeLab['run']>>> => {
    const [nobody, good] = [await lab.switch(), await lab.switch()]
    await dnsmasq(lab, good, { range: ['10.9.8.1', '10.9.8.99'] })
    const cards = [nobody, good]
    const number = lab.plug(cards)
    const append = `${url} ${commandLine(macOf(number, 0), macOf(number, 1))}`
    return lab.run({ cards, append }, number)
  }

/** One card on a network without a DHCP server. */
const fixed = (commandLine: string, after?: string) => async (lab: NodeLab) =>
  lab.run({
    cards: [await lab.switch()],
    append: `${url} ${commandLine}`,
    ...(after === undefined ? {} : { after }),
  })

/** One card and a DHCP server. */
const leased =
  (commandLine: string, after?: string, ...words: string[]) =>
  async (lab: NodeLab) => {
    const at = await lab.switch()
    await dnsmasq(lab, at, { range: ['10.9.8.1', '10.9.8.99'] }, ...words)
    return lab.run({
      cards: [at],
      append: `${url} ${commandLine}`,
      ...(after === undefined ? {} : { after }),
    })
  }

const taken = 'goes on with eth1'
const showMtu = 'cat /sys/class/net/eth0/mtu /sys/class/net/eth0/address >&2'

const bootif: NodeRow[] = [
  {
    input: 'ip=::::node1:BOOTIF:dhcp BOOTIF=01-MAC (OpenCHAMI, nm-initrd-generator)',
    expected: 'DHCP on that card',
    run: second((_, eth1) => `ip=::::node1:BOOTIF:dhcp BOOTIF=01-${dashes(eth1)}`),
    has: [taken],
    not: ['eth0: asking'],
  },
  {
    input: 'BOOTIF= without its type byte',
    expected: 'the same',
    run: second((_, eth1) => `BOOTIF=${dashes(eth1)}`),
    has: [taken],
    not: ['eth0: asking', 'ignored'],
  },
  {
    input: 'BOOTIF= with colons, in capitals (GRUB, Warewulf)',
    expected: 'the same',
    run: second((_, eth1) => `BOOTIF=${eth1.toUpperCase()}`),
    has: [taken],
    not: ['eth0: asking', 'ignored'],
  },
  {
    input: 'BOOTIF=01- (a variable of the boot loader that was empty)',
    expected: 'said, and not fatal: all cards are asked on',
    run: second(() => 'BOOTIF=01-'),
    has: ['BOOTIF=01-: ignored: not a hardware address', taken],
  },
  {
    input: 'BOOTIF= of a card that is not here',
    expected: 'said after rd.net.timeout.iflink with those that are; all cards are asked on',
    run: second(() => 'BOOTIF=01-52-54-00-00-00-77 rd.net.timeout.iflink=2'),
    has: [/ignored: no interface has this address after \d+ s; here are: eth0 \(/, taken],
  },
  {
    input: 'BOOTIF= of 20 bytes (InfiniBand), of a card that is not here',
    expected: 'the same',
    run: second(
      () => 'BOOTIF=20-80-00-02-08-fe-80-00-00-00-00-00-00-e4-1d-2d-03-00-50-1b-41 rd.net.timeout.iflink=2',
    ),
    has: [/ignored: no interface has this address after/, taken],
  },
]

const names: NodeRow[] = [
  {
    input: 'ifname=eth0:MAC1 ifname=eth1:MAC0 ip=eth0:dhcp (Warewulf; the names swap)',
    expected: 'renamed; the right card is asked',
    run: second((eth0, eth1) => `ifname=eth0:${eth1} ifname=eth1:${eth0} ip=eth0:dhcp`),
    has: ['eth1 is called eth0 (ifname)', 'goes on with eth0'],
  },
  {
    input: 'ip=eth5:dhcp, no such interface',
    expected: 'no wait for a link; says which are here',
    run: second(() => `ip=eth5:dhcp rd.net.timeout.iflink=2 ${off}`),
    has: [/no interface eth5 after \d+ s; here are: eth0 \(/],
    not: ['goes on'],
  },
  {
    input: 'ip=eth0:dhcp ip=eth1:dhcp, nobody answers on eth0',
    expected: 'goes on with eth1; the other is told',
    run: second(() => 'ip=eth0:dhcp ip=eth1:dhcp'),
    has: ['eth0: no lease yet; the boot goes on with eth1', taken],
  },
  {
    input: 'ip=eth1:dhcp ip=eth0:dhcp, both with a router and name server',
    expected: 'the first in order keeps the default route',
    async run(lab) {
      const [one, two] = [await lab.switch(), await lab.switch()]
      const nets = { nameServers: ['10.9.0.1'] }
      await dnsmasq(lab, one, { ...nets, range: ['10.9.8.1', '10.9.8.99'] })
      await dnsmasq(lab, two, { ...nets, range: ['10.9.9.1', '10.9.9.99'] })
      return lab.run({ cards: [one, two], append: `${url} ip=eth1:dhcp ip=eth0:dhcp`, after: 'sleep 4' })
    },
    has: ['goes on with eth'],
    state: [
      'default via 10.9.0.1 dev eth1 metric 100',
      'default via 10.9.0.1 dev eth0 metric 200',
      'nameserver 10.9.0.1',
    ],
  },
]

const fixedAddresses: NodeRow[] = [
  {
    input: 'two static ip= with gateways, each on its card',
    expected: 'metrics: the first keeps the default route',
    async run(lab) {
      const cards = [await lab.switch(), await lab.switch()]
      const append = `${url} ip=10.9.1.1::10.9.0.1:16:n:eth0:none ip=10.8.1.1::10.8.0.1:16:n:eth1:none`
      return lab.run({ cards, append })
    },
    has: ['goes on with eth'],
    state: ['default via 10.9.0.1 dev eth0', 'default via 10.8.0.1 dev eth1 metric 1000'],
  },
  {
    input: 'the same static ip= twice',
    expected: 'harmless',
    run: fixed('ip=10.9.1.2::10.9.0.1:255.255.0.0::eth0:none ip=10.9.1.2::10.9.0.1:255.255.0.0::eth0:none'),
    has: ['goes on with eth0'],
    state: ['inet 10.9.1.2/16', 'default via 10.9.0.1 dev eth0'],
  },
  {
    input: 'a static /32 with a gateway outside',
    expected: 'a route to it first',
    run: fixed('ip=10.9.1.3::10.9.0.1:255.255.255.255::eth0:none'),
    has: ['goes on with eth0'],
    state: ['inet 10.9.1.3/32', '10.9.0.1 dev eth0', 'default via 10.9.0.1 dev eth0'],
  },
  {
    input: 'ip=ADDRESS:eth0:none:1400',
    expected: 'the MTU',
    run: fixed('ip=10.9.1.4::10.9.0.1:16::eth0:none:1400', showMtu),
    has: [/^1400$/],
  },
  {
    input: 'ip=ADDRESS:eth0:none:10.9.0.1:10.9.0.2',
    expected: 'two name servers',
    run: fixed('ip=10.9.1.5::10.9.0.1:16::eth0:none:10.9.0.1:10.9.0.2'),
    has: ['goes on with eth0'],
    state: ['nameserver 10.9.0.1', 'nameserver 10.9.0.2'],
  },
  {
    input: 'ip=eth0:dhcp:1400:02:0a:00:00:00:07',
    expected: 'MTU and hardware address; no name server is made of them',
    run: leased('ip=eth0:dhcp:1400:02:0a:00:00:00:07', showMtu),
    has: [/^1400$/, /^02:0a:00:00:00:07$/],
    notState: ['nameserver'],
  },
  {
    input: 'nameserver=10.9.0.5,10.9.0.6 rd.route=10.70.0.0/16:10.9.0.3',
    expected: "both, before DHCP's; the route",
    run: leased(
      'nameserver=10.9.0.5,10.9.0.6 rd.route=10.70.0.0/16:10.9.0.3',
      undefined,
      '--dhcp-option=6,10.9.0.9',
    ),
    has: ['goes on with eth0'],
    state: [
      'nameserver 10.9.0.5',
      'nameserver 10.9.0.6',
      'nameserver 10.9.0.9',
      '10.70.0.0/16 via 10.9.0.3 dev eth0',
    ],
  },
  {
    input: 'dnsmasq: two words in option 15, MTU 68',
    expected: 'judged, a line for each, and on',
    run: leased('', undefined, '--dhcp-option=15,rack.example site.example', '--dhcp-option=26,68'),
    has: ["the MTU '68' is not taken", "the domain 'bad' is not taken", 'goes on with eth0'],
    notState: ['search'],
  },
  {
    input: 'dnsmasq: MTU 65535',
    expected: 'judged, and on',
    run: leased('', undefined, '--dhcp-option=26,65535'),
    has: ["the MTU '65535' is not taken", 'goes on with eth0'],
  },
  ...['ibft', 'rarp'].map(method => ({
    input: `ip=${method}`,
    expected: 'refused by its name',
    run: fixed(`ip=${method} ${off}`),
    has: [`'${method}' is not supported`],
    not: ['goes on'],
  })),
]

runNodeRows('command-lines', [...bootif, ...names, ...fixedAddresses], {
  unshare: 'util-linux',
  dnsmasq: 'dnsmasq-base',
})
