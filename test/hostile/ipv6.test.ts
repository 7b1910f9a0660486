// What routers and DHCPv6 servers can say: the packed nd6watch and udhcpc6, the shipped hook and the bytes of /init.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needs } from '../support/needs.ts'
import { declareInputs } from './inputs.ts'
import { Ipv6Lab, type Node6, type NodeEnd } from './ipv6-lab.ts'

interface Input extends Node6 {
  input: string
  expected: string
  /** Lines that the console has, and some that it must not have. */
  has: string[]
  not?: string[]
  /** Lines of the state at the end. */
  state?: string[]
}

const url = 'kernel_url=http://[fd00:9::1]:8000/k'
/** The boot server. */
const server = `require('net').createServer(s => s.end()).listen(8000, '::', () => console.log('ready'))`
const names = [
  '--dhcp-option=option6:dns-server,[fd00:9::53]',
  '--dhcp-option=option6:domain-search,lab.example',
]
const dnsmasq = (...words: string[]): Pick<Node6, 'dnsmasq' | 'script'> => ({
  dnsmasq: ['--port=0', '--enable-ra', ...words],
  script: server,
})

const kea = (options: object[] = [], pools: object[] = [{ pool: 'fd00:9::aa - fd00:9::aa' }]): object => ({
  'interfaces-config': { interfaces: ['lan'] },
  'server-id': { type: 'EN', 'enterprise-id': 2495, identifier: '87ABEF7A5BB545', persist: false },
  'lease-database': { type: 'memfile', persist: false },
  'valid-lifetime': 60,
  'preferred-lifetime': 50,
  subnet6: [
    {
      subnet: 'fd00:9::/64',
      interface: 'lan',
      pools,
      'option-data': [
        { name: 'dns-servers', data: 'fd00:9::53, fd00:9::54' },
        { name: 'domain-search', data: 'kea.example' },
        ...options,
      ],
    },
  ],
  loggers: [{ name: 'kea-dhcp6', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
})

/**
 * A DHCPv6 server by hand: it answers a Solicit by an Advertise and a Request by a Reply, with `options` (JavaScript that
 * makes them from the client's identifier and `ia`, which makes an association of an address and a lifetime).
 */
const byHand = (options: string): Pick<Node6, 'script'> => ({
  script: `
    const socket = require('dgram').createSocket('udp6')
    const option = (code, data) => { const b = Buffer.alloc(4); b.writeUInt16BE(code); b.writeUInt16BE(data.length, 2); return Buffer.concat([b, data]) }
    const bytes = address => Buffer.from(address, 'hex')
    const ia = (id, address, seconds) => { const l = Buffer.alloc(8); l.writeUInt32BE(seconds); l.writeUInt32BE(seconds, 4); return option(3, Buffer.concat([id, Buffer.alloc(8), option(5, Buffer.concat([bytes(address), l]))])) }
    socket.on('message', (message, peer) => {
      const given = {}
      for (let at = 4; at + 4 <= message.length; at += 4 + message.readUInt16BE(at + 2)) given[message.readUInt16BE(at)] = message.subarray(at + 4, at + 4 + message.readUInt16BE(at + 2))
      const id = (given[3] ?? Buffer.alloc(4)).subarray(0, 4)
      const client = given[1]
      const kind = Buffer.from([message[0] === 1 ? 2 : 7])
      socket.send(Buffer.concat([kind, message.subarray(1, 4), option(2, Buffer.from('0003000102090000070f', 'hex')), ${options}]), peer.port, peer.address)
    })
    socket.bind(547, () => { socket.addMembership('ff02::1:2', '::%lan'); console.log('ready') })
    require('net').createServer(s => s.end()).listen(8000, '::')`,
})
const good = 'fd0000090000000000000000000000bb'

const inputs: Input[] = [
  {
    input: 'dnsmasq: router advertisements alone, with RDNSS and DNSSL',
    expected: 'the address, the route and the name servers are taken; DHCP is not waited for',
    parameters: url,
    ...dnsmasq('--dhcp-range=fd00:9::,ra-only,64,1h', ...names),
    has: ['eth0: IPv6 address fd00:9::9:ff:fe00:610/64', 'goes on with eth0'],
    not: ['DHCPv6'],
    state: ['search lab.example', 'nameserver fd00:9::53', 'default via fe80::1 dev eth0'],
  },
  {
    input: 'dnsmasq: the flag M, DHCPv6 gives addresses',
    expected: 'asked because the router says so',
    parameters: url,
    ...dnsmasq('--dhcp-range=fd00:9::aa,fd00:9::aa,64,1h', ...names),
    has: ['eth0: asking DHCPv6 (stateful)', 'eth0: IPv6 address fd00:9::aa/128', 'goes on with eth0'],
    state: ['search lab.example', 'nameserver fd00:9::53'],
  },
  {
    input: 'dnsmasq: the flag O, DHCPv6 gives name servers (ra-stateless, ra-names); ip=auto6',
    expected: 'address of the router, name servers of DHCPv6, DHCP for IPv4 is not asked',
    parameters: `${url} ip=auto6`,
    ...dnsmasq('--dhcp-range=fd00:9::,ra-stateless,ra-names,64,1h', ...names),
    has: [
      'eth0: asking DHCPv6 (stateless)',
      'eth0: IPv6 address fd00:9::9:ff:fe00:612/64',
      'goes on with eth0',
    ],
    state: ['nameserver fd00:9::53'],
  },
  {
    input: 'rd.peerdns=0, nameserver=[fd00:9::99]',
    expected: 'those of the router are left out',
    parameters: `${url} rd.peerdns=0 nameserver=[fd00:9::99]`,
    ...dnsmasq('--dhcp-range=fd00:9::,ra-only,64,1h', ...names),
    has: ['goes on with eth0'],
    not: ['fd00:9::53'],
    state: ['nameserver fd00:9::99'],
  },
  {
    input: 'both families: a boot server with an IPv6 address beside DHCP for IPv4',
    expected: 'the lease is taken, and is no way to that server; IPv6 is waited for',
    parameters: url,
    addresses: ['fd00:9::1/64', '10.9.0.1/16'],
    ...dnsmasq(
      '--dhcp-range=fd00:9::,ra-only,64,1h',
      '--dhcp-range=10.9.0.44,10.9.0.44,255.255.0.0,1h',
      '--no-ping',
    ),
    has: ['eth0: IPv6 address fd00:9::9:ff:fe00:614/64', 'goes on with eth0'],
    not: ['given up'],
  },
  {
    input: 'both families: a boot server with an IPv4 address, router advertisements first',
    expected: 'DHCP is waited for, IPv6 is no reason to go on',
    parameters: 'kernel_url=http://10.9.0.1:8000/k',
    addresses: ['fd00:9::1/64', '10.9.0.1/16'],
    ...dnsmasq(
      '--dhcp-range=fd00:9::,ra-only,64,1h',
      '--dhcp-range=10.9.0.44,10.9.0.44,255.255.0.0,1h',
      '--no-ping',
    ),
    has: [
      'eth0: DHCP gave ip=10.9.0.44/16 router=10.9.0.1 server=10.9.0.1 seconds=3600',
      'goes on with eth0',
    ],
    not: ['does not answer'],
  },
  {
    input: 'Kea, ip=dhcp6, no router; 300 bytes in option 59, sent unasked',
    expected: 'the address behind the long option is taken, and both name servers',
    parameters: 'ip=dhcp6',
    kea: kea([{ name: 'bootfile-url', data: `http://x/${'y'.repeat(300)}`, 'always-send': true }]),
    has: ['eth0: asking DHCPv6 (stateful)', 'eth0: IPv6 address fd00:9::aa/128', 'goes on with eth0'],
    state: ['search kea.example', 'nameserver fd00:9::53', 'nameserver fd00:9::54'],
  },
  {
    input: 'Kea without an address to give (NoAddrsAvail)',
    expected: 'asked again until rd.net.timeout.dhcp=6; the causes are said',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=6',
    kea: kea([], []),
    has: [
      'eth0: no router advertisement',
      'eth0: DHCPv6: no answer',
      'no DHCP answer within 6 s on eth0 (link up)',
    ],
  },
  {
    input: 'Kea gives an address that another machine has',
    expected: 'not used, and said',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=6',
    addresses: ['fd00:9::1/64', 'fd00:9::aa/64'],
    kea: kea(),
    has: [
      'eth0: another machine has fd00:9::aa (duplicate address detection)',
      'no DHCP answer within 6 s on eth0 (link up)',
    ],
    not: ['goes on'],
  },
  {
    input: 'a fixed address that another machine has',
    expected: 'the boot fails with the cause',
    parameters: 'ip=[fd00:9::1]:::64::eth0:none',
    has: ['eth0: another machine has fd00:9::1 (duplicate address detection)'],
    not: ['goes on'],
  },
  {
    input: 'a fixed /128, the gateway outside of it, two name servers, rd.route',
    expected: 'host route first; the routes are there',
    parameters:
      'ip=[fd00:9::5]::[fd00:7::1]:128:node5:eth0:none:[fd00:9::53]:[fd00:9::54] rd.route=[fd00:8::]/32:[fe80::1]:eth0',
    after: 'ip -6 route show fd00::/32; ip -6 route | grep -e "^fd00:7::1 " -e "^fd00:8::/32 "',
    has: [
      'eth0: fd00:9::5/128, gateway fd00:7::1, from ip=',
      'fd00:7::1 dev eth0 metric 1024',
      'fd00:8::/32 via fe80::1 dev eth0 metric 1024',
      'goes on with eth0',
    ],
    state: ['default via fd00:7::1 dev eth0 metric 1', 'nameserver fd00:9::53', 'nameserver fd00:9::54'],
  },
  {
    input: 'ip=link6, a boot server at a link-local address',
    expected: 'no router, no DHCP: the link is enough',
    parameters: 'ip=link6 kernel_url=http://[fe80::1%25eth0]:8000/k',
    script: server,
    has: ['eth0: IPv6 address fe80::9:ff:fe00:61b', 'goes on with eth0'],
  },
  {
    input: 'ip=auto6 rd.net.timeout.ipv6auto=5, no router',
    expected: 'ends after 5 s, with the cause',
    parameters: 'ip=auto6 rd.net.timeout.ipv6auto=5',
    has: ['eth0: no router advertisement', 'no IPv6 address within 5 s on eth0 (link up)'],
  },
  {
    input: 'DHCPv6: name servers ::1, ff02::1, fe80::53, and one; domains with blanks and shell in them',
    expected: 'those that no machine can have are left out and said; nothing runs',
    parameters: 'ip=dhcp6',
    ...byHand(
      `option(1, client), ia(id, '${good}', 600), option(23, bytes('00000000000000000000000000000001' + 'ff020000000000000000000000000001' + 'fe800000000000000000000000000053' + 'fd000009000000000000000000000053')), option(24, Buffer.from('\\x0a$(reboot) \\x00\\x03lab\\x07example\\x00', 'latin1'))`,
    ),
    has: [
      "eth0: '::1' is not taken: no name server",
      "eth0: 'ff02::1' is not taken: no name server",
      'goes on with eth0',
    ],
    state: ['nameserver fe80::53%eth0', 'nameserver fd00:9::53'],
  },
  {
    input: 'DHCPv6: an empty list of name servers, an option that goes beyond the packet',
    expected: 'the address is taken',
    parameters: 'ip=dhcp6',
    ...byHand(
      `option(1, client), ia(id, '${good}', 600), option(23, Buffer.alloc(0)), Buffer.from('00180fff', 'hex')`,
    ),
    has: ['eth0: IPv6 address fd00:9::bb/128', 'goes on with eth0'],
  },
  {
    input: 'DHCPv6: the address ::1',
    expected: 'not taken, and said',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=5',
    ...byHand(`option(1, client), ia(id, '00000000000000000000000000000001', 600)`),
    has: ['eth0: the address of DHCPv6 is not taken: no machine can have it'],
    not: ['goes on'],
  },
  {
    input: 'DHCPv6: an address with a lifetime of 0',
    expected: 'not taken',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=5',
    ...byHand(`option(1, client), ia(id, '${good}', 0)`),
    has: ['no DHCP answer within 5 s on eth0 (link up)'],
    not: ['goes on'],
  },
  {
    input: "DHCPv6: another client's identifier",
    expected: 'not taken',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=5',
    ...byHand(`option(1, Buffer.from('00030001020900000777', 'hex')), ia(id, '${good}', 600)`),
    has: ['eth0: DHCPv6: no answer', 'no DHCP answer within 5 s on eth0 (link up)'],
    not: ['goes on'],
  },
  {
    input: 'DHCPv6: status 1 (UnspecFail) for all',
    expected: 'the refusal is said',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=5',
    ...byHand(`option(1, client), option(13, Buffer.from('000167736f727279', 'hex'))`),
    has: ['eth0: the DHCPv6 server refuses'],
    not: ['goes on'],
  },
]

let lab: Promise<Ipv6Lab> | undefined
/** All of them side by side: they wait for most of the time. */
let ends: Promise<NodeEnd[]> | undefined
const endOf = async (number: number): Promise<NodeEnd> => {
  lab ??= Ipv6Lab.start(inputs)
  const started = await lab
  ends ??= Promise.all(inputs.map((_, index) => started.run(index)))
  return (await ends)[number] as NodeEnd
}
test.after(async () => (await lab)?.stop())

declareInputs(
  test,
  'ipv6',
  inputs.map(({ input, expected, has, not = [], state = [] }, number) => ({
    input,
    expected,
    run: 'namespaces' as const,
    async see() {
      const { console, state: seen } = await endOf(number)
      const all = `${console.join('\n')}\n${seen.join('\n')}`
      for (const line of has) assert.ok(console.includes(line), `lacks '${line}':\n${all}`)
      for (const text of not) assert.not.ok(all.includes(text), `has '${text}':\n${all}`)
      for (const line of state)
        assert.ok(
          seen.some(each => each.startsWith(line)),
          `lacks '${line}':\n${all}`,
        )
      return has.join('; ')
    },
  })),
  needs(
    test,
    { ip: 'iproute2', dnsmasq: 'dnsmasq-base', 'kea-dhcp6': 'kea-dhcp6-server', unshare: 'util-linux' },
    true,
  ),
)
test.run()
