/** Next systems as Debian's own programs make them: their initrds, and roots that are booted from an image. */
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silent } from '../../generator/host/console/progress.ts'
import type { Kernel } from '../../generator/image/kernel/kernel.ts'
import { makeInDebian } from '../support/made-in-debian.ts'

/** What every dracut here needs. */
const dracutPackages = [
  'dracut-core',
  'dracut-live',
  'systemd',
  'systemd-sysv',
  'udev',
  'dmsetup',
  'kmod',
  'zstd',
]

const programs = [
  ...[...dracutPackages, 'busybox-static', 'live-boot', 'initramfs-tools', 'squashfs-tools'],
  ...['systemd-ukify', 'systemd-boot-efi'],
]

const makeDracut = (module: string) => `set -eu
depmod "$KERNEL_VERSION"
dracut --force --no-hostonly --kver "$KERNEL_VERSION" --add ${module} /made/dracut.img
`

/** A unified kernel image whose initrd shows itself, beside microcode that no processor takes. */
const makeUki = `mkdir -p /uki/bin /uki/dev /uki/proc /microcode/kernel/x86/microcode
cp /usr/bin/busybox /uki/bin
mknod /uki/dev/console c 5 1
cat >/uki/init <<'INIT'
${readFileSync(new URL('../../generator/demo/second-stage-init', import.meta.url), 'utf8')}INIT
chmod +x /uki/init
echo none >/microcode/kernel/x86/microcode/GenuineIntel.bin
(cd /microcode && find . | cpio -o -H newc --quiet) >/tmp/microcode.img
(cd /uki && find . | cpio -o -H newc --quiet | zstd -q) >/tmp/second.img
ukify build --linux=/tmp/vmlinuz --microcode=/tmp/microcode.img --initrd=/tmp/second.img \\
    --cmdline='console=ttyS0 quiet no_timer_check from=uki' --output=/made/second.efi
rm -r /uki /microcode
`

/** The Debian itself is a root, too: up to its login. What a dracut of its own brings is not in it. */
const makeAll = `${makeDracut('dmsquash-live')}${makeUki}mkinitramfs -o /made/live-boot.img "$KERNEL_VERSION"
passwd -d root
mksquashfs / /made/root.squashfs -quiet -no-progress -comp zstd -Xcompression-level 3 -one-file-system \\
    -p 'proc d 755 0 0' -p 'sys d 755 0 0' -p 'dev d 755 0 0' -p 'run d 755 0 0' -p 'tmp d 1777 0 0' \\
    -e proc sys dev run tmp made boot usr/lib/modules usr/lib/dracut usr/share usr/lib/firmware usr/lib/python3* var/lib/apt var/cache
`

/** The folders of what Debian's releases have made. */
export interface NextSystems {
  trixie: string
  bookworm: string
  forky: string
}

/**
 * Initrds, a unified kernel image and a root of Debian 13, the initrd of Debian 12's dracut, and that of testing's with
 * systemd-import: 2 to 3 min, then from the cache.
 */
export async function makeNextSystems(kernel: Kernel): Promise<NextSystems> {
  const make = (release: string, packages: string[], script: string, ...results: string[]) =>
    makeInDebian({ release, packages, kernel, script, results }, 'make the systems that are booted', silent)
  const withImport = ['dracut-network', 'systemd-container', 'curl']
  const [trixie, bookworm, forky] = await Promise.all([
    make('trixie', programs, makeAll, 'dracut.img', 'live-boot.img', 'second.efi', 'root.squashfs'),
    make('bookworm', dracutPackages, makeDracut('dmsquash-live'), 'dracut.img'),
    make('forky', [...dracutPackages, ...withImport], makeDracut('systemd-import'), 'dracut.img'),
  ])
  return { trixie, bookworm, forky }
}

/** What a root says that has come up, before the lines that show where it is. */
export const rootMarker = '---- the real root ----'
/** The same as tables say it. */
export const rootComesUp = 'the root comes up'

/** An init that shows from what it runs, and powers off. */
const markerInit = `#!/bin/busybox sh
# The init of the tests' small root.
exec >/dev/console 2>&1
b=/bin/busybox
# As systemd does: what it was handed it keeps.
[ -e /proc/self ] || $b mount -t proc proc /proc
$b dmesg -n 1
$b printf '\\n${rootMarker}\\n'
$b grep ' / ' /proc/mounts
$b printf 'command line: '
$b cat /proc/cmdline
$b printf 'release: '
$b cat /etc/os-release
$b printf '' >/written 2>/dev/null && $b printf 'writable\\n' || $b printf 'read-only\\n'
$b ls -d /run/aria2-initrd /proc/self /sys/kernel /dev/null
for comm in /proc/[0-9]*/comm; do
    read -r name <"$comm"
    case $name in linkwatch | nd6watch | udhcpc | udhcpc6) $b printf 'left over: %s\\n' "$name" ;; esac
done
$b printf -- '---- end ----\\n'
$b sync
$b poweroff -f
`

/** Lays out a root of a static BusyBox and the init that shows itself. */
export function laySmallRoot(folder: string, busybox: string): void {
  for (const path of ['bin', 'dev', 'etc', 'proc', 'run', 'sys', 'tmp', 'usr/lib', 'usr/sbin', 'var'])
    mkdirSync(join(folder, path), { recursive: true })
  copyFileSync(busybox, join(folder, 'bin/busybox'))
  chmodSync(join(folder, 'bin/busybox'), 0o755)
  symlinkSync('busybox', join(folder, 'bin/sh'))
  symlinkSync('usr/sbin', join(folder, 'sbin'))
  writeFileSync(join(folder, 'etc/os-release'), 'ID=small\n')
  writeFileSync(join(folder, 'usr/sbin/init'), markerInit)
  chmodSync(join(folder, 'usr/sbin/init'), 0o755)
}

export const makeSquashfs = (folder: string, image: string): void =>
  void execFileSync('mksquashfs', [folder, image, '-quiet', '-no-progress', '-all-root'], { stdio: 'pipe' })
export const makeErofs = (folder: string, image: string): void =>
  void execFileSync('mkfs.erofs', ['--all-root', image, folder], { stdio: 'pipe' })

/** An archive of a folder, root's, by the host's own tar(1), compressed as its name says. */
export const makeTar = (folder: string, archive: string): void =>
  void execFileSync('tar', ['-caf', archive, '--owner=0', '--group=0', '-C', folder, '.'], { stdio: 'pipe' })
/** The same by the host's cpio(1), in the format that kernels read. */
export const makeCpio = (folder: string, archive: string): void =>
  void execFileSync('sh', ['-c', 'find . | cpio -o -H newc -R 0:0 --quiet >"$1"', 'sh', archive], {
    cwd: folder,
    stdio: 'pipe',
  })
