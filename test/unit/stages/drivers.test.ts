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
  const ended = boot(both, { files: { '/sys/bus/pci/devices/x/modalias': '-r *\n' } })
  assert.ok(ended.ran('modprobe', '-a', '-b', '-q', '--', '-r *'))
})

test('drivers that never come back are given up, and the console says so', () => {
  const ended = boot(`${both} rd.net.timeout.iflink=0`, { broken: [{ command: 'modprobe', hangs: true }] })
  assert.match(ended.console, 'aria2-initrd: drivers: modprobe killed after 120 s\n')
  assert.match(ended.console, 'network: no network interface after 0 s')
  assert.is(ended.end, 'reboot after 30 s')
})

for (const line of ['rd.driver.blacklist=e1000e,vmxnet3', 'modprobe.blacklist=vmxnet3']) {
  test(`${line}: its card is left out, and no line says that its driver is missing`, () => {
    const ended = boot(`${both} ${line}`, {
      network: [{ name: 'eth0', driver: 'vmxnet3', aliases: ['pci:vmxnet3'] }, { name: 'eth1' }],
    })
    assert.match(ended.file('/etc/modprobe.d/blacklist.conf') ?? '', 'blacklist vmxnet3\n')
    assert.match(ended.console, 'drivers: vmxnet3: excluded by the command line\n')
    assert.not.ok(ended.file('/sys/class/net/eth0/address'))
    assert.is(ended.end, 'kexec')
  })
}

test('the only card is excluded: the console says that it may be so', () => {
  const ended = boot(`${both} rd.driver.blacklist=virtio-net`, { network: [{ name: 'eth0' }] })
  assert.match(ended.console, 'no driver in this initrd, or the command line excludes it\n')
  assert.is(ended.end, 'reboot after 30 s')
})

test('rd.driver.pre and rd.driver.post: loaded before and after those of the devices', () => {
  const ended = boot(`${both} rd.driver.pre=virtio_net,x rd.driver.post=bonding rd.driver.pre=-r`)
  const loaded = ended.commands('modprobe')
  assert.equal(loaded.slice(0, 2), ['modprobe -q -- virtio_net', 'modprobe -q -- x'])
  assert.is(loaded.at(-1), 'modprobe -q -- bonding')
  assert.match(ended.console, 'drivers: x: not in this initrd, or the kernel does not take it\n')
  assert.match(ended.console, "drivers: driver '-r' ignored: not the name of a module\n")
  assert.is(ended.end, 'kexec')
})

test.run()
