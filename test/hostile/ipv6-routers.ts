/** What routers, and who claims to be one, can advertise. */
import { type Ipv6Row, url } from './ipv6-rows.ts'
import { advertisement, domains, mtu, nameServers, prefix } from './router-advertisement.ts'

/** Takes connections; that is all that a look whether the boot server is there wants. */
const script = `require('net').createServer(s => s.end()).listen(8000, '::', () => console.log('ready'))`
/** A router and the network fd00:9::/64 on the link, with whatever else. */
const good = (...options: Parameters<typeof advertisement> extends [number, ...infer Rest] ? Rest : never) =>
  advertisement(1800, prefix('fd00:9::'), ...options)
const autoconfigured = /^eth0: IPv6 address (?:\S+ )*fd00:9::9:ff:fe00:6\w\w\/64/
const goesOn = 'goes on with eth0'

/** 34 networks, of which 100 make a packet too long for Ethernet. */
const prefixes = (router: number) =>
  Array.from({ length: 34 }, (_, n) => prefix(`fd00:c:${router * 34 - 33 + n}::`))

export const routers: Ipv6Row[] = [
  {
    input: 'router: prefixes of length 128, 65, 0 and 129 beside a right one',
    expected: 'an address of the right one alone',
    parameters: url,
    script,
    advertise: [
      `0 fe80::1 ${good(prefix('fd00:a::', 128), prefix('fd00:b::', 65), prefix('fd00:d::', 129))}`,
    ],
    has: [autoconfigured, goesOn],
    notState: ['inet6 fd00:a', 'inet6 fd00:b', 'inet6 fd00:d'],
  },
  {
    input: 'router: the prefix has a lifetime of 0 at first, and one later',
    expected: 'the address when it has one',
    parameters: url,
    script,
    advertise: [`0 fe80::1 ${advertisement(1800, prefix('fd00:9::', 64, 0))}`, `3 fe80::1 ${good()}`],
    has: [autoconfigured, goesOn],
  },
  {
    input: 'a router with a right prefix, and two seconds later three with a hundred others',
    expected: 'the right address, in one line; the kernel takes sixteen in all',
    parameters: url,
    script,
    advertise: [
      `0 fe80::1 ${good()}`,
      ...[2, 3, 4].map(router => `2 fe80::${router} ${advertisement(1800, ...prefixes(router))}`),
    ],
    after: 'sleep 5; ip -6 addr show dev eth0 | grep -c "scope [gl]"',
    has: [autoconfigured, goesOn, '16'],
  },
  {
    input: 'router: name servers with a lifetime of 0, for one that it named before',
    expected: 'not used any more',
    parameters: url,
    script,
    advertise: [
      `0 fe80::1 ${good(nameServers(600, 'fd00:9::53', 'fd00:9::54'))}`,
      `3 fe80::1 ${good(nameServers(0, 'fd00:9::53'))}`,
    ],
    after:
      'sleep 6; cat /run/aria2-initrd/resolv.eth0.ipv6; grep -c nameserver /run/aria2-initrd/resolv.eth0.ipv6',
    has: [autoconfigured, goesOn, 'nameserver fd00:9::54', '1'],
  },
  {
    input:
      'router: a search list of control bytes, shell, an option, a label of 63 bytes, and one good domain',
    expected: 'the good one; each other is said once, nothing runs',
    parameters: url,
    script,
    advertise: [
      `0 fe80::1 ${good(
        domains(
          600,
          ['\x1b[2J\n', 'lab'],
          ['$(reboot)'],
          ['-x'],
          ['a'.repeat(63), 'lab'],
          ['lab', 'example'],
        ),
      )}`,
    ],
    after: 'sleep 2',
    has: [
      autoconfigured,
      goesOn,
      "eth0: '??2J?.lab' is not taken: no domain",
      "eth0: '??reboot?' is not taken: no domain",
      "eth0: '-x' is not taken: no domain",
    ],
    state: [`search ${'a'.repeat(63)}.lab lab.example`],
  },
  {
    input: 'router: a search list whose last label is longer than the packet',
    expected: 'what stands before it',
    parameters: url,
    script,
    advertise: [`0 fe80::1 ${good(Buffer.from(`1f030000000002580361626300ff${'41'.repeat(10)}`, 'hex'))}`],
    has: [autoconfigured, goesOn],
  },
  {
    input: 'router: an MTU of 1, of 68 and of 1400',
    expected: 'the last one: the kernel takes none below 1280',
    parameters: url,
    script,
    advertise: [`0 fe80::1 ${good(mtu(1))}`, `2 fe80::1 ${good(mtu(68))}`, `4 fe80::1 ${good(mtu(1400))}`],
    after: 'cat /proc/sys/net/ipv6/conf/eth0/mtu; sleep 6; cat /proc/sys/net/ipv6/conf/eth0/mtu',
    has: [autoconfigured, goesOn, '1500', '1400'],
  },
  {
    input: 'router: a name server that is another one each second, while the boot server does not answer',
    expected: 'six are taken; the address is not judged without end',
    parameters: 'kernel_url=http://[fd00:9::66]:8000/k ip=auto6',
    script,
    advertise: Array.from(
      { length: 20 },
      (_, n) => `${n} fe80::1 ${good(nameServers(600, `fd00:9::5:${n + 1}`))}`,
    ),
    has: ['no interface reaches the boot server; keeping eth0', goesOn],
  },
  {
    input: 'router: withdraws itself (lifetime 0) after 3 s; another one is there',
    expected: 'the other leads on',
    parameters: 'kernel_url=http://[fd00:77::1]:8000/k',
    addresses: ['fd00:77::1/128', 'fd00:9::1/64'],
    script,
    advertise: [`0 fe80::1 ${good()}`, `0 fe80::2 ${advertisement(1800)}`, `3 fe80::2 ${advertisement(0)}`],
    after: 'sleep 5; ping -q -c 1 -W 2 fd00:77::1 | grep -o "1 packets received"',
    has: [autoconfigured, goesOn, '1 packets received'],
    state: ['default via fe80::1 dev eth0'],
    notState: ['default via fe80::2'],
  },
  {
    input: 'two routers, one of which died after its advertisement; the boot server is behind them',
    expected: 'the other leads on',
    parameters: 'kernel_url=http://[fd00:77::1]:8000/k',
    addresses: ['fd00:77::1/128', 'fd00:9::1/64'],
    script,
    advertise: [`0 fe80::dead- ${good()}`, `0 fe80::1 ${good()}`],
    // The kernel takes 3 to 8 s to know, by what it had heard of it; where that is too long for the check the boot goes on all the same.
    after: "nc -z -w 3 fd00:77::1 8000 && log 'the other router leads on'",
    has: [autoconfigured, goesOn, 'the other router leads on'],
    state: ['default via fe80::dead'],
  },
]
