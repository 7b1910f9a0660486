// Networks with IPv6, alone or beside IPv4: /init's network stage in network namespaces, and whole boots in QEMU.
import { test } from 'uvu'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { declareInputs } from '../hostile/inputs.ts'
import { dnsmasq, type Ipv6Row, ipv6Rows, kea, names, server, stopLab, url } from '../hostile/ipv6-rows.ts'
import { needs } from '../support/needs.ts'
import { ipv6Boots, stopBoots } from './ipv6-boots.ts'
import { summary } from './node-rows.ts'

const autoconfigured = /^eth0: IPv6 address fd00:9::9:ff:fe00:6..\/64$/
const leased = 'eth0: IPv6 address fd00:9::aa/128'
const ownNames = '--dhcp-option=option6:dns-server,[fd00:9::1]'
const dhcp = '--dhcp-range=10.9.0.44,10.9.0.44,255.255.0.0,1h'
const routed = '--dhcp-range=fd00:9::,ra-only,64,1h'

/** A boot server with an IPv4 address alone, and the lease through which it is found. */
const overIpv4 = (option: string) => ({
  addresses: ['10.9.0.1/16'],
  dnsmasq: [option, dhcp, '--no-ping'],
  script: server,
  has: [/DHCP gave ip=10\.9\.0\.44/, 'goes on with eth0'],
})

