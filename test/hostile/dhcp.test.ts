// What a DHCP server can say: the packed udhcpc, the shipped hook and the bytes of /init in network namespaces.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needs } from '../support/needs.ts'
import { type Client, type ClientEnd, DhcpLab } from './dhcp-lab.ts'
import { declareInputs } from './inputs.ts'

interface Input extends Client {
  input: string
  expected: string
  /** Lines that the console has, and some that it must not have. */
  has: string[]
  not?: string[]
  /** Lines of the state at the end. */
  state?: string[]
  notState?: RegExp
}

const hex = (text: string): string => Buffer.from(text, 'latin1').toString('hex')
const quads = (...addresses: string[]): string =>
  Buffer.from(addresses.flatMap(address => address.split('.').map(Number))).toString('hex')
const routes = (...pairs: [number, string, string][]): string =>
  pairs
    .map(([prefix, destination, router]) => {
      const significant = destination.split('.').slice(0, Math.ceil(prefix / 8))
      return Buffer.from([prefix, ...significant.map(Number)]).toString('hex') + quads(router)
    })
    .join('')

let next = 0
/** A client that the raw server answers, with other options than the usual ones. */
const raw = (options: Record<number, string>, more: Partial<NonNullable<Client['answer']>> = {}) => {
  next += 1
  return { answer: { address: `10.9.1.${next}`, options, ...more } }
}

const nobody = ['0.0.0.0', '127.0.0.1', '224.0.0.1', '240.0.0.1', '255.255.255.255']
const gave = (address: string, rest = 'router=10.9.0.1 dns=10.9.0.1 server=10.9.0.1 seconds=3600') =>
  `eth0: DHCP gave ip=${address} ${rest}`

const refusals: Input[] = [
  {
    input: 'offers, then NAK, for ever',
    expected: 'ends with rd.net.timeout.dhcp=6; the reason is said',
    ...raw({ 56: hex('go away') }, { follows: 'nak' }),
    has: [
      "eth0: the server refuses the address that it has offered: 'go away'",
      'no DHCP lease within 6 s on eth0',
    ],
  },
  {
    input: 'NAK with a newline, ESC and 200 characters',
    expected: 'one line, nothing but printable characters',
    ...raw({ 56: hex(`a\naria2-initrd: verify: digest holds\x1b[2J${'x'.repeat(200)}`) }, { follows: 'nak' }),
    has: [
      "eth0: the server refuses the address that it has offered: 'a?aria2-initrd: verify: digest holds?[2Jxxxxxxxxxxxxxxxxxxxxxxxx'",
    ],
  },
  {
    input: 'offers, never acknowledges',
    expected: 'ends with rd.net.timeout.dhcp=6',
    ...raw({}, { follows: 'silence' }),
    has: ['no DHCP answer within 6 s on eth0'],
  },
  {
    input: 'never answers',
    expected: 'ends with rd.net.timeout.dhcp=6',
    ...raw({}, { follows: 'nothing' }),
    has: ['no DHCP answer within 6 s on eth0'],
  },
  ...nobody.map(address => ({
    input: `the address ${address}`,
    expected: 'is not taken, no lease',
    ...raw({}, { address }),
    has: [
      `eth0: the address '${address}' is not taken: no machine can have it`,
      'no DHCP lease within 6 s on eth0',
    ],
    not: ['DHCP gave'],
    notState: /inet /,
  })),
  ...(['10.9.0.0', '10.9.255.255'] as const).map(address => ({
    input: `the address ${address} in a /16`,
    expected: 'is not taken, no lease',
    ...raw({}, { address }),
    has: ['no DHCP lease within 6 s on eth0'],
    not: ['DHCP gave'],
    notState: /inet /,
  })),
]

