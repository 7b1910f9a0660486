/** The folder that all nodes take for their root: what the initramfs holds, and the lab's few scripts. */
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'

const scripts = fileURLToPath(new URL('node', import.meta.url))
const skeleton = fileURLToPath(new URL('../../rootfs-skel/etc', import.meta.url))

let shipped: Promise<string> | undefined

/** The last line of /init, which starts the boot; the lab starts single stages. */
const start = 'main "$@"\n'
/** Where it starts anew, with an environment of its own: the lab's nodes have one already. */
const restart = /^if \[ "\$0" != \/\.\/init \]; then\n.*\nfi\n/m

export interface NodeRoot {
  /** What the nodes' kernel is told. */
  cmdline: string
  /** Path of the aria2c to use, by default the one that is packed. */
  aria2c?: string
}

/** What /init declares: a script that reads it may call its functions. */
export function functionsOf(init: string): string {
  if (!init.endsWith(start)) throw new Error(`/init does not end with ${start}`)
  if (!restart.test(init)) throw new Error('/init does not start anew')
  return init.slice(0, -start.length).replace(restart, '')
}

/** Fills a folder with the packed BusyBox, the packed aria2c, and the functions of the shipped /init. */
export async function makeNodeRoot(folder: string, { cmdline, aria2c }: NodeRoot): Promise<void> {
  const binaries = await provideBinaries(terminalProgress())
  shipped ??= ownInit()
  const functions = functionsOf(await shipped)
  for (const name of [
    'bin',
    'sbin',
    'usr/bin',
    'usr/sbin',
    'etc/ssl/certs',
    'lab',
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
  ])
    mkdirSync(join(folder, name), { recursive: true })
  // aria2c is not root.
  chmodSync(folder, 0o755)
  for (const name of ['passwd', 'group']) copyFileSync(join(skeleton, name), join(folder, 'etc', name))
  const place = (from: string, to: string) => {
    copyFileSync(from, join(folder, to))
    chmodSync(join(folder, to), 0o755)
  }
  place(binaries.busybox.path, 'bin/busybox')
  for (const applet of binaries.applets) symlinkSync('busybox', join(folder, 'bin', applet))
  place(aria2c ?? binaries.aria2c.path, 'usr/bin/aria2c')
  // PATH in /init names /usr/sbin first.
  place(join(scripts, 'aria2c.sh'), 'usr/sbin/aria2c')
  place(binaries.caBundle, 'etc/ssl/certs/ca-certificates.crt')
  place(join(scripts, 'node.sh'), 'lab/node')
  place(join(scripts, 'complete.sh'), 'lab/complete')
  writeFileSync(join(folder, 'lab/functions'), functions)
  writeFileSync(join(folder, 'lab/cmdline'), `${cmdline}\n`)
}
