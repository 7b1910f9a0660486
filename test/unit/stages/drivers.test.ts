import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

test('drivers are loaded until no device comes to light', () => {
  const ended = boot(both, { network: [{ name: 'eth0', aliases: ['pci:a', 'bus:b', 'net:c'] }] })
  assert.equal(ended.commands('modprobe'), [
    'modprobe -a -b -q -- pci:a',
    'modprobe -a -b -q -- bus:b pci:a',
    'modprobe -a -b -q -- bus:b net:c pci:a',
  ])
  assert.is(ended.end, 'kexec')
})

test('nothing is loaded where drivers are built in', () => {
  const ended = boot(both, { network: [{ name: 'eth0', aliases: [] }] })
  assert.not.ok(ended.ran('modprobe'))
  assert.is(ended.end, 'kexec')
})

test('a module that is not packed is no failure yet', () => {
  const ended = boot(both, {
    network: [{ name: 'eth0' }, { name: 'eth1', hasNoDriver: true, aliases: ['pci:unknown'] }],
  })
  assert.is(ended.end, 'kexec')
})

test('a modalias is a word and never an option or a pattern', () => {
  const ended = boot(both, { files: { '/sys/devices/x/modalias': '-r *\n' } })
  assert.ok(ended.ran('modprobe', '-a', '-b', '-q', '--', '-r *'))
})

test('drivers that never come back are given up, and the console says so', () => {
  const ended = boot(`${both} rd.net.timeout.iflink=0`, { broken: [{ command: 'modprobe', hangs: true }] })
  assert.match(ended.console, 'aria2-initrd: drivers: modprobe killed after 120 s\n')
  assert.match(ended.console, 'network: no network interface after 1 s')
  assert.is(ended.end, 'reboot after 30 s')
})

test.run()
