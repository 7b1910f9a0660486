// IPv6: what routers and DHCPv6 say, the forms of ip=, and which family of addresses a boot goes on with.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Interface, Ipv6 } from '../../../generator/simulator/world.ts'
import { boot, both } from '../../support/boots.ts'
import { kernel } from '../../support/payload.ts'

const failed = 'reboot after 30 s'
const autoconfigured: Ipv6 = { router: '', address: 'fd00::5/64', dns: ['fd00::53'], search: ['lab.example'] }
const alone = (ipv6: Ipv6): Interface[] => [{ name: 'eth0', dhcp: 'no answer', ipv6 }]
const url = 'http://[fd00::1]:8000/k'
const serve = { [url]: kernel }

test('a network without IPv4: what the router says is taken, and DHCP is not waited for', () => {
  const ended = boot(both, { network: alone(autoconfigured) })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 2)
  assert.match(ended.console, 'network: eth0: IPv6 address fd00::5/64\n')
  assert.is(ended.file('/etc/resolv.conf'), 'search lab.example\nnameserver fd00::53\n')
  assert.equal(ended.commands('udhcpc6'), [])
})

test('a network without IPv6 waits for none of it', () => {
  const ended = boot(both, { network: [{ name: 'eth0', ipv6: {} }] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 0)
})

test('IPv4 is first and leads to the server: it is taken, with the name servers of both that are there', () => {
  const ended = boot(both, { network: [{ name: 'eth0', ipv6: autoconfigured }] })
  assert.is(ended.seconds, 0)
  assert.match(ended.console, 'eth0: DHCP gave ip=10.0.2.15/24')
})

test('a lease of IPv4 is no way to a server with an IPv6 address', () => {
  const ended = boot(`kernel_url=${url}`, { network: [{ name: 'eth0', ipv6: autoconfigured }], serve })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 2)
  assert.equal(ended.commands('nc'), ['nc -z -w 3 -- fd00::1 8000'])
})

test('an address of IPv6 is no way to a server with an IPv4 address', () => {
  const ended = boot('kernel_url=http://10.0.2.2/k', {
    network: [{ name: 'eth0', dhcpAfter: 10, ipv6: autoconfigured }],
    serve: { 'http://10.0.2.2/k': kernel },
  })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 10)
  assert.equal(ended.commands('nc'), ['nc -z -w 3 -- 10.0.2.2 80'])
})

test('the flag M: DHCPv6 gives an address', () => {
  const ended = boot(both, { network: alone({ router: 'managed other', dhcp6: { address: 'fd00::99' } }) })
  assert.is(ended.end, 'kexec')
  assert.match(ended.console, 'network: eth0: asking DHCPv6 (stateful)\n')
  assert.match(ended.console, 'network: eth0: IPv6 address fd00::99/128\n')
  assert.equal(ended.commands('udhcpc6'), [
    'udhcpc6 -b -t 0 -i eth0 -p /run/udhcpc.eth0.ipv6.pid -x 0x0f:000c61726961322d696e69747264 -x 0x3d:0000',
  ])
})

test('the flag O: DHCPv6 gives name servers', () => {
  const ended = boot(`${both} ip=auto6`, {
    network: alone({ router: 'other', address: 'fd00::5/64', dhcp6: { dns: ['fd00::54'] } }),
  })
  assert.is(ended.end, 'kexec')
  assert.match(ended.console, 'network: eth0: asking DHCPv6 (stateless)\n')
  assert.match(ended.commands('udhcpc6')[0] ?? '', ' -l ')
})

test('ip=dhcp asks for IPv4 alone', () => {
  const ended = boot(`${both} ip=dhcp rd.net.timeout.dhcp=5`, { network: alone(autoconfigured) })
  assert.is(ended.end, failed)
  assert.match(ended.console, 'network: no DHCP answer within 5 s on eth0 (link up)\n')
})

for (const form of [
  'auto6',
  'eth0:auto6',
  ':::::eth0:auto6',
  'eth0:either6',
  'eth0:dhcp,dhcp6',
  'any',
  'on',
  'both',
]) {
  test(`ip=${form} takes what routers say`, () => {
    const ended = boot(`${both} ip=${form}`, { network: alone(autoconfigured) })
    assert.is(ended.end, 'kexec')
    const asksIpv4 = ['eth0:dhcp,dhcp6', 'any', 'on', 'both'].includes(form)
    assert.is(ended.commands('udhcpc').length, asksIpv4 ? 1 : 0)
  })
}

