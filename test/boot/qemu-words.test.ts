import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { machineArguments } from '../../generator/qemu/qemu-words.ts'
import { lineReader, plainText } from '../../generator/qemu/serial-console.ts'

test('a console is plain text: no carriage returns, no escape sequences', () => {
  assert.is(plainText('\u001bc\u001b[?7l\u001b[2J\u001b[1;31mred\u001b[0m\r\n'), 'red\n')
  assert.is(plainText('Press Ctrl-B...\b \b\b \b\b \b\r\n'), 'Press Ctrl-B...\n')
  assert.is(plainText('[ 1.0] a [b] $(c) \\e[0m\r\n'), '[ 1.0] a [b] $(c) \\e[0m\n')
})

test('lines are whole, however the console is cut into pieces', () => {
  const text = 'one\r\n\u001b[31mtwo\u001b[0m\r\n\r\nlast'
  for (let size = 1; size <= text.length; size += 1) {
    const lines: string[] = []
    const reader = lineReader(line => lines.push(line))
    for (let at = 0; at < text.length; at += size) reader.add(text.slice(at, at + size))
    reader.end()
    assert.equal(lines, ['one', 'two', '', 'last'], `pieces of ${size}`)
  }
})

test('the command line is one word to QEMU, whatever it holds', () => {
  const words = machineArguments({ kernel: 'k', append: 'url=http://a/$(b);c "d  e" -f', kvm: false })
  assert.is(
    words[words.indexOf('-append') + 1],
    'console=ttyS0 panic=-1 no_timer_check url=http://a/$(b);c "d  e" -f',
  )
})

test('no card, one card, two cards of which one has nobody at its end', () => {
  const count = (words: string[], word: string) => words.filter(each => each === word).length
  assert.ok(machineArguments({ kernel: 'k', nics: [], kvm: false }).join(' ').includes('-nic none'))
  assert.is(count(machineArguments({ kernel: 'k', kvm: false }), '-device'), 1)
  const two = machineArguments({
    kernel: 'k',
    kvm: false,
    nics: [{ network: 'user' }, { network: 'silent' }],
  })
  assert.is(count(two, '-device'), 2)
  assert.ok(two.includes('hubport,hubid=1,id=net1'))
})

test('without a kernel the card has its boot ROM and a reboot is no end; with one it needs none', () => {
  const nics = [{ network: { tap: 'tap3' }, mac: '52:54:00:00:00:03' } as const]
  const fromNetwork = machineArguments({ nics, kvm: false }).join(' ')
  assert.match(fromNetwork, '-netdev tap,ifname=tap3,script=no,downscript=no,id=net0')
  assert.match(fromNetwork, '-boot n')
  for (const absent of ['romfile', '-no-reboot', '-kernel', '-append']) assert.not.match(fromNetwork, absent)
  const fromQemu = machineArguments({ kernel: 'k', nics, kvm: false }).join(' ')
  for (const present of [',romfile=', '-no-reboot', '-kernel k']) assert.match(fromQemu, present)
  assert.not.match(fromQemu, '-boot')
  const uefi = { code: '/f/code.fd', variables: '/f/a,b.fd' }
  const fromFirmware = machineArguments({ uefi, nics, kvm: false }).join(' ')
  assert.match(
    fromFirmware,
    'readonly=on,file=/f/code.fd -drive if=pflash,format=raw,readonly=off,file=/f/a,,b.fd',
  )
  for (const present of [',romfile=', '-boot n']) assert.match(fromFirmware, present)
})

test('a clock that counts instructions leaves KVM alone; packets and memory are for who measures', () => {
  const measured = machineArguments({
    counted: true,
    kvm: true,
    packets: 'p',
    sharedMemory: true,
    memory: 256,
  }).join(' ')
  assert.match(measured, '-accel tcg -icount shift=0')
  assert.not.match(measured, 'kvm')
  assert.match(measured, '-object filter-dump,id=packets,netdev=net0,file=p')
  assert.match(measured, '-m 256 -object memory-backend-memfd,id=ram,size=256M -machine memory-backend=ram')
  assert.not.match(machineArguments({ kvm: false }).join(' '), 'icount')
})

test.run()
