// Others are told what happens: real boots, a real rsyslogd, `serve`, and collectors that hang or are not there.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { hostFromGuest } from '../../generator/qemu/qemu-words.ts'
import { bootMachine, type MachineEnd } from '../../generator/qemu/virtual-machine.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import { type BootEvent, bootEventKinds } from '../../generator/stages/api/boot-event.ts'
import { startRawServer } from '../hostile/raw-server.ts'
import { until } from '../serve/published.ts'
import { startServe } from '../serve/serve-command.ts'
import { givenParameters } from '../support/given-parameters.ts'
import { needs } from '../support/needs.ts'
import { startRsyslog } from '../support/rsyslog.ts'
import { startSite } from './site.ts'

const site = await startSite()
test.after(() => site.close())
const boots = needs(test, { [qemuProgram.program]: qemuProgram.package, rsyslogd: 'rsyslog' }, true)

const second = 'console=ttyS0 quiet no_timer_check'
const files = `kernel_url=${site.url('vmlinuz')} initrd_url=${site.url('initrd.img')}`
const boot = (append: string, initrd = site.image.initrd): Promise<MachineEnd> =>
  bootMachine({ kernel: site.image.kernel, initrd, append, limit: 240 })

function startedSecond(machine: MachineEnd): void {
  assert.not.match(machine.console, 'Kernel panic')
  assert.is(givenParameters(machine.console, second), second, machine.console)
}

/** The second stage, which also shows the timeline that it was given. */
async function tellingStage(): Promise<Buffer> {
  const init = readFileSync(new URL('../../generator/demo/second-stage-init', import.meta.url), 'utf8')
  const shows = "/bin/busybox sed 's/^/handed on: /' /aria2-initrd/timeline\n/bin/busybox poweroff"
  const content = Buffer.from(init.replace('/bin/busybox poweroff', shows))
  const added = await writeNewc([{ kind: 'file', path: 'init', mode: 0o755, content }])
  return Buffer.concat([readFileSync(join(site.folder, 'initrd.img')), added])
}

boots('serve and rsyslogd are told of a whole boot, to its last event', async () => {
  const syslog = await startRsyslog()
  const serve = await startServe(site.folder, '--aria2c', site.aria2c)
  try {
    assert.match(serve.stdout(), /^ {2}reports {2}of nodes with report=http:\/\/127\.0\.0\.1:\d+\/report$/m)
    site.write('told.img', await tellingStage())
    const collector = `http://${hostFromGuest}:${new URL(serve.url).port}/report`
    const machine = await boot(
      `quiet kernel_url=${site.url('vmlinuz')} initrd_url=${site.url('told.img')} next_timeline ` +
        `next_kernel_params="${second}" syslog=${hostFromGuest}:${syslog.port} report=${collector}`,
    )
    startedSecond(machine)
    assert.match(machine.console, /^handed on: [\d.]+ command-line entered $/m)
    assert.match(machine.console, /^handed on: [\d.]+ network says eth0: DHCP gave ip=10\.0\.2\.15/m)
    assert.match(machine.console, /^handed on: [\d.]+ kexec entered $/m)
    // The last events have 80 ms, which an emulated machine may need for less.
    await serve.says('kexec: entered')
    const lines = serve.stdout().split('\n')
    for (const stage of ['command-line', 'drivers', 'network', 'download', 'verify', 'kexec'])
      assert.ok(
        lines.some(line => line.includes(` s ${stage}: entered`)),
        `${stage}\n${serve.stdout()}`,
      )
    await until('rsyslogd has all', () =>
      syslog.messages().some(({ message }) => message.startsWith('kexec: entered')),
    )
    for (const message of syslog.messages()) {
      assert.is(message.version, '1')
      assert.is(message.program, 'aria2-initrd')
      assert.is(message.facility, 'daemon')
      assert.ok(
        bootEventKinds.some(kind => kind === message.messageId),
        message.messageId,
      )
    }
  } finally {
    await serve.stop()
    await syslog.stop()
  }
  const [, , row = ''] = serve.stdout().split(/^(reports +1 of nodes, 0 gave up)$/m)
  assert.match(row, /52:54:00:12:34:56 +(kexec|handed-over) +[\d.]+ s +\d+ MiB server, 0 MiB swarm/)
})

boots('the events of a boot that fails, field by field', async () => {
  const events: BootEvent[] = []
  const origin = await startOrigin({ folder: site.folder, onReport: (_, event) => events.push(event) })
  try {
    const machine = await boot(
      `quiet kernel_url=${site.url('absent')} retries=1 on_failure=poweroff failure_delay=8 ` +
        `report=http://${hostFromGuest}:${origin.port}/report`,
    )
    assert.match(machine.console, 'reboot: Power down')
  } finally {
    await origin.close()
  }
  // The console then says what follows.
  const last = events.filter(({ event }) => event !== 'says').at(-1)
  assert.is(last?.event, 'gave-up', JSON.stringify(events.slice(-3)))
  assert.match(last?.cause ?? '', 'not found on the server')
  assert.ok(
    events.some(({ event, cause }) => event === 'failed' && cause.includes('not found on the server')),
  )
  for (const [index, { node, ms, kibFromServer }] of events.entries()) {
    assert.is(node.mac, '52:54:00:12:34:56')
    assert.is(node.ip, '10.0.2.15')
    assert.is(kibFromServer, 0)
    assert.ok(ms >= (events[index - 1]?.ms ?? 0))
  }
})

boots('collectors that hang, refuse, or have a name that nobody knows hold no boot', async () => {
  const silent = await startRawServer(() => {})
  const hosts = [`${hostFromGuest}:${silent.port}`, `${hostFromGuest}:1`, 'no-such-name.invalid']
  for (const host of hosts)
    startedSecond(
      await boot(`quiet ${files} next_kernel_params="${second}" report=http://${host}/report syslog=${host}`),
    )
  await silent.close()
})

/** The image with a kexec that shows the kernel's log on the console. */
const showing = join(site.folder, '..', 'showing.img')
const shows = `#!/bin/sh
dmesg | sed -n 's/^.*aria2-initrd: /in the kernel log: /p' >/dev/console
poweroff -f
`
writeFileSync(
  showing,
  Buffer.concat([
    readFileSync(site.image.initrd),
    await writeNewc([{ kind: 'file', path: 'sbin/kexec', mode: 0o755, content: Buffer.from(shows) }]),
  ]),
)

for (const [level, isInLog] of [
  ['loglevel=7', true],
  ['loglevel=8', false],
  ['quiet ignore_loglevel', false],
] as const)
  boots(
    `${level}: each line once on the console, and ${isInLog ? '' : 'not '}in the kernel's log`,
    async () => {
      const { console } = await boot(`${level} ${files}`, showing)
      const count = (text: string) => console.split(text).length - 1
      const have = 'download: have /tmp/kernel/vmlinuz'
      assert.is(count(`aria2-initrd: ${have}`), 1, console)
      assert.is(
        count('in the kernel log: download: says: have /tmp/kernel/vmlinuz'),
        isInLog ? 1 : 0,
        console,
      )
      assert.is(count('have /tmp/kernel/vmlinuz'), isInLog ? 2 : 1, console)
      assert.is(count('in the kernel log: verify: entered'), isInLog ? 1 : 0, console)
    },
  )

test.run()