for (const form of ['dhcp6', 'eth0:dhcp6', 'eth0:dhcp,dhcp6', 'eth0:either6']) {
  test(`ip=${form} asks DHCPv6, whatever routers say`, () => {
    const ended = boot(`${both} ip=${form}`, { network: alone({ dhcp6: { address: 'fd00::99' } }) })
    assert.is(ended.end, 'kexec')
    assert.match(ended.console, 'network: eth0: IPv6 address fd00::99/128\n')
  })
}

test('ip=link6: the link-local address is enough', () => {
  const linkUrl = 'http://[fe80::1%25eth0]/k'
  const ended = boot(`kernel_url=${linkUrl} ip=eth0:link6`, {
    network: alone({}),
    serve: { [linkUrl]: kernel },
  })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 1)
  assert.equal(ended.commands('nc'), ['nc -z -w 3 -- fe80::1%eth0 80'])
})

test('two forms for one interface ask it for both', () => {
  const ended = boot(`${both} ip=eth0:dhcp ip=eth0:auto6`, { network: alone(autoconfigured) })
  assert.is(ended.end, 'kexec')
  assert.is(ended.commands('udhcpc').length, 1)
})

test('no router, no DHCPv6: each is said', () => {
  const silent = boot(`${both} ip=auto6`, { network: alone({}) })
  assert.is(silent.end, failed)
  assert.match(silent.console, 'network: waiting for IPv6 on eth0 (link up); 35 s left\n')
  assert.match(silent.console, 'network: eth0: no router advertisement\n')
  assert.match(silent.console, 'network: no IPv6 address within 40 s on eth0 (link up)\n')
  const managed = boot(`${both} rd.net.timeout.dhcp=6`, { network: alone({ router: 'managed' }) })
  assert.is(managed.end, failed)
  assert.match(managed.console, 'network: eth0: DHCPv6: no answer\n')
})

test('a kernel without IPv6', () => {
  for (const form of ['auto6', 'eth0:dhcp6', '[fd00::5]::[fd00::1]:64::eth0:none']) {
    const ended = boot(`${both} ip=${form}`)
    assert.is(ended.end, failed)
    assert.match(ended.console, `network: ip=${form}: this kernel has no IPv6\n`)
  }
  assert.is(boot(both).end, 'kexec')
})

test('an image without IPv6', () => {
  for (const form of ['auto6', 'eth0:dhcp,dhcp6', '[fd00::5]::[fd00::1]:64::eth0:none']) {
    const ended = boot(`${both} ip=${form}`, { without: ['ipv6'], network: alone(autoconfigured) })
    assert.match(ended.console, `network: ip=${form} is not in this image: built --without ipv6\n`)
  }
})

test('two routers, one of which leads to the server', () => {
  const ended = boot(`kernel_url=${url}`, {
    network: [
      { name: 'eth0', dhcp: 'no answer', ipv6: { ...autoconfigured, reaches: 'nothing' } },
      {
        name: 'eth1',
        dhcp: 'no answer',
        linkAfter: 3,
        ipv6: { router: 'managed', dhcp6: { address: 'fd00:1::5' } },
      },
    ],
    serve,
  })
  assert.is(ended.end, 'kexec')
  assert.match(ended.console, 'network: eth0: fd00::1 port 8000 does not answer (IPv6)\n')
  assert.match(ended.console, 'network: eth0: IPv6 given up for eth1\n')
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
})

test('nobody leads to the server: the address is kept, and the boot goes on', () => {
  const ended = boot(`${both} ip=auto6`, { network: alone({ ...autoconfigured, reaches: 'nothing' }) })
  assert.match(ended.console, 'network: no interface reaches the boot server; keeping eth0\n')
  assert.match(ended.console, 'network: eth0: no name server gives an IPv6 address of s\n')
})

test('what the hook did not take is said once', () => {
  const notes = ["'-x' is not taken: no domain"]
  const ended = boot(both, { network: alone({ ...autoconfigured, notes }) })
  assert.is(ended.console.split(`network: eth0: ${notes[0]}\n`).length, 2)
})

