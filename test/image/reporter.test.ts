// The reporter of the image, as it is shipped, under the packed shell and dash: real syslog server, real collector, and
// such as hang, are not there, or have a name that nobody knows.
import { execFileSync, spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { startOrigin } from '../../generator/serve/origin.ts'
import type { BootEvent } from '../../generator/stages/api/boot-event.ts'
import { startRawServer } from '../hostile/raw-server.ts'
import { until } from '../serve/published.ts'
import { needs } from '../support/needs.ts'
import { startRsyslog } from '../support/rsyslog.ts'

const { busybox, applets } = await provideBinaries(terminalProgress())
const script = '/usr/sbin/reporter'
const rootTest = needs(test, { dash: 'dash', chroot: 'coreutils' }, true)
const syslogTest = needs(test, { rsyslogd: 'rsyslog' }, true)

const started: number[] = []
const roots: string[] = []
const closers: (() => unknown)[] = []
test.after(async () => {
  for (const close of closers) await close()
  for (const pid of started) {
    try {
      process.kill(pid)
    } catch {
      // It has ended.
    }
  }
  for (const root of roots) rmSync(root, { recursive: true, force: true })
})

/** A machine with a lease, and a serial number that somebody thought of. */
const machine: Record<string, string> = {
  'run/aria2-initrd/way': 'eth0\n',
  'run/aria2-initrd/timeline': '',
  'sys/class/net/eth0/address': '52:54:00:12:34:56\n',
  'sys/class/dmi/id/product_uuid': 'c0ffee00-0000-4000-8000-000000000001\n',
  'sys/class/dmi/id/product_serial': 'S"1\\\xff\x1b[2J\n',
  'proc/sys/kernel/hostname': 'node5\n',
  'etc/resolv.conf': 'nameserver 127.0.0.1\n',
  'dev/null': '',
}

interface Reporter {
  run(...words: string[]): { status: number | null; seconds: number }
  /** Adds lines to the timeline. */
  happens(...lines: string[]): void
  file(path: string): string
}

function reporterUnder(shell: 'ash' | 'dash', files: Record<string, string> = {}): Reporter {
  const root = mkdtempSync(join(tmpdir(), 'reporter-'))
  roots.push(root)
  for (const folder of ['bin', 'usr/sbin']) mkdirSync(join(root, folder), { recursive: true })
  cpSync(busybox.path, join(root, 'bin/busybox'))
  for (const applet of applets) if (applet !== 'ip') symlinkSync('busybox', join(root, 'bin', applet))
  writeFileSync(
    join(root, 'usr/sbin/ip'),
    "#!/bin/sh\necho '2: eth0    inet 10.0.2.15/24 brd 10.0.2.255 scope global eth0'\n",
    { mode: 0o755 },
  )
  for (const [path, text] of Object.entries({ ...machine, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text, 'latin1')
  }
  cpSync(join(import.meta.dirname, '../../rootfs-skel', script), join(root, script))
  const words = ['/bin/busybox', 'ash']
  if (shell === 'dash') {
    const dash = findProgram('dash') ?? ''
    cpSync(dash, join(root, 'bin/dash'), { dereference: true })
    for (const [library] of execFileSync('ldd', [dash], { encoding: 'utf8' }).matchAll(/\/\S+/g))
      cpSync(library, join(root, library), { dereference: true })
    words.splice(0, 2, '/bin/dash')
  }
  const state = join(root, 'run/aria2-initrd')
  return {
    run(...given) {
      const before = performance.now()
      const limit = given[0] === 'flush' ? ['/bin/busybox', 'timeout', '-s', 'KILL', '0.08'] : []
      const { status } = spawnSync('chroot', [root, ...limit, ...words, script, ...given], {
        timeout: 10_000,
      })
      if (given[0] === 'start') {
        for (const kind of ['syslog', 'report']) {
          try {
            started.push(Number(readFileSync(join(state, `reporter.${kind}`), 'utf8')))
          } catch {
            // Not asked for.
          }
        }
      }
      return { status, seconds: (performance.now() - before) / 1000 }
    },
    happens: (...lines) => appendFileSync(join(state, 'timeline'), `${lines.join('\n')}\n`, 'latin1'),
    file: path => readFileSync(join(root, path), 'latin1'),
  }
}

/** A collector, as `serve` has one. */
async function collector() {
  const events: BootEvent[] = []
  const folder = mkdtempSync(join(tmpdir(), 'collector-'))
  roots.push(folder)
  const origin = await startOrigin({ folder, onReport: (_, event) => events.push(event), onAnswer: () => {} })
  closers.push(() => origin.close().catch(() => {}))
  return { events, origin, port: origin.port }
}

for (const shell of ['ash', 'dash'] as const) {
  rootTest(`${shell}: events by HTTP, in their order, as serve reads them`, async () => {
    const { events, port } = await collector()
    const reporter = reporterUnder(shell)
    reporter.happens('0.42 command-line entered ', '1.05 download says a "quoted" \\ text\\x1b[2J')
    const { status, seconds } = reporter.run('start', '', `127.0.0.1 ${port}`, '/report')
    assert.is(status, 0)
    assert.ok(seconds < 1, `${seconds} s`)
    await until('both events', () => events.length === 2)
    reporter.happens(
      '12.30 download fetched server 2048 http://s/k',
      '13.00 download fetched swarm 5 http://s/t.torrent',
      '100.07 download failed http://s/i: not found on the server (aria2 status 3)',
      '100.90 download failed gave up after try 3 (retries=3)',
      '101.00 download gave-up reboot',
    )
    // The last events are told at once, and not at the next second.
    await until('all is told', () => reporter.run('flush').status === 0 && events.length === 7)
    const node = {
      mac: '52:54:00:12:34:56',
      ip: '10.0.2.15',
      hostname: 'node5',
      uuid: 'c0ffee00-0000-4000-8000-000000000001',
      serial: 'S"1\\??[2J',
    }
    const none = { node, kibFromServer: 0, kibFromSwarm: 0, cause: '' }
    const all = { ...none, stage: 'download', kibFromServer: 2048, kibFromSwarm: 5 }
    const cause = 'http://s/i: not found on the server (aria2 status 3)'
    assert.equal(events, [
      { ...none, stage: 'command-line', event: 'entered', ms: 420, text: '' },
      { ...none, stage: 'download', event: 'says', ms: 1050, text: 'a "quoted" \\ text\\x1b[2J' },
      { ...all, event: 'fetched', ms: 12_300, kibFromSwarm: 0, text: 'server 2048 http://s/k' },
      { ...all, event: 'fetched', ms: 13_000, text: 'swarm 5 http://s/t.torrent' },
      { ...all, event: 'failed', ms: 100_070, text: cause, cause },
      { ...all, event: 'failed', ms: 100_900, text: 'gave up after try 3 (retries=3)', cause },
      { ...all, event: 'gave-up', ms: 101_000, text: 'reboot', cause },
    ])
  })

  syslogTest(`${shell}: rsyslogd takes what is sent by RFC 5424`, async () => {
    const syslog = await startRsyslog()
    closers.push(() => syslog.stop())
    const reporter = reporterUnder(shell)
    reporter.happens('0.42 command-line entered ')
    reporter.run('start', `127.0.0.1 ${syslog.port}`, '', '')
    await until('rsyslogd is there', () => {
      reporter.happens('0.50 network says are you there?')
      reporter.run('flush')
      return syslog.messages().length > 0
    })
    reporter.happens('9.99 download failed http://s/k: 100% wrong', '10.00 download gave-up reboot')
    // Each is a packet of its own, and a later one may overtake it.
    const found = () => syslog.messages().filter(({ messageId }) => !['entered', 'says'].includes(messageId))
    await until('all is told', () => found().length === 2)
    const common = { facility: 'daemon', hostname: 'node5', program: 'aria2-initrd', version: '1' }
    assert.equal(
      found().sort((a, b) => (a.messageId < b.messageId ? -1 : 1)),
      [
        { ...common, severity: 'err', messageId: 'failed', message: 'download: http://s/k: 100% wrong' },
        { ...common, severity: 'crit', messageId: 'gave-up', message: 'download: reboot' },
      ],
    )
    assert.equal(
      syslog.messages().filter(({ hostname }) => hostname !== 'node5'),
      [],
    )
  })
}

rootTest('a collector that hangs, is not there, or has an unknown name holds nobody', async () => {
  const { port, close } = await startRawServer(() => {})
  closers.push(close)
  for (const where of [`127.0.0.1 ${port}`, '127.0.0.1 1', 'no-such-name.invalid 80']) {
    const reporter = reporterUnder('ash')
    reporter.happens('1.00 network entered ', '1.10 network says one', '1.20 network says two')
    const begin = reporter.run('start', where, where, '/report')
    assert.is(begin.status, 0)
    assert.ok(begin.seconds < 1, `${where}: ${begin.seconds} s to start`)
    reporter.happens('2.00 kexec handed-over /tmp/kernel/vmlinuz')
    const flush = reporter.run('flush')
    assert.ok(flush.seconds < 0.5, `${where}: ${flush.seconds} s for the last event`)
  }
})

rootTest('a collector that comes back gets what comes then', async () => {
  const { events, origin, port } = await collector()
  await origin.close()
  const reporter = reporterUnder('ash')
  reporter.happens('1.00 network entered ')
  reporter.run('start', '', `127.0.0.1 ${port}`, '/report')
  await until('the first is lost', () => reporter.file('run/aria2-initrd/told.report') !== '0\n')
  const again = await startOrigin({
    folder: tmpdir(),
    port,
    onReport: (_, event) => events.push(event),
    onAnswer: () => {},
  })
  closers.push(() => again.close())
  reporter.happens('2.00 download entered ')
  await until('the second', () => events.length === 1)
  assert.is(events[0]?.stage, 'download')
})

rootTest('what is in the timeline by mistake is sent as data, or as nothing', async () => {
  const { events, port } = await collector()
  const reporter = reporterUnder('ash')
  reporter.happens(
    '08.09 a says $(touch /pwned) `touch /pwned`; * ? [a-z]',
    'x',
    '',
    '1.2.3 b says -e',
    `2.00 c says ${'"\\'.repeat(2048)}`,
    '3.00 d fetched server 08 x',
    '3.50 d fetched server $(touch /pwned) x',
    '4.00 e entered ',
  )
  reporter.run('start', '', `127.0.0.1 ${port}`, '/report')
  await until('the last', () => events.some(({ stage }) => stage === 'e'))
  assert.equal(
    events.map(({ stage, ms, text }) => [stage, ms, text.length]),
    [
      ['a', 0, 41],
      ['b', 0, 2],
      ['c', 2000, 4096],
      ['d', 3000, 11],
      ['d', 3500, 24],
      ['e', 4000, 0],
    ],
  )
  assert.throws(() => reporter.file('pwned'))
})

test.run()
