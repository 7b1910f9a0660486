// What routers and DHCPv6 servers can say: the packed nd6watch and udhcpc6, the shipped hook and the bytes of /init.
import { test } from 'uvu'
import { needs } from '../support/needs.ts'
import { declareInputs } from './inputs.ts'
import { leases } from './ipv6-leases.ts'
import { routers } from './ipv6-routers.ts'
import { byHand, type Ipv6Row, ipv6Rows, kea, stopLab } from './ipv6-rows.ts'

const good = 'fd0000090000000000000000000000bb'

const inputs: Ipv6Row[] = [
  {
    input: 'Kea without an address to give (NoAddrsAvail)',
    expected: 'asked again until rd.net.timeout.dhcp=6; the causes are said, once',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=6',
    kea: kea([], []),
    has: [
      'eth0: no router advertisement',
      'eth0: the DHCPv6 server has no address to give (NoAddrsAvail)',
      'no DHCP lease within 6 s on eth0 (link up)',
    ],
  },
  {
    input: 'Kea gives an address that another machine has, and has no other',
    expected: 'declined, and said; Kea has none then',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=10',
    addresses: ['fd00:9::1/64', 'fd00:9::aa/64'],
    kea: kea(),
    has: [
      'eth0: another machine has fd00:9::aa (duplicate address detection)',
      'eth0: the DHCPv6 server has no address to give (NoAddrsAvail)',
      'no DHCP lease within 10 s on eth0 (link up)',
    ],
    not: ['goes on'],
  },
  {
    input: 'Kea gives an address that another machine has, and has another',
    expected: 'declined; the other is taken',
    parameters: 'ip=dhcp6',
    addresses: ['fd00:9::1/64', 'fd00:9::aa/64'],
    kea: kea([], [{ pool: 'fd00:9::aa - fd00:9::ab' }]),
    has: [
      'eth0: another machine has fd00:9::aa (duplicate address detection)',
      'eth0: IPv6 address fd00:9::ab/128',
      'goes on with eth0',
    ],
    notState: ['inet6 fd00:9::aa'],
  },
  {
    input: 'a fixed address that another machine has',
    expected: 'the boot fails with the cause',
    parameters: 'ip=[fd00:9::1]:::64::eth0:none',
    has: ['eth0: another machine has fd00:9::1 (duplicate address detection)'],
    not: ['goes on'],
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
    expected: 'not taken: the server has none',
    parameters: 'ip=dhcp6 rd.net.timeout.dhcp=5',
    ...byHand(`option(1, client), ia(id, '${good}', 0)`),
    has: [
      'eth0: the DHCPv6 server has no address to give (NoAddrsAvail)',
      'no DHCP lease within 5 s on eth0 (link up)',
    ],
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
    has: ['eth0: the DHCPv6 server refuses (UnspecFail)', 'no DHCP lease within 5 s on eth0 (link up)'],
    not: ['goes on'],
  },
]

declareInputs(
  test,
  'ipv6',
  ipv6Rows([...inputs, ...leases, ...routers]),
  needs(
    test,
    { ip: 'iproute2', dnsmasq: 'dnsmasq-base', 'kea-dhcp6': 'kea-dhcp6-server', unshare: 'util-linux' },
    true,
  ),
)
test.after(stopLab)
test.run()