const judged: Input[] = [
  ...nobody.map(address => ({
    input: `router and name server ${address}, then good ones`,
    expected: 'the good ones are taken, the others said',
    ...raw({ 3: quads(address, '10.9.0.1'), 6: quads(address, '10.9.0.1') }),
    has: [
      `eth0: the router '${address}' is not taken: no machine can have that address`,
      `eth0: the name server '${address}' is not taken: no machine can have that address`,
      gave(`10.9.1.${next}/16`),
    ],
    state: ['nameserver 10.9.0.1', 'default via 10.9.0.1 dev eth0 metric 1'],
  })),
  {
    input: 'the router is our own address',
    expected: 'no router',
    ...raw({ 3: quads('10.9.1.100') }, { address: '10.9.1.100' }),
    has: ["eth0: the router '10.9.1.100' is not taken: it is our own address"],
    notState: /default/,
  },
  {
    input: 'a router outside of the network',
    expected: 'a route to it first',
    ...raw({ 3: quads('192.0.2.1') }),
    has: [gave(`10.9.1.${next}/16`, 'router=192.0.2.1 dns=10.9.0.1')],
    state: ['default via 192.0.2.1 dev eth0 metric 1'],
  },
  {
    input: 'the mask 255.0.255.0',
    expected: '/24, and said',
    ...raw({ 1: quads('255.0.255.0') }),
    has: [
      "eth0: the mask '255.0.255.0' is not taken: its ones do not stand together; /24 is used",
      gave(`10.9.1.${next}/24`),
    ],
  },
  {
    input: 'the mask 0.0.0.0',
    expected: '/24, and said',
    ...raw({ 1: quads('0.0.0.0') }),
    has: ["eth0: the mask '0.0.0.0' is not taken", gave(`10.9.1.${next}/24`)],
  },
  {
    input: 'no mask at all',
    expected: '/24, and said',
    ...raw({ 1: '' }),
    has: ['eth0: no mask was given: /24 is used', gave(`10.9.1.${next}/24`)],
  },
  {
    input: 'the mask 255.255.255.255',
    expected: 'is taken, with a route to the router',
    ...raw({ 1: quads('255.255.255.255') }),
    has: [gave(`10.9.1.${next}/32`)],
    state: ['default via 10.9.0.1 dev eth0 metric 1'],
  },
  ...[0, 67, 68, 575, 20_000, 65_535].map(mtu => ({
    input: `an MTU of ${mtu}`,
    expected: 'stays 1500, and said',
    ...raw({ 26: mtu.toString(16).padStart(4, '0') }),
    has: [`eth0: the MTU '${mtu}' is not taken: it is not from 576 to 16384`, gave(`10.9.1.${next}/16`)],
  })),
  {
    input: 'a host name $(reboot)',
    expected: 'no host name; never code',
    ...raw({ 12: hex('$(reboot)') }),
    has: ['is not taken: it is no name of at most 64 characters', gave(`10.9.1.${next}/16`)],
    not: ['hostname='],
  },
  {
    input: 'a host name of 255 bytes',
    expected: 'no host name',
    ...raw({ 12: hex('n'.repeat(255)) }),
    has: [`eth0: the host name '${'n'.repeat(64)}' is not taken`, gave(`10.9.1.${next}/16`)],
  },
  {
    input: 'a host name of control characters',
    expected: 'no host name, shown without them',
    ...raw({ 12: '1b5b324a0a0d07' }),
    has: ['is not taken: it is no name of at most 64 characters', gave(`10.9.1.${next}/16`)],
  },
  {
    input: 'a domain with blanks, a newline and an option',
    expected: 'names alone are taken',
    ...raw({ 15: hex('a.example\noptions rotate -x') }),
    has: [gave(`10.9.1.${next}/16`, 'router=10.9.0.1 dns=10.9.0.1')],
    notState: /^options/m,
  },
  {
    input: 'a boot file name of code',
    expected: 'is not shown and never code',
    ...raw({ 67: hex('$(reboot);`reboot`') }),
    has: [gave(`10.9.1.${next}/16`)],
    not: ['reboot'],
  },
  {
    input: 'classless routes beside a router (RFC 3442)',
    expected: 'the router does not count',
    ...raw({ 121: routes([16, '10.77.0.0', '10.9.0.2'], [0, '', '10.9.0.3']) }),
    has: [gave(`10.9.1.${next}/16`, 'router=10.9.0.3 routes=10.77.0.0/16 10.9.0.2')],
    state: ['10.77.0.0/16 via 10.9.0.2 dev eth0 metric 1', 'default via 10.9.0.3 dev eth0 metric 2'],
  },
  {
    input: 'classless routes by 127.0.0.1, by us, and with bits beside the mask',
    expected: 'none is taken; each is said',
    ...raw(
      {
        121: routes(
          [16, '10.77.0.0', '127.0.0.1'],
          [16, '10.78.0.0', '10.9.1.101'],
          [8, '10.0.0.0', '10.9.0.1'],
        ),
      },
      { address: '10.9.1.101' },
    ),
    has: [
      "eth0: the router '127.0.0.1' is not taken",
      "eth0: the router '10.9.1.101' is not taken: it is our own address",
    ],
    state: ['10.0.0.0/8 via 10.9.0.1 dev eth0 metric 1'],
  },
  {
    input: '50 routers that are none',
    expected: 'twelve lines, then a count',
    ...raw({ 3: quads(...Array.from({ length: 50 }, () => '0.0.0.0')) }),
    has: ['eth0: 38 things more are not taken', gave(`10.9.1.${next}/16`, 'dns=10.9.0.1')],
  },
  {
    input: 'an option whose length runs over the end',
    expected: 'the options before it are taken',
    ...raw({ 252: 'ff' }),
    has: [gave(`10.9.1.${next}/16`)],
  },
]

