import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { boot, both } from '../../support/boots.ts'

/** Whether the kernel's log gets the events, by the console's levels and whether it shows all. */
const getsEvents = (levels: string, showsAll: string): boolean =>
  boot(both, {
    files: {
      '/proc/sys/kernel/printk': `${levels}\n`,
      '/sys/module/printk/parameters/ignore_loglevel': `${showsAll}\n`,
    },
  }).machine.files.exists('/run/aria2-initrd/kernel-log')

test('the kernel’s log gets what the console does not show of it', () => {
  for (const level of ['0', '1', '4', '6', '7']) assert.ok(getsEvents(`${level}\t4\t1\t7`, 'N'), level)
  for (const level of ['8', '9', '10', '15', '']) assert.not.ok(getsEvents(`${level}\t4\t1\t7`, 'N'), level)
  assert.not.ok(getsEvents('4\t4\t1\t7', 'Y'))
  assert.not.ok(boot(both).machine.files.exists('/run/aria2-initrd/kernel-log'))
})

test('the timeline has each stage, what the console said, and what came from where', () => {
  const { machine } = boot(`${both} report=http://s/r`)
  const timeline = machine.files.read('/run/aria2-initrd/timeline').toString('latin1')
  const events = timeline.split('\n').map(line => line.split(' ').slice(1).join(' '))
  for (const stage of ['command-line', 'drivers', 'network', 'download', 'verify', 'kexec'])
    assert.ok(events.includes(`${stage} entered `), stage)
  assert.ok(events.includes('download says have /tmp/kernel/k'), timeline)
  assert.match(timeline, /^\S+ download fetched server \d+ http:\/\/s\/k$/m)
  assert.match(timeline, /^\S+ kexec handed-over \/tmp\/kernel\/k$/m)
})

test.run()
