import { execFileSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { bootMachine, startMachine } from '../../generator/qemu/virtual-machine.ts'
import { needs } from '../support/needs.ts'

const boots = needs(test, { [qemuProgram.program]: qemuProgram.package })

async function messageOf(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'nothing failed',
    (error: Error) => error.message,
  )
}

const kernel = async () => (await kernelFromPackage('linux-image-cloud-amd64', silent)).vmlinuz

boots('a kernel without an initrd panics, and the console tells', async () => {
  const end = await bootMachine({ kernel: await kernel(), append: 'quiet', nics: [], limit: 60 })
  assert.is(end.reason, 'off')
  assert.match(end.console, 'Kernel panic - not syncing: VFS: Unable to mount root fs')
  assert.not.match(end.console, '\r')
})

boots('a machine that goes on for ever is stopped at its limit, and the wait for a word ends', async () => {
  // panic=0, said last, wins: the machine stands still.
  const machine = await startMachine({ kernel: await kernel(), append: 'panic=0', nics: [], limit: 4 })
  const complaint = await messageOf(machine.waitFor('a word that never comes'))
  assert.match(complaint, 'ended (limit) without a word that never comes')
  assert.is((await machine.end).reason, 'limit')
  assert.throws(() => process.kill(machine.pid, 0), /ESRCH/)
})

boots('what a machine writes while nobody reads is not lost', async () => {
  const marks = Array.from({ length: 150 }, (_, index) => `mark${1000 + index}`).join(',')
  const append = `panic=-1 loglevel=7 marks=${marks}`
  const machine = await startMachine({ kernel: await kernel(), append, nics: [], limit: 60 })
  // A guest gives each character 10 ms to go out; this process reads nothing meanwhile.
  execFileSync('sleep', ['6'])
  const { console, reason } = await machine.end
  assert.is(reason, 'off')
  assert.match(console, `Command line: console=ttyS0 panic=-1 no_timer_check ${append}`.slice(0, 1000))
  assert.match(console, 'Kernel panic - not syncing: VFS: Unable to mount root fs')
  assert.is(console.split('mark1077,mark1078').length, 4, 'the command line stands there three times')
})

boots('the monitor answers, a card may have no link, the plug can be pulled', async () => {
  const machine = await startMachine({
    kernel: await kernel(),
    append: 'panic=0',
    nics: [{ network: 'user' }, { network: 'silent', link: 'down', mac: '52:54:00:be:ef:02' }],
  })
  assert.match(await machine.monitor('info network'), 'macaddr=52:54:00:be:ef:02')
  const end = await machine.stop()
  assert.is(end.reason, 'stopped')
  assert.throws(() => process.kill(machine.pid, 0), /ESRCH/)
})

boots('what QEMU says about a machine that it cannot start', async () => {
  const complaint = await messageOf(startMachine({ kernel: '/absent/vmlinuz' }))
  assert.match(complaint, "could not open kernel file '/absent/vmlinuz'")
})

test.run()