// udhcpc writes its number down once more when it goes into the background.
const renew =
  'sleep 1; kill -USR1 "$(cat /run/udhcpc.eth0.pid)"; sleep 2; cat /run/aria2-initrd/lease.eth0 >&2'
const later: Input[] = [
  {
    input: 'a renewal that gives another address',
    expected: 'the old address goes, and it is said',
    ...raw({}, { renewed: '10.9.2.50' }),
    after: renew,
    has: ['ip=10.9.2.50/16'],
    state: [`aria2-initrd: dhcp: eth0: the address changes from 10.9.1.${next}/16 to 10.9.2.50/16`],
    notState: /inet 10\.9\.1\./,
  },
  {
    input: 'a renewal of the same address',
    expected: 'the address stays, nothing is flushed',
    ...raw({}),
    after: `ip -4 route add 10.99.0.0/16 dev eth0; ${renew}`,
    has: [`ip=10.9.1.${next}/16`],
    state: ['10.99.0.0/16 dev eth0 scope link'],
    notState: /changes/,
  },
  {
    input: 'a renewal that gives 127.0.0.1',
    expected: 'no lease any more; udhcpc starts anew',
    ...raw({}, { renewed: '127.0.0.1' }),
    after:
      'sleep 1; kill -USR1 "$(cat /run/udhcpc.eth0.pid)"; sleep 2; [ -e /run/aria2-initrd/lease.eth0 ] || log "no lease any more"; sleep 4; cat /run/aria2-initrd/lease.eth0 >&2',
    has: ['no lease any more', 'ip=10.9.1.'],
    notState: /inet 127/,
  },
  {
    input:
      'words of the kernel command line: mtu=700 search=foo router=10.9.0.66 staticroutes=… dns=10.9.0.66 message=x',
    expected: "none is taken for the server's",
    ...raw({}),
    environment: {
      mtu: '700',
      search: 'foo',
      router: '10.9.0.66',
      staticroutes: '10.77.0.0/16 10.9.0.66',
      msstaticroutes: '10.78.0.0/16 10.9.0.66',
      dns: '10.9.0.66',
      subnet: '255.0.255.0',
      hostname: 'evil',
      'a-b': 'c',
      IFS: '0',
      PATH: '/evil',
    },
    has: [gave(`10.9.1.${next}/16`)],
    not: ['not taken'],
    notState: /66|foo/,
  },
]

