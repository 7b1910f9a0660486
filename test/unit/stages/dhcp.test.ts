import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Interface } from '../../../generator/simulator/world.ts'
import { boot, both } from '../../support/boots.ts'

/** The interface that the boot has used. */
const used = (ended: ReturnType<typeof boot>): string =>
  /--bt-lpd-interface=(\S+)/.exec(ended.commands('aria2c')[0] ?? '')?.[1] ?? ''

test('the lease is shown on one line', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: { ip: '10.1.2.3/8', router: '10.0.0.1' } }] })
  assert.match(ended.console, 'network: eth0: DHCP gave ip=10.1.2.3/8 router=10.0.0.1\n')
})

test('no answer: the interface is named, and the failure action follows', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: 'no answer' }] })
  assert.match(ended.console, 'network: no DHCP answer within 90 s on eth0 (link up)\n')
  assert.match(ended.console, 'network: boot failed; reboot in 30 s (on_failure, failure_delay)\n')
  assert.is(ended.end, 'reboot after 30 s')
  assert.not.ok(ended.ran('aria2c'))
})

test('every 5 s the console says who is asked, and for how long still', () => {
  const network: Interface[] = [
    { name: 'eth0', dhcp: 'no answer' },
    { name: 'eth1', linkAfter: 'never' },
  ]
  const { console } = boot(`${both} rd.net.timeout.dhcp=12`, { network })
  assert.equal(
    [...console.matchAll(/network: waiting .*/g)].map(([line]) => line),
    [7, 2].map(left => `network: waiting for DHCP on eth0 (link up), eth1 (no link); ${left} s left`),
  )
})

test('a switch port that forwards after 50 s is waited for, and no longer', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcpAfter: 50 }] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 50)
})

test('a port that forwards too late is given up', () => {
  const ended = boot(`${both} rd.net.timeout.dhcp=20`, { network: [{ name: 'eth0', dhcpAfter: 50 }] })
  assert.match(ended.console, 'no DHCP answer within 20 s on eth0')
})

test('rd.net.dhcp.retry repeats the wait; retries=0 has no limit', () => {
  const network: Interface[] = [{ name: 'eth0', dhcpAfter: 50 }]
  assert.is(boot(`${both} rd.net.timeout.dhcp=20 rd.net.dhcp.retry=3`, { network }).end, 'kexec')
  const late: Interface[] = [{ name: 'eth0', dhcpAfter: 900 }]
  assert.is(boot(`${both} retries=0`, { network: late }).end, 'kexec')
})

test('all are asked at once: seven silent cards before the right one cost nothing', () => {
  const silent = Array.from({ length: 7 }, (_, n): Interface => ({ name: `eth${n}`, dhcp: 'no answer' }))
  const ended = boot(both, { network: [...silent, { name: 'eth7' }] })
  assert.is(used(ended), 'eth7')
  assert.is(ended.seconds, 0)
  for (const { name } of silent) assert.ok(ended.ran('ip', 'link', 'set', 'dev', name, 'down'), name)
  assert.not.ok(ended.ran('ip', 'link', 'set', 'dev', 'eth7', 'down'))
})

test('a link that comes late is no reason to wait before the others are asked', () => {
  const ended = boot(both, { network: [{ name: 'eth0', linkAfter: 4 }, { name: 'eth1' }] })
  assert.is(used(ended), 'eth1')
  assert.is(ended.seconds, 0)
})

const refusal = "the server refuses the address that it has offered: 'no'"

test('a server that refuses its own offers for ever: the reason is said once', () => {
  const ended = boot(`${both} rd.net.timeout.dhcp=6`, {
    network: [{ name: 'eth0', dhcp: 'refuses', dhcpNotes: [refusal] }],
  })
  assert.is(ended.console.split(`network: eth0: ${refusal}\n`).length, 2)
  assert.match(ended.console, 'network: no DHCP lease within 6 s on eth0 (link up)\n')
  assert.is(ended.end, 'reboot after 30 s')
  assert.is(ended.seconds, 36)
})