const rows: Ipv6Row[] = [
  {
    input: 'dnsmasq: router advertisements alone, with RDNSS and DNSSL',
    expected: 'the address, the route and the name servers are taken; DHCP is not waited for',
    parameters: url,
    ...dnsmasq('--dhcp-range=fd00:9::,ra-only,64,1h', ...names),
    has: [autoconfigured, 'goes on with eth0'],
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
    expected: 'address of the router, its flag is heard, DHCP for IPv4 is not asked',
    parameters: `${url} ip=auto6`,
    ...dnsmasq('--dhcp-range=fd00:9::,ra-stateless,ra-names,64,1h', ...names),
    // The router names them as well: where that is first, nobody waits for DHCPv6.
    after: 'sleep 2; cat /run/aria2-initrd/router6.eth0',
    has: [autoconfigured, 'goes on with eth0', 'other'],
    not: ['DHCP gave'],
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
    ...dnsmasq('--dhcp-range=fd00:9::,ra-only,64,1h', dhcp, '--no-ping'),
    has: [autoconfigured, 'goes on with eth0'],
    not: ['given up'],
  },
  {
    input: 'both families: a boot server with an IPv4 address, router advertisements first',
    expected: 'DHCP is waited for, IPv6 is no reason to go on',
    parameters: 'kernel_url=http://10.9.0.1:8000/k',
    addresses: ['fd00:9::1/64', '10.9.0.1/16'],
    ...dnsmasq('--dhcp-range=fd00:9::,ra-only,64,1h', dhcp, '--no-ping'),
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
    has: [/eth0: IPv6 address fe80::9:ff:fe00:6../, 'goes on with eth0'],
  },
  {
    input: 'ip=auto6 rd.net.timeout.ipv6auto=5, no router',
    expected: 'ends after 5 s, with the cause',
    parameters: 'ip=auto6 rd.net.timeout.ipv6auto=5',
    has: ['eth0: no router advertisement', 'no IPv6 address within 5 s on eth0 (link up)'],
  },
  {
    input: 'ip=either6, Kea, no router',
    expected: 'the lease: nobody waits for a router',
    parameters: 'ip=either6',
    kea: kea(),
    has: ['eth0: asking DHCPv6 (stateful)', leased, 'goes on with eth0'],
  },
  {
    input: 'ip=either6, a router, nobody answers DHCPv6',
    expected: 'the address of the router',
    parameters: `${url} ip=eth0:either6`,
    ...dnsmasq(routed),
    has: [autoconfigured, 'goes on with eth0'],
  },
  {
    input: 'ip=eth0:dhcp,dhcp6 on a network without IPv4',
    expected: 'the lease of DHCPv6; that of IPv4 is not waited for',
    parameters: 'ip=eth0:dhcp,dhcp6',
    kea: kea(),
    has: [leased, 'goes on with eth0'],
  },
  {
    input: 'ip=eth0:dhcp,dhcp6 on a network without IPv6',
    expected: 'the lease of IPv4; that of DHCPv6 is not waited for',
    parameters: 'ip=eth0:dhcp,dhcp6 kernel_url=http://10.9.0.1:8000/k',
    ...overIpv4('--port=0'),
    not: ['IPv6 address'],
  },
  {
    input: 'a network without IPv6, no ip=',
    expected: 'the lease of IPv4; no router is waited for',
    parameters: 'kernel_url=http://10.9.0.1:8000/k',
    ...overIpv4('--port=0'),
    not: ['IPv6 address', 'waiting for'],
  },
  {
    input: 'a network without IPv4, no ip=',
    expected: 'the address of the router; DHCP is not waited for',
    parameters: url,
    ...dnsmasq(routed),
    has: [autoconfigured, 'goes on with eth0'],
    not: ['waiting for'],
  },
  {
    input: 'ip=[ADDRESS], nothing else',
    expected: 'a /64 on the card with a link',
    parameters: `${url} ip=[fd00:9::5]`,
    script: server,
    has: ['eth0: fd00:9::5/64, no gateway, from ip=', 'goes on with eth0'],
  },
  {
    input: 'ip=[ADDRESS]:[PEER]:::node5:eth0:none:1400',
    expected: 'a /128 and its other end, the MTU, the host name',
    parameters: `${url} ip=[fd00:9::5]:[fd00:9::1]:::node5:eth0:none:1400`,
    script: server,
    after: 'hostname; cat /sys/class/net/eth0/mtu; ip -6 route | grep "^fd00:9::1 "',
    has: [
      'eth0: fd00:9::5/128, no gateway, from ip=',
      'node5',
      '1400',
      'fd00:9::1 dev eth0 metric 256',
      'goes on with eth0',
    ],
    state: ['inet6 fd00:9::5/128'],
  },
  {
    input: 'ip=[ADDRESS]::[fe80::1]:64::eth0:none',
    expected: 'the router by its link-local address',
    parameters: `${url} ip=[fd00:9::5]::[fe80::1]:64::eth0:none`,
    script: server,
    has: ['eth0: fd00:9::5/64, gateway fe80::1, from ip=', 'goes on with eth0'],
    state: ['default via fe80::1 dev eth0 metric 1'],
  },
  {
    input: 'two ip=[ADDRESS], each with a gateway; behind the first no boot server',
    expected: 'said; the second counts, with its default route',
    parameters: `${url} ip=[fd00:7::5]::[fd00:7::1]:64::eth0:none ip=[fd00:9::5]::[fd00:9::1]:64::eth1:none`,
    addresses: ['fd00:7::1/64'],
    second: 0,
    has: [
      'eth0: the gateway fd00:7::1 answers, fd00:9::1 port 8000 does not',
      'eth0: its gateway ranks behind the others from now on',
      'goes on with eth1',
    ],
    state: ['default via fd00:9::1 dev eth1', 'default via fd00:7::1 dev eth0 metric 900'],
  },
  {
    input: 'the boot server by a name with an AAAA record alone, from a dnsmasq that refuses to say of A',
    expected: 'asked for by the family of the address',
    parameters: 'kernel_url=http://boot.lab.example:8000/k',
    dnsmasq: ['--enable-ra', '--host-record=boot.lab.example,fd00:9::1', ownNames, routed],
    script: server,
    has: [autoconfigured, 'goes on with eth0'],
    not: ['no name server', 'kept'],
  },
  {
    input: 'the same for IPv4: a name with an A record alone, AAAA refused',
    expected: 'the same',
    parameters: 'kernel_url=http://boot.lab.example:8000/k',
    ...overIpv4('--host-record=boot.lab.example,10.9.0.1'),
    not: ['no name server', 'kept'],
  },
  {
    input: 'ip=[ADDRESS]:::MASK::eth0:none, MASK like ffff::',
    expected: 'refused: IPv6 has lengths of prefixes',
    parameters: 'ip=[fd00:9::5]:::[ffff:ffff::]::eth0:none',
    has: [
      "ip=[fd00:9::5]:::[ffff:ffff::]::eth0:none: 'ffff:ffff::' is not the length of a prefix; use a number from 1 to 128",
    ],
    not: ['goes on'],
  },
  {
    input: 'ip=ADDRESS without brackets',
    expected: 'refused, with the right form',
    parameters: 'ip=fd00:9::5::fd00:9::1:64::eth0:none',
    has: ['ip=fd00:9::5::fd00:9::1:64::eth0:none: write IPv6 addresses in brackets, like [fd00::5]'],
    not: ['goes on'],
  },
]

declareInputs(
  test,
  'ipv6',
  [...ipv6Rows(rows, summary), ...ipv6Boots()],
  needs(
    test,
    {
      ip: 'iproute2',
      dnsmasq: 'dnsmasq-base',
      'kea-dhcp6': 'kea-dhcp6-server',
      unshare: 'util-linux',
      '/dev/net/tun': 'kmod; modprobe tun',
      [qemuProgram.program]: qemuProgram.package,
    },
    true,
  ),
  new URL('README.md', import.meta.url),
)
test.after(async () => {
  await stopLab()
  await stopBoots()
})
test.run()
