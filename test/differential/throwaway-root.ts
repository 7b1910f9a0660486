/**
 * A root of its own for each shell, with the shell, the packed BusyBox for the commands that are real, and one shim
 * for those that would change the machine.
 */
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Shell } from './shells.ts'

/** Commands that play what the simulator said. */
export const scripted = [
  'arping',
  'chown',
  'cpio',
  'date',
  'df',
  'dmesg',
  'findfs',
  'halt',
  'ip',
  'kexec',
  'killall',
  'linkwatch',
  'modprobe',
  'mount',
  'nc',
  'nd6watch',
  'nslookup',
  'ntpd',
  'ping',
  'poweroff',
  'readlink',
  'reboot',
  'reporter',
  'setpriv',
  'setsid',
  'setuidgid',
  'sleep',
  'switch_root',
  'sync',
  'tar',
  'udhcpc',
  'udhcpc6',
  'umount',
  'verity',
]

/** Those that read all that is piped into them. */
const readers = ['cpio', 'tar']

/** What hostile values try to start; it only ever shows up in a trace. */
export const canary = 'canary'

const real = [
  'base64',
  'cat',
  'chmod',
  'cmp',
  'cp',
  'env',
  'find',
  'grep',
  'head',
  'ls',
  'mkdir',
  'mknod',
  'mv',
  'od',
  'rm',
  'sed',
  'sha256sum',
  'sha512sum',
]
const alsoReal = ['printf', 'sort', 'stat', 'tail', 'timeout', 'tr', 'xzcat', 'zcat']

/**
 * Writes its words into /world/trace, each ended by a zero byte, then does what /world/calls says of this call. The
 * last call of a boot ends the shell that runs /init: behind it no machine would be left.
 */
const shim = `#!/bin/busybox sh
printf '%s\\0' "$#" "\${0##*/}" "$@" >>/world/trace
read -r n </world/next
echo "$((n + 1))" >/world/next
if [ -e "/world/calls/$n" ]; then
    . "/world/calls/$n"
fi
read -r init </world/pid
kill -9 "$init"
exit 99
`

/** Only ever called by a value that became code. */
const canaryShim = `#!/bin/busybox sh
printf '%s\\0' "$#" canary "$@" >>/world/trace
`

/**
 * From now on each command of a root writes its name and environment into /dev/environment.PID before it does what it does:
 * commands of a pipeline run at the same time.
 */
export function recordEnvironment(root: string): void {
  const record = `printf '%s\\nEND\\n' "\${0##*/}\n$(busybox env)" >>/dev/environment.$$\n`
  for (const name of scripted) writeFileSync(join(root, 'sbin', name), shim.replace('\n', `\n${record}`))
  for (const name of [...real, ...alsoReal]) {
    if (name === 'env') continue
    rmSync(join(root, 'bin', name))
    const script = `#!/bin/busybox sh\n${record}exec busybox ${name} "$@"\n`
    writeFileSync(join(root, 'bin', name), script, { mode: 0o755 })
  }
}

/** Top-level names that are the root's own, and no result of a run. */
export const fixedNames = new Set(['bin', 'sbin', 'usr', 'lib', 'lib64', 'lib32', 'dev', 'world', 'init'])

/** Lays /dev anew, without what the world of another run had there. */
export function layDevices(root: string): void {
  rmSync(join(root, 'dev'), { recursive: true, force: true })
  mkdirSync(join(root, 'dev'))
  // Plain files will do: nobody reads more than three bytes of zeros.
  writeFileSync(join(root, 'dev/null'), '')
  writeFileSync(join(root, 'dev/zero'), Buffer.alloc(16))
  // Chance says the most, as the simulator's does.
  writeFileSync(join(root, 'dev/urandom'), Buffer.alloc(2, 0xff))
}

/** Makes the root; `remove` takes it away again. */
export function makeRoot(shell: Shell, busybox: string): { path: string; remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'init-root-'))
  const place = (from: string, to: string): void => {
    mkdirSync(dirname(join(root, to)), { recursive: true })
    copyFileSync(from, join(root, to))
    chmodSync(join(root, to), 0o755)
  }
  for (const folder of ['bin', 'sbin', 'world']) mkdirSync(join(root, folder))
  place(busybox, 'bin/busybox')
  for (const name of [...real, ...alsoReal]) symlinkSync('busybox', join(root, 'bin', name))
  for (const name of scripted) writeFileSync(join(root, 'sbin', name), shim, { mode: 0o755 })
  for (const name of readers)
    writeFileSync(join(root, 'sbin', name), shim.replace('\n', '\nbusybox cat >/dev/null\n'))
  writeFileSync(join(root, 'sbin', canary), canaryShim, { mode: 0o755 })
  for (const file of shell.files) place(file, file)
  // What /init starts anew under. With -c it waits for an event, which the simulator has.
  mkdirSync(join(root, 'bin/scripted'))
  writeFileSync(join(root, 'bin/scripted/sh'), shim, { mode: 0o755 })
  const anew = `[ "$1" != -c ] || exec /bin/scripted/sh "$@"\nexec ${shell.words.join(' ')} "$@"`
  writeFileSync(join(root, 'bin/sh'), `#!/bin/busybox sh\n${anew}\n`, { mode: 0o755 })
  layDevices(root)
  return { path: root, remove: () => rmSync(root, { recursive: true, force: true }) }
}