test('DHCPv6 refuses: the cause is said, and it is no silence', () => {
  const refuses = 'the DHCPv6 server has no address to give (NoAddrsAvail)'
  const ended = boot(`${both} ip=dhcp6 rd.net.timeout.dhcp=5`, { network: alone({ dhcp6: { refuses } }) })
  assert.match(ended.console, `network: eth0: ${refuses}\n`)
  assert.match(ended.console, 'network: no DHCP lease within 5 s on eth0 (link up)\n')
  assert.not.match(ended.console, 'no answer')
})

// ---- fixed addresses

const fixed = (form: string, ipv6: Ipv6 = {}) => boot(`${both} ip=${form}`, { network: alone(ipv6) })
const ipCalls = (form: string): string[] =>
  fixed(form)
    .commands('ip')
    .filter(call => call.startsWith('ip -6'))

test('a fixed address with all its fields', () => {
  const form = '[2001:db8::5]::[2001:db8::1]:64:node5:eth0:none:[2001:db8::53]:[2001:db8::54]'
  const ended = fixed(form)
  assert.is(ended.end, 'kexec')
  assert.equal(ipCalls(form), [
    'ip -6 addr replace 2001:db8::5/64 dev eth0',
    'ip -6 route replace 2001:db8::1/128 dev eth0',
    'ip -6 route replace default via 2001:db8::1 dev eth0 metric 1',
  ])
  assert.is(ended.file('/etc/resolv.conf'), 'nameserver 2001:db8::53\nnameserver 2001:db8::54\n')
  assert.is(ended.file('/proc/sys/kernel/hostname'), 'node5\n')
  assert.is(ended.file('/proc/sys/net/ipv6/conf/eth0/accept_ra'), '0\n')
  assert.is(ended.seconds, 1)
})

const calls: [string, string[]][] = [
  ['[fd00::5]', ['addr replace fd00::5/64 dev eth0']],
  ['[fd00::5]:::128::eth0:none', ['addr replace fd00::5/128 dev eth0']],
  ['[fd00::5]:[fd00::6]:::n:eth0:none:9000', ['addr replace fd00::5 peer fd00::6 dev eth0']],
  ['[fd00::5]:[fd00::6]::64::eth0:none', ['addr replace fd00::5/64 dev eth0']],
  [
    '[fd00::5]::[fe80::1]:64::eth0:none',
    ['addr replace fd00::5/64 dev eth0', 'route replace default via fe80::1 dev eth0 metric 1'],
  ],
  [
    '[fd00::5]::[fd99::1]:128::eth0:none:10.0.0.53:[fd00::53]',
    [
      'addr replace fd00::5/128 dev eth0',
      'route replace fd99::1/128 dev eth0',
      'route replace default via fd99::1 dev eth0 metric 1',
    ],
  ],
]
for (const [form, wanted] of calls) {
  test(`ip=${form}`, () => {
    assert.equal(
      ipCalls(form),
      wanted.map(each => `ip -6 ${each}`),
    )
    assert.is(fixed(form).end, 'kexec')
  })
}

test('the same fixed address twice is harmless; one of each family', () => {
  const form = '[fd00::5]:::64::eth0:none'
  const ended = boot(`${both} ip=${form} ip=${form} ip=10.0.0.5:::24::eth0:none`, { network: alone({}) })
  assert.is(ended.end, 'kexec')
  assert.equal(
    ended.commands('ip').filter(call => call.includes('addr')),
    ['ip -6 addr replace fd00::5/64 dev eth0', 'ip addr replace 10.0.0.5/24 dev eth0'],
  )
})

test('another machine has the address', () => {
  const ended = fixed('[fd00::5]:::64::eth0:none', { duplicates: true })
  assert.is(ended.end, failed)
  assert.match(ended.console, 'network: eth0: another machine has fd00::5 (duplicate address detection)\n')
})