const masqueraded = (
  input: string,
  expected: string,
  dnsmasq: string[],
  rest: Omit<Input, 'input' | 'expected'>,
): Input => ({
  input: `dnsmasq: ${input}`,
  expected,
  dnsmasq,
  ...rest,
})
const realServer: Input[] = [
  masqueraded('a plain lease', 'is taken', [], { has: ['router=10.9.0.1', 'seconds=3600'] }),
  masqueraded('router 240.0.0.1 and 10.9.0.9', 'the good one is taken', ['3,240.0.0.1,10.9.0.9'], {
    has: ["eth0: the router '240.0.0.1' is not taken", 'router=10.9.0.9'],
  }),
  masqueraded('mask 255.0.255.0', '/24, and said', ['1,255.0.255.0'], {
    has: ["the mask '255.0.255.0' is not taken"],
  }),
  masqueraded('MTU 65535', 'stays 1500, and said', ['26,65535'], { has: ["the MTU '65535' is not taken"] }),
  masqueraded(
    'a search list with a name of 64 characters',
    'is taken as it is',
    [`119,${'n'.repeat(63)}.example`],
    {
      has: [`search=${'n'.repeat(63)}.example`],
    },
  ),
  masqueraded(
    'twenty classless routes',
    'all are taken',
    [`121,${Array.from({ length: 20 }, (_, n) => `10.${100 + n}.0.0/16,10.9.0.7`).join(',')}`],
    {
      has: ['routes=10.100.0.0/16 10.9.0.7 10.101.0.0/16'],
      state: ['10.119.0.0/16 via 10.9.0.7 dev eth0 metric 20'],
    },
  ),
]

// What a server sends only to those who ask for it.
const onRequest: Input[] = [
  masqueraded(
    'classless routes beside a router, only for those who ask',
    'the routes, not the router (RFC 3442)',
    [],
    {
      onRequest: [
        '3,10.9.0.66',
        '121,10.77.0.0/16,10.9.0.7,0.0.0.0/0,10.9.0.8',
        '26,1400',
        '6,10.9.0.1',
        '119,rack.example,site.example',
      ],
      has: [
        'router=10.9.0.8',
        'routes=10.77.0.0/16 10.9.0.7',
        'mtu=1400',
        'search=rack.example site.example',
      ],
      state: [
        '10.77.0.0/16 via 10.9.0.7 dev eth0 metric 1',
        'default via 10.9.0.8 dev eth0 metric 2',
        'search rack.example site.example',
      ],
      notState: /10\.9\.0\.66/,
    },
  ),
  masqueraded('classless routes as Microsoft numbers them, only for those who ask', 'are taken', [], {
    onRequest: ['249,10.78.0.0/16,10.9.0.7'],
    has: ['routes=10.78.0.0/16 10.9.0.7'],
    state: ['10.78.0.0/16 via 10.9.0.7 dev eth0 metric 1'],
  }),
  masqueraded('MTU 68, for those who ask', 'stays 1500, and said', [], {
    onRequest: ['26,68'],
    has: ["the MTU '68' is not taken"],
  }),
  masqueraded('two words as the domain', 'udhcpc makes them `bad`, which is refused and said', [], {
    onRequest: ['15,rack.example site.example', '6,10.9.0.1'],
    has: ["the domain 'bad' is not taken"],
    notState: /^search/m,
  }),
]

