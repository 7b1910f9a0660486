// Programs that never end, and do not listen to TERM: what /init says, and when it goes on. The functions are those of
// the shipped /init; only the seconds are fewer.
import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { programLimits } from '../../generator/stages/api/program-limits.ts'
import { type Bench, makeBench } from '../differential/boots.ts'
import { shellPackages } from '../differential/shells.ts'
import { needs } from '../support/needs.ts'
import { declareInputs, type HostileInput } from './inputs.ts'

/** It and its child go on for ever; the child keeps what it was given to write to. */
const endless = `#!/bin/busybox sh
trap '' TERM INT HUP
busybox sleep 1000 &
while :; do busybox sleep 1000; done
`

interface Case {
  program: string
  /** What of /init is called. */
  call: string
  /** Shell before it. */
  before?: string
  said: string
}

const killedAria2c = 'aria2-initrd: start: http://s/x: killed: out of memory, or over 2 hours in one try'
/** The same in yash, whose statuses of signals begin at 384: no machine boots with it. */
const killedInYash = 'aria2-initrd: start: http://s/x: ended by signal 265'

const cases: Case[] = [
  {
    program: 'modprobe',
    call: 'load_drivers',
    before: "mkdir -p /sys/bus/pci/devices/x; printf 'pci:x\\n' >/sys/bus/pci/devices/x/modalias",
    said: 'aria2-initrd: start: modprobe killed after 2 s',
  },
  {
    program: 'ip',
    call: 'bring_up_network',
    before:
      'mkdir -p /sys/class/net/eth0/device /run/aria2-initrd; load_drivers() { :; }; linkwatch() { :; }',
    said: 'aria2-initrd: start: ip killed after 2 s',
  },
  {
    program: 'udhcpc',
    call: "start_udhcpc eth0 ''",
    before: 'vendor_class=; client_id=; mkdir -p /run/aria2-initrd',
    said: 'aria2-initrd: start: eth0: udhcpc ended with status',
  },
  {
    program: 'aria2c',
    call: "run_aria2 '' http://s/x /tmp/x '' mem 20",
    before: 'boot_interface=; aria2_seconds=2; mkdir -p /run/aria2-initrd /tmp/x',
    said: killedAria2c,
  },
  {
    program: 'kexec',
    call: "start_next_kernel ''",
    before:
      "printf 'MemAvailable: 9999 kB\\n' >/tmp/m; memory_available() { echo 99999; }; mkdir -p /run/aria2-initrd; kernel=/init; initrds=; image_files=; other_files=0; output_dir=/tmp",
    said: 'aria2-initrd: start: kexec killed after 2 s',
  },
  { program: 'sync', call: 'end_machine reboot', said: 'reboot -n -f' },
]

/** /init with two seconds for each limit, as functions. */
function shortened(init: string): string {
  let text = init.replace(/main "\$@"\n$/, '')
  for (const [program, seconds] of Object.entries(programLimits)) {
    const call = `limited ${seconds} ${program} `
    assert.ok(text.includes(call), `${call} is in /init`)
    text = text.replaceAll(call, `limited 2 ${program} `)
  }
  assert.ok(text.includes('timeout -s KILL 10 sync'))
  return text.replaceAll('timeout -s KILL 10 sync', 'timeout -s KILL 2 sync')
}

/** What a shell says of a case; null where it had to be ended. */
function inShell({ shell, root }: Bench['shells'][number], init: string, each: Case): Promise<string | null> {
  for (const name of ['world', 'tmp', 'run', 'proc', 'sys', 'etc'])
    rmSync(join(root, name), { recursive: true, force: true })
  for (const name of ['world', 'tmp', 'run', 'proc', 'sys', 'etc']) mkdirSync(join(root, name))
  const instant = '#!/bin/busybox sh\n'
  for (const name of ['ip', 'modprobe', 'udhcpc', 'aria2c', 'kexec', 'sync'])
    writeFileSync(join(root, 'sbin', name), name === each.program ? endless : instant, { mode: 0o755 })
  writeFileSync(join(root, 'sbin/sleep'), `${instant}exec busybox sleep "$1"\n`, { mode: 0o755 })
  writeFileSync(join(root, 'sbin/chown'), instant, { mode: 0o755 })
  // As they are called: the words before the program's name, and no other user, who would need a root of his own.
  for (const name of ['setpriv', 'setuidgid'])
    writeFileSync(join(root, 'sbin', name), `${instant}shift\n[ "$1" = kill ] || exec "$@"\n`, {
      mode: 0o755,
    })
  writeFileSync(join(root, 'sbin/reboot'), `${instant}echo "reboot $*" >&2\nkill -9 "$PPID"\n`, {
    mode: 0o755,
  })
  const script = `busybox mount -t proc proc /proc\n${each.before ?? ':'}\n${each.call} || :\necho ENDED >&2\ntrap - EXIT\n`
  writeFileSync(join(root, 'init'), `${init}${script}`, 'latin1')
  const child = spawn('unshare', [
    ...[
      '--mount',
      '--net',
      '--uts',
      '--pid',
      '--fork',
      '--kill-child',
      'chroot',
      root,
      '/bin/busybox',
      'sh',
      '-c',
      '"$@"; exit',
      'sh',
      ...shell.words,
      '/init',
    ],
  ])
  let output = ''
  child.stderr.setEncoding('latin1').on('data', (chunk: string) => {
    output += chunk
  })
  return new Promise(resolve => {
    const limit = setTimeout(() => {
      child.kill('SIGKILL')
      resolve(null)
    }, 40_000)
    child.on('close', () => {
      clearTimeout(limit)
      resolve(output)
    })
  })
}

const bench = process.getuid?.() === 0 ? await makeBench() : undefined
test.after(() => bench?.remove())

const inputs = cases.map(
  (each): HostileInput => ({
    input: `${each.program} never ends, does not listen to TERM, leaves a child (${each.call.replace(/ .*/, '')})`,
    expected: 'is killed, the console says so, the boot goes on',
    run: 'stages and shells',
    async see() {
      if (bench === undefined) return ''
      const init = shortened(bench.init)
      const said = await Promise.all(bench.shells.map(one => inShell(one, init, each)))
      for (const [index, text] of said.entries()) {
        const name = bench.shells[index]?.shell.name
        assert.ok(text !== null, `${name}: it went on for ever`)
        const said = text?.replace(killedInYash, killedAria2c)
        assert.ok(said?.includes(each.said), `${name} lacks ${each.said}\n${text}`)
        if (each.program !== 'sync') assert.match(text ?? '', 'ENDED', name)
      }
      return each.said
    },
  }),
)
declareInputs(test, 'limits', inputs, needs(test, { ...shellPackages, unshare: 'util-linux' }, true))

test.run()
