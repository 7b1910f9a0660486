import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compressZstd } from '../../generator/image/compression/zstd.ts'
import type { Kernel } from '../../generator/image/kernel/kernel.ts'
import { driverEntries } from '../../generator/image/modules/module-entries.ts'
import { defaultModules } from '../../generator/image/modules/selection.ts'
import type { ArchiveEntry } from '../../generator/image/newc/entry.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import type { Bench } from './own-image.ts'
import type { PeerImage } from './peer-images.ts'

/** What many a site writes by itself: no waiting, no second card, no digest, no second try. */
const init = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for round in 1 2; do modprobe -a -b -q $(cat /sys/bus/*/devices/*/modalias) 2>/dev/null; done
for word in $(cat /proc/cmdline); do case $word in plain_url=*) url=\${word#*=} ;; esac; done
ip link set eth0 up
udhcpc -i eth0 -n -q -f -s /lease
wget -q -O /file "$url"
poweroff -f
`

const lease = `#!/bin/sh
[ "$1" = bound ] || exit 0
ip addr add "$ip/$mask" dev "$interface"
[ -z "$router" ] || ip route add default via "$router"
`

/** BusyBox, the same drivers as in ours, and a short script as /init. */
export async function makePlainImage({ folder, progress }: Bench, kernel: Kernel): Promise<PeerImage> {
  const start = performance.now()
  const { busybox, applets } = await provideBinaries(progress)
  const { modules } = await driverEntries(kernel, defaultModules, undefined, progress, ['.xz'])
  const file = (path: string, content: Buffer | string): ArchiveEntry => ({
    ...{ kind: 'file', path, mode: 0o755 },
    content: Buffer.from(content),
  })
  const folders = ['bin', 'dev', 'lib', 'lib/modules', 'proc', 'sys']
  const programs: ArchiveEntry[] = [
    ...folders.map((path): ArchiveEntry => ({ kind: 'directory', path, mode: 0o755 })),
    { kind: 'character-device', path: 'dev/console', mode: 0o600, major: 5, minor: 1 },
    { kind: 'character-device', path: 'dev/null', mode: 0o666, major: 1, minor: 3 },
    file('bin/busybox', readFileSync(busybox.path)),
    ...applets
      .filter(applet => applet !== 'busybox')
      .map((applet): ArchiveEntry => ({ kind: 'symlink', path: `bin/${applet}`, target: 'busybox' })),
    file('init', init),
    file('lease', lease),
  ]
  const archive = await compressZstd(await writeNewc(programs))
  const path = join(folder, 'plain.img')
  // The modules are compressed already, one by one, as in ours; a bare archive begins at a multiple of four.
  writeFileSync(path, Buffer.concat([archive, Buffer.alloc(-archive.length & 3), await writeNewc(modules)]))
  return { path, name: 'BusyBox, a script of ten lines', buildTime: performance.now() - start }
}