const url = 'http://10.9.0.1:8000/k'
/** A lease of a network that leads nowhere. */
const blind = { 1: quads('255.255.255.0'), 3: quads('10.66.0.1'), 6: '' }
const several: Input[] = [
  {
    input: 'eight cards, of which the last has an answer',
    expected: 'its lease, within 5 s; the others are down',
    answer: { address: '10.9.1.1', follows: 'nothing' },
    more: [...Array.from({ length: 6 }, () => 'silent' as const), { address: '10.9.3.1' }],
    url,
    after: 'ip link show dev eth3 | grep -q UP || log "eth3 is down"',
    has: ['goes on with eth7', 'eth3 is down'],
    not: ['waiting for', 'given up'],
    state: ['inet 10.9.3.1/16', 'default via 10.9.0.1 dev eth7 metric 1'],
  },
  {
    input: 'two leases at once, that of the first card leads nowhere',
    expected: 'given up for the other, and nothing of it is left',
    answer: { address: '10.66.0.9', options: blind },
    more: [{ address: '10.9.3.2' }],
    url,
    after: 'sleep 1',
    has: ['goes on with eth1'],
    state: ['inet 10.9.3.2/16', 'default via 10.9.0.1 dev eth1'],
    notState: /10\.66/,
  },
  {
    input: 'two leases, and both lead nowhere',
    expected: 'one is kept, and it is said',
    answer: { address: '10.66.0.9', options: blind },
    more: [{ address: '10.66.1.9', options: blind }],
    url,
    timeout: 30,
    has: ['the gateway 10.66.0.1 is silent', 'no interface reaches the boot server'],
    state: ['inet 10.66.'],
  },
  {
    input: 'a lease whose server has its port closed',
    expected: 'is kept, and said',
    ...raw({}),
    url: 'http://10.9.0.1:8001/k',
    has: ['eth0: 10.9.0.1 answers, its port 8001 does not', 'goes on with eth0'],
  },
  {
    input: 'two cards that ip= names, the second first, each with a router and a name server',
    expected: 'the order of ip= is that of the metrics',
    answer: { address: '10.9.1.210' },
    more: [{ address: '10.9.3.3' }],
    wanted: ['eth1', 'eth0'],
    url,
    after: 'sleep 2',
    has: ['goes on with eth'],
    state: ['default via 10.9.0.1 dev eth1 metric 100', 'default via 10.9.0.1 dev eth0 metric 200'],
  },
]

const inputs = [...refusals, ...judged, ...later, ...realServer, ...onRequest, ...several]
const programs = { ip: 'iproute2', unshare: 'util-linux', dnsmasq: 'dnsmasq-base' }
const declare = needs(test, programs, true)
let running: Promise<ClientEnd>[] | undefined
let lab: Promise<DhcpLab> | undefined
test.after(async () => (await lab)?.stop())

/** All clients, eight at a time. */
function ends(): Promise<ClientEnd>[] {
  lab = DhcpLab.start(inputs)
  const started = lab
  const lanes: Promise<unknown>[] = Array.from({ length: 8 }, () => started)
  const results = inputs.map((_, number) => {
    const lane = number % lanes.length
    const result = (lanes[lane] as Promise<unknown>).then(async () => (await started).run(number))
    lanes[lane] = result.catch(() => {})
    result.catch(() => {})
    return result
  })
  return results
}

declareInputs(
  test,
  'dhcp',
  inputs.map(({ input, expected, has, not = [], state = [], notState }, number) => ({
    input,
    expected,
    run: 'namespaces' as const,
    async see() {
      running ??= ends()
      const end = (await running[number]) as ClientEnd
      const seen = `${end.console.join('\n')}\n${end.state.join('\n')}`
      for (const text of has)
        assert.ok(
          end.console.some(line => line.includes(text)),
          `lacks ${text}\n${seen}`,
        )
      for (const text of not)
        assert.not.ok(
          end.console.some(line => line.includes(text)),
          `has ${text}\n${seen}`,
        )
      for (const text of state)
        assert.ok(
          end.state.some(line => line.includes(text)),
          `lacks ${text}\n${seen}`,
        )
      if (notState !== undefined) assert.not.match(end.state.join('\n'), notState)
      assert.match(seen, /^[\n -~]*$/, 'nothing but printable characters')
      assert.ok(end.seconds < 30, `${end.seconds} s`)
      return end.console
        .filter(line => !/asking for an address|waiting for/.test(line) && line !== 'Killed')
        .filter((line, index, all) => all.indexOf(line) === index)
        .join('; ')
    },
  })),
  declare,
)

test.run()
