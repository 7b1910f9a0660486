// A boot server that falls silent between the lease and the first byte.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../../generator/simulator/simulate.ts'
import type { Interface, Served } from '../../../generator/simulator/world.ts'
import { kernel } from '../../support/payload.ts'

const url = 'http://10.0.2.2/k'
const words = 'fallen silent; the other interfaces are asked'

const bootWith = (network: Interface[], answers: Served[], line = '') =>
  simulate({ cmdline: `kernel_url=${url} ${line}`, network, serve: { [url]: answers } })

for (const status of [2, 6, 19]) {
  test(`nobody answers (aria2 status ${status}): the lease of another interface`, () => {
    const ended = bootWith([{ name: 'eth0' }, { name: 'eth1' }], [{ status }, kernel])
    assert.match(ended.console, `download: eth0: the boot server has ${words}\n`)
    assert.match(ended.console, 'download: eth1: DHCP gave')
    const [first = '', second = ''] = ended.commands('aria2c')
    assert.match(first, '--bt-lpd-interface=eth0')
    assert.match(second, '--bt-lpd-interface=eth1')
    assert.ok(ended.ran('ip', 'link', 'set', 'dev', 'eth0', 'down'), 'the other is left as it was')
    assert.is(ended.end, 'kexec')
  })
}

test('no other interface has a lease: the former is asked for once more', () => {
  const ended = bootWith([{ name: 'eth0' }, { name: 'eth1', dhcp: 'no answer' }], [{ status: 2 }, kernel])
  assert.match(ended.console, `download: eth0: the boot server has ${words}\n`)
  assert.match(ended.console, 'download: no interface reaches the boot server; keeping eth0\n')
  assert.match(ended.commands('aria2c')[1] ?? '', '--bt-lpd-interface=eth0')
  assert.is(ended.end, 'kexec')
})

test('named by ip=: the other goes on beside it', () => {
  const ended = bootWith(
    [{ name: 'eth0' }, { name: 'eth1' }],
    [{ status: 2 }, kernel],
    'ip=eth0:dhcp ip=eth1:dhcp',
  )
  assert.match(ended.console, 'eth0: its gateway ranks behind the others from now on\n')
  assert.match(ended.commands('aria2c')[1] ?? '', '--bt-lpd-interface=eth1')
  assert.is(ended.end, 'kexec')
})

for (const [what, network, answers, line] of [
  ['one card', [{ name: 'eth0' }], [{ status: 2 }, kernel], ''],
  ['the server answers with an error', [{ name: 'eth0' }, { name: 'eth1' }], [{ status: 22 }, kernel], ''],
  ['refused, and its host is there', [{ name: 'eth0' }, { name: 'eth1' }], [{ status: 1 }, kernel], ''],
  [
    'a fixed address',
    [{ name: 'eth0' }, { name: 'eth1' }],
    [{ status: 2 }, kernel],
    'ip=10.0.0.5:::24::eth0:none',
  ],
] satisfies [string, Interface[], Served[], string][]) {
  test(`${what}: the tries go on as they are`, () => {
    const ended = bootWith(network, answers, line)
    assert.not.match(ended.console, 'fallen silent')
    assert.is(ended.commands('aria2c').length, 2)
    assert.is(ended.end, 'kexec')
  })
}

test('once a file is there, its lease is kept', () => {
  const ended = simulate({
    cmdline: `kernel_url=${url} initrd_url=http://10.0.2.2/i`,
    network: [{ name: 'eth0' }, { name: 'eth1' }],
    serve: { [url]: kernel, 'http://10.0.2.2/i': [{ status: 2 }, kernel] },
  })
  assert.not.match(ended.console, 'fallen silent')
})

test('name servers of a renewal are there for the next try', () => {
  const ended = bootWith([{ name: 'eth0' }], [{ status: 19 }, kernel], 'nameserver=10.0.0.53,x')
  assert.is(ended.file('/etc/resolv.conf'), 'nameserver 10.0.0.53\nnameserver 10.0.2.3\n')
  assert.is(
    ended.console.match(/name server 'x' ignored/g)?.length,
    2,
    'a try has nothing new to say of them',
  )
})

test.run()
