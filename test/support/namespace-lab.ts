/**
 * What labs of network namespaces have in common: nodes that run the bytes of /init, up to some stage, on the image's own
 * programs, each in a namespace and a root of its own.
 */
import {
  type ChildProcess,
  type ChildProcessWithoutNullStreams,
  execFileSync,
  spawn,
} from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { root } from './root.ts'

export const ip = (...words: string[]): void => void execFileSync('ip', words, { stdio: 'pipe' })

let bridges = 0
/**
 * The commands of `ip` for a bridge that stays as it is while nodes come and go. Its address is its own: else it takes the
 * lowest of its ports', and those that know it by an older one lose their packets. And an idle port keeps it running, which
 * Kea wants before it listens.
 */
export function addBridge(name: string, ...words: string[]): string[][] {
  bridges += 1
  const address = `02:09:ff:00:00:${bridges.toString(16).padStart(2, '0')}`
  const [port, end] = [`${name}-idle`, `${name}-end`]
  return [
    ['link', 'add', name, 'address', address, 'type', 'bridge', ...words],
    ['link', 'add', port, 'type', 'veth', 'peer', 'name', end],
    ['link', 'set', end, 'up'],
    ['link', 'set', port, 'master', name, 'up'],
    // Nothing goes out there, or servers would hear each node twice.
    ['link', 'set', port, 'type', 'bridge_slave', 'flood', 'off', 'mcast_flood', 'off', 'bcast_flood', 'off'],
  ]
}

/** What a node left: all that it wrote before the line `STATE`, and what it showed behind that. */
export interface NodeEnd {
  /** The lines of /init and of the hook, without `aria2-initrd: network: `. */
  console: string[]
  /** One line for each, with single blanks. */
  state: string[]
}

export const filled = (text: string): string[] => text.split('\n').filter(line => line.trim() !== '')
export const squeezed = (line: string): string => line.trim().replace(/\s+/g, ' ')

export function nodeEnd(output: string): NodeEnd {
  const [console = '', state = 'no end'] = output.split('STATE\n')
  return {
    console: filled(console).map(line => line.replace('aria2-initrd: network: ', '')),
    state: filled(state).map(squeezed),
  }
}

export class NamespaceLab {
  readonly folder: string
  protected readonly children: ChildProcess[] = []
  readonly #namespaces: string[] = []
  #init = ''

  /** @param name that of its folder begins with it */
  protected constructor(name: string) {
    this.folder = mkdtempSync(join(tmpdir(), name))
    process.on('exit', () => this.stop())
  }

  /** Lays out the programs and /init that all nodes share. */
  protected async prepare(): Promise<void> {
    const { busybox, applets, aria2c } = await provideBinaries(silent)
    const bin = join(this.folder, 'bin')
    mkdirSync(bin)
    copyFileSync(busybox.path, join(bin, 'busybox'))
    copyFileSync(aria2c.path, join(bin, 'aria2c'))
    for (const applet of applets) symlinkSync('busybox', join(bin, applet))
    symlinkSync('aria2c', join(bin, 'cms-verify'))
    this.#init = Buffer.from(await ownInit()).toString('latin1')
  }

  protected namespace(name: string): string {
    ip('netns', 'add', name)
    this.#namespaces.push(name)
    return name
  }

  /**
   * Makes a node's root.
   * @param script what is done instead of a boot, once its file systems are mounted and its loopback is up; from `STATE` on it
   *   shows how things are
   * @returns its path
   */
  protected makeRoot(name: string, hooks: string[], script: string): string {
    const at = join(this.folder, name)
    for (const folder of ['bin', 'dev', 'proc', 'sys', 'run', 'etc', 'usr/share/udhcpc'])
      mkdirSync(join(at, folder), { recursive: true })
    execFileSync('cp', ['-al', `${this.folder}/bin/.`, join(at, 'bin')])
    for (const hook of hooks) {
      const path = `usr/share/udhcpc/${hook}`
      copyFileSync(join(root, 'rootfs-skel', path), join(at, path))
      chmodSync(join(at, path), 0o755)
    }
    const before = `${this.#init.replace(/main "\$@"\n$/, '')}
trap - EXIT
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for folder in /dev /run /etc; do mount -t tmpfs tmpfs "$folder"; done
mknod /dev/null c 1 3
mknod /dev/urandom c 1 9
mkdir -p /run/aria2-initrd
hostname '(none)'
ip link set dev lo up
# This machine's drivers are none of ours.
load_drivers() { :; }
`
    writeFileSync(join(at, 'init'), `${before}${script}`, 'latin1')
    return at
  }

  /** Starts a node's words in its root; KILL ends it after so many seconds. */
  protected startNode(
    namespace: string,
    at: string,
    words: string[],
    seconds: number,
  ): ChildProcessWithoutNullStreams {
    const isolation = ['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child', 'chroot', at]
    const child = spawn('ip', ['netns', 'exec', namespace, ...isolation, ...words])
    this.children.push(child)
    const limit = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
    child.once('close', () => clearTimeout(limit))
    return child
  }

  stop(): void {
    for (const child of this.children.splice(0)) child.kill('SIGKILL')
    for (const name of this.#namespaces.splice(0)) {
      try {
        const inside = execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' })
        for (const pid of filled(inside)) process.kill(Number(pid), 'SIGKILL')
        ip('netns', 'del', name)
      } catch {
        // It has gone by itself.
      }
    }
    rmSync(this.folder, { recursive: true, force: true })
  }
}