test('the server of another interface does not refuse', () => {
  const ended = boot(both, { network: [{ name: 'eth0', dhcp: 'refuses' }, { name: 'eth1' }] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 0)
})

test('what the hook did not take is said before the lease', () => {
  const dhcpNotes = ["the MTU '68' is not taken: it is not from 576 to 16384"]
  const ended = boot(both, { network: [{ name: 'eth0', dhcpNotes }] })
  assert.match(ended.console, `network: eth0: ${dhcpNotes[0]}\naria2-initrd: network: eth0: DHCP gave ip=`)
})

test('what udhcpc prints is kept for those who look', () => {
  assert.match(boot(both).file('/run/aria2-initrd/udhcpc.log') ?? '', 'udhcpc: started')
})

// ---- a lease is judged by where it leads

test('a lease that leads nowhere is given up for that of another interface', () => {
  const cases: [Interface['reaches'], string][] = [
    ['nothing', 'the gateway 10.0.2.2 is silent'],
    ['gateway', 'the gateway 10.0.2.2 answers, 10.0.2.2 port 8000 does not'],
  ]
  for (const [reaches = 'server', cause] of cases) {
    const url = 'http://10.0.2.2:8000/k'
    const ended = boot(`kernel_url=${url}`, {
      network: [{ name: 'eth0', reaches }, { name: 'eth1' }],
      serve: { [url]: 'MZ' },
    })
    assert.match(ended.console, `network: eth0: ${cause}\n`)
    assert.match(ended.console, 'network: eth0: given up for another interface\n')
    assert.ok(ended.ran('ip', '-4', 'addr', 'flush', 'dev', 'eth0'))
    assert.is(used(ended), 'eth1')
    assert.ok(ended.seconds <= 5, `${ended.seconds}`)
  }
})

test('where all leases lead nowhere the first is kept, and it is said', () => {
  const network: Interface[] = ['eth0', 'eth1', 'eth2'].map(name => ({ name, reaches: 'gateway' }))
  const ended = boot(both, { network })
  assert.match(ended.console, 'network: no interface reaches the boot server; keeping eth0\n')
  assert.is(used(ended), 'eth0')
})

test('a lease alone is kept at once', () => {
  const ended = boot(both, { network: [{ name: 'eth0', reaches: 'nothing' }] })
  assert.match(ended.console, 'network: eth0: the gateway 10.0.2.2 is silent\n')
  assert.match(ended.console, 'network: no interface reaches the boot server; keeping eth0\n')
  assert.is(used(ended), 'eth0')
  // A name server has 5 s.
  assert.ok(ended.seconds <= 6, `${ended.seconds}`)
})

test('no name server answers', () => {
  const ended = boot(both, { network: [{ name: 'eth0', reaches: 'gateway' }] })
  assert.match(ended.console, 'network: eth0: no name server gives an IPv4 address of s\n')
})

test('a server whose port is closed is there', () => {
  const ended = boot(both, { network: [{ name: 'eth0', reaches: 'host' }, { name: 'eth1' }] })
  assert.match(ended.console, 'network: eth0: s answers, its port 80 does not\n')
  assert.is(used(ended), 'eth0')
})

test('where the server is asked: host and port of all kinds of URLs', () => {
  const network = [{ name: 'eth0', ipv6: { router: '' as const, address: 'fd00::5/64' } }]
  const asked = (url: string): string =>
    boot(`kernel_url=${url} retries=1`, { network }).commands('nc')[0] ?? ''
  assert.is(asked('http://10.0.0.1/k'), 'nc -z -w 3 -- 10.0.0.1 80')
  // By the address that a name server gives.
  assert.is(asked('https://u:p@boot.example/k?x=http://y:1/'), 'nc -z -w 3 -- 10.0.2.80 443')
  assert.is(asked('ftp://10.0.0.1/k'), 'nc -z -w 3 -- 10.0.0.1 21')
  assert.is(asked('http://[fd00::1]:8080/k'), 'nc -z -w 3 -- fd00::1 8080')
  assert.is(asked('http://[fd00::1]/k'), 'nc -z -w 3 -- fd00::1 80')
  assert.is(asked('http://-x:-y/k'), '')
  assert.is(asked('http://10.0.0.1:-y/k'), 'nc -z -w 3 -- 10.0.0.1 -y')
  assert.is(asked('http:///k'), '')
})

test('a name is asked for by the family of the lease, and each of its addresses is tried', () => {
  const ended = boot(both, { network: [{ name: 'eth0' }] })
  assert.equal(ended.commands('nslookup'), ['nslookup -type=a s'])
  const ipv6 = boot(both, {
    network: [{ name: 'eth0', dhcp: 'no answer', ipv6: { router: '', address: 'fd00::5/64' } }],
  })
  assert.equal(ipv6.commands('nslookup'), ['nslookup -type=aaaa s'])
  assert.equal(ipv6.commands('nc'), ['nc -z -w 3 -- fd00::80 80'])
})

test('a second mirror that answers will do; behind a proxy nobody can tell', () => {
  const network: Interface[] = [{ name: 'eth0', reaches: 'nothing' }]
  const mirrors = boot('kernel_url=http://10.0.0.1/k,http://10.0.0.2/k', { network })
  assert.is(mirrors.commands('nc').length, 2)
  const proxied = boot(`${both} aria2_options=--http-proxy=http://10.0.0.3:3128`, { network })
  assert.not.ok(proxied.ran('nc'))
})

// ---- interfaces that ip= names

const two = 'ip=eth0:dhcp ip=eth1:dhcp'

test('two that are named, one without a cable: goes on, and says so', () => {
  const ended = boot(`${both} ${two}`, { network: [{ name: 'eth0' }, { name: 'eth1', linkAfter: 'never' }] })
  assert.is(ended.end, 'kexec')
  assert.is(ended.seconds, 0)
  assert.match(ended.console, 'network: eth1: no lease yet; the boot goes on with eth0\n')
  assert.not.ok(ended.ran('ip', 'link', 'set', 'dev', 'eth1', 'down'))
})

test('two that are named: the first has the better metric, and name servers add up', () => {
  const ended = boot(`${both} ip=eth1:dhcp ip=eth0:dhcp`, {
    network: [
      {
        name: 'eth0',
        dhcp: { ip: '10.1.0.5/24', dns: '10.1.0.1', search: 'one.example' },
        reaches: 'gateway',
      },
      { name: 'eth1', dhcp: { ip: '10.2.0.5/24', dns: '10.2.0.1', search: 'two.example' }, dhcpAfter: 10 },
    ],
  })
  assert.is(ended.file('/run/aria2-initrd/dhcp.eth1'), '100\n')
  assert.is(ended.file('/run/aria2-initrd/dhcp.eth0'), '200\n')
  assert.is(used(ended), 'eth1')
  assert.is(ended.file('/etc/resolv.conf'), 'search one.example\nnameserver 10.1.0.1\nnameserver 10.2.0.1\n')
  assert.not.ok(ended.ran('ip', 'addr', 'flush'))
})

// ---- what a server is told

const told = (cmdline: string, files: Record<string, string> = {}): string =>
  boot(`${both} ${cmdline}`, { files }).commands('udhcpc')[0] ?? ''

test('user class, architecture and UUID', () => {
  assert.match(told(''), '-x 0x4d:0c61726961322d696e69747264 -x 0x5d:0000')
  const files = {
    '/sys/firmware/efi/fw_platform_size': '64\n',
    '/sys/class/dmi/id/product_uuid': '00112233-4455-6677-8899-AABBCCDDEEFF\n',
  }
  assert.match(told('', files), '-x 0x5d:0007 -x 0x61:0033221100554477668899aabbccddeeff')
  assert.not.match(told('', { '/sys/class/dmi/id/product_uuid': 'Not Specified\n' }), '0x61')
})

test('vendor class and client identifier', () => {
  assert.match(told('rd.net.dhcp.vendor-class="a $(b)"'), '-V a $(b)')
  assert.match(told('rd.net.dhcp.client-id=01:2:fF'), '-x 0x3d:0102fF')
  assert.match(told('rd.net.dhcp.client-id=node7'), '-x 0x3d:006e6f646537')
})

test.run()