const refused: [string, string][] = [
  ['[fd00::5]:::129::eth0:none', "'129' is not the length of a prefix; use a number from 1 to 128"],
  ['[fd00::5]:::0::eth0:none', "'0' is not the length of a prefix; use a number from 1 to 128"],
  ['[fd00::5]:::ffff::eth0:none', "'ffff' is not the length of a prefix; use a number from 1 to 128"],
  ['[fd00::5]::10.0.0.1:64::eth0:none', "gateway '10.0.0.1' is not a host address"],
  ['[fd00::5]::[fd00::5]:64::eth0:none', 'the gateway is the address itself'],
  ['[fd00::5]:[::1]::128::eth0:none', "peer '::1' is not a host address"],
  ['[ff02::1]:::64::eth0:none', "'ff02::1' is not a host address"],
  ['[fd00::5::1]:::64::eth0:none', "'fd00::5::1' is not a host address"],
  ['[fd00:1:2:3:4:5:6]:::64::eth0:none', "'fd00:1:2:3:4:5:6' is not a host address"],
  ['[1:2:3:4:5:6:7:8:9]:::64::eth0:none', "'1:2:3:4:5:6:7:8:9' is not a host address"],
  ['[fd00::12345]:::64::eth0:none', "'fd00::12345' is not a host address"],
  ['fd00::5::fd00::1:64::eth0:none', 'write IPv6 addresses in brackets, like [fd00::5]'],
]
for (const [form, why] of refused) {
  test(`ip=${form} is refused`, () => {
    const ended = fixed(form)
    assert.is(ended.end, failed)
    assert.match(ended.console, `network: ip=${form}: ${why}\n`)
    assert.equal(ended.commands('ip'), [])
  })
}

test('nameserver= in all forms, and rd.peerdns=0', () => {
  const line = `${both} nameserver=[fd00::53],fe80::1%eth0 nameserver=2001:db8::53,::1,ff02::1 rd.peerdns=0`
  const ended = boot(line, { network: alone(autoconfigured) })
  assert.is(
    ended.file('/etc/resolv.conf'),
    'nameserver fd00::53\nnameserver fe80::1%eth0\nnameserver 2001:db8::53\n',
  )
  assert.match(ended.console, "network: name server '::1' ignored: not a host address\n")
})

// ---- a fixed address is judged as a lease is

const twoForms = 'ip=[fd00::5]::[fd00::1]:64::eth0:none ip=[fd00:1::5]::[fe80::1]:64::eth1:none'
const twoLinks = (reaches: Ipv6['reaches']): Interface[] => [
  { name: 'eth0', dhcp: 'no answer', ipv6: { reaches: 'nothing' } },
  { name: 'eth1', dhcp: 'no answer', ...(reaches === undefined ? {} : { ipv6: { reaches } }) },
]

test('a fixed address that leads nowhere: the next one counts', () => {
  const ended = boot(`kernel_url=${url} ${twoForms}`, { network: twoLinks('server'), serve })
  assert.match(ended.console, 'network: eth0: the gateway fd00::1 is silent\n')
  assert.match(ended.console, 'network: eth0: its gateway ranks behind the others from now on\n')
  assert.ok(
    ended.ran('ip', '-6', 'route', 'replace', 'default', 'via', 'fd00::1', 'dev', 'eth0', 'metric', '9002'),
  )
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
  assert.is(ended.end, 'kexec')
})

test('no fixed address leads to the server: each cause is said, and the first is kept', () => {
  const ended = boot(`kernel_url=${url} ${twoForms}`, { network: twoLinks('nothing'), serve })
  assert.match(ended.console, 'network: eth0: the gateway fd00::1 is silent\n')
  assert.match(ended.console, 'network: eth1: the gateway fe80::1 is silent\n')
  assert.ok(ended.commands('ping').includes('ping -q -c 1 -W 1 -- fe80::1%eth1'))
  assert.match(ended.console, 'network: no interface reaches the boot server; keeping eth0\n')
})

test('a fixed address of one family is no way to a server of the other, and nobody is asked over it', () => {
  const ipv4 = 'http://10.0.0.1/k'
  const ended = boot(`kernel_url=${ipv4} ip=[fd00::5]:::64::eth0:none ip=10.0.0.5:::24::eth1:none`, {
    network: twoLinks('server'),
    serve: { [ipv4]: kernel },
  })
  assert.not.match(ended.console, 'does not answer')
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
  assert.is(ended.end, 'kexec')
})

test('a fixed address that leads nowhere, and a lease that does', () => {
  const ended = boot(`kernel_url=${url} ip=[fd00:9::5]:::64::eth0:none ip=eth1:auto6`, {
    network: [
      { name: 'eth0', dhcp: 'no answer', ipv6: { reaches: 'nothing' } },
      { name: 'eth1', dhcp: 'no answer', ipv6: autoconfigured },
    ],
    serve,
  })
  assert.match(ended.console, 'network: eth0: fd00::1 port 8000 does not answer (IPv6)\n')
  assert.match(ended.commands('aria2c')[0] ?? '', '--bt-lpd-interface=eth1')
})

test.run()
