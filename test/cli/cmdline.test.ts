// `aria2-initrd cmdline` as a person and as a script call it.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'

const good = 'kernel_url=http://10.0.0.1/k initrd_url=http://10.0.0.1/i next_kernel_params="root=x quiet"'

test('a good line: what /init does with it, and status 0', () => {
  const { status, stdout, stderr } = cli('cmdline', good)
  assert.is(status, 0, stderr)
  assert.match(stdout, /^start +the kernel, by kexec, with this command line:\n +root=x quiet$/m)
  assert.match(stdout, 'kernel: NOT CHECKED')
  assert.is(stderr, '')
})

test('a line that /init cannot use: the answer on stdout, the error on stderr, status 1', () => {
  const { status, stdout, stderr } = cli('cmdline', 'ip=dhcp quiet')
  assert.is(status, 1)
  assert.match(stdout, /^error +the boot fails: nothing to fetch/m)
  assert.match(
    stderr,
    /^aria2-initrd: error: \/init could not use this line: the boot fails: nothing to fetch.*\nhelp: .*\n$/,
  )
})

test('--via shows the line to write; a carrier that cannot bring it is status 1', () => {
  const carried = cli('cmdline', good, '--via', 'boot-service')
  assert.is(carried.status, 0, carried.stderr)
  assert.match(carried.stdout, /^kernel_url=\S+ initrd_url=\S+ next_kernel_params_b64=cm9vdD14IHF1aWV0$/m)
  const refused = cli('cmdline', `${good} a=\${x}`, '--via', 'ipxe')
  assert.is(refused.status, 1)
  assert.match(refused.stderr, /^aria2-initrd: error: ipxe cannot carry this line: a=\$\{x\}: iPXE replaces/)
})

test('--json says the same for scripts', () => {
  const { status, stdout } = cli('cmdline', good, '--via', 'grub', '--json')
  assert.is(status, 0)
  const { length, plan, findings, via } = JSON.parse(stdout)
  assert.is(length, good.length)
  assert.is(plan.nextLine, 'root=x quiet')
  assert.equal(findings, [])
  assert.match(via.text, / 'next_kernel_params=root=x quiet'$/)
  const refused = cli('cmdline', `${good} a=\${x}`, '--via', 'ipxe', '--json')
  assert.is(refused.status, 1)
  assert.match(JSON.parse(refused.stdout).via.refused[0], 'iPXE replaces')
})

test('--arch-limit is what the kernel keeps', () => {
  assert.match(cli('cmdline', good, '--arch-limit', '100').stdout, 'bytes of 99')
})

test('what would drive the terminal is shown, not sent', () => {
  const { stdout, stderr } = cli('cmdline', `${good} a=\x1b[2J`)
  assert.not.match(stdout + stderr, '\x1b')
  assert.not.match(cli('cmdline', 'url=\x1b[2J', '--via', 'ipxe').stderr, '\x1b')
})

test('wrong usage is status 2', () => {
  for (const words of [
    ['a', 'b'],
    [good, '--via', 'carrier-pigeon'],
    [good, '--arch-limit', 'x'],
  ]) {
    const { status, stdout, stderr } = cli('cmdline', ...words)
    assert.is(status, 2)
    assert.is(stdout, '')
    assert.match(stderr, /^aria2-initrd: error: .*\nhelp: /)
  }
})

test.run()
