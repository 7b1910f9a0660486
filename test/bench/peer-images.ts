import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../../generator/host/console/progress.ts'
import type { Kernel } from '../../generator/image/kernel/kernel.ts'
import { makeInDebian } from '../support/made-in-debian.ts'

/** A network initramfs by another program, for the same kernel. */
export interface PeerImage {
  /** Path of the image in the cache. */
  path: string
  /** Such as `dracut 112-7`. */
  name: string
  /** Milliseconds that it took to make. */
  buildTime: number
}

/** The release whose programs are compared: the newest that there are. */
const peerRelease = 'forky'

/** Debian's packages of both, with all that they take into a network initramfs. */
const packages = [
  ...[
    'busybox',
    'curl',
    'dmsetup',
    'dhcpcd-base',
    'iproute2',
    'kmod',
    'nfs-common',
    'systemd',
    'systemd-sysv',
    'udev',
    'zstd',
  ],
  ...['dracut-core', 'dracut-network'],
  'initramfs-tools',
]

/** Makes both images inside a Debian; a kernel's modules lie there already. */
const makeImages = `set -eu
depmod "$KERNEL_VERSION"
timed() {
    name=$1
    shift
    start=$(date +%s%3N)
    "$@" >&2
    echo "$name $(($(date +%s%3N) - start)) $(dpkg-query -W -f '\${Version}' "$package")" >>/made/made
}
package=dracut-core
timed dracut dracut --force --no-hostonly --kver "$KERNEL_VERSION" --add livenet /made/dracut.img
# A network initramfs in its own words: "only network drivers".
sed -i 's/^MODULES=.*/MODULES=netboot/' /etc/initramfs-tools/initramfs.conf
package=initramfs-tools
timed initramfs-tools mkinitramfs -o /made/initramfs-tools.img "$KERNEL_VERSION"
chmod 644 /made/*
`

function imagesIn(folder: string): PeerImage[] {
  const lines = readFileSync(join(folder, 'made'), 'utf8').trim().split('\n')
  return lines.map(line => {
    const [name = '', time, version] = line.split(' ')
    return { path: join(folder, `${name}.img`), name: `${name} ${version}`, buildTime: Number(time) }
  })
}

/** The images, made in a newer Debian than ours; from the cache when they were made before. */
export async function providePeerImages(kernel: Kernel, progress: Progress): Promise<PeerImage[]> {
  const results = ['dracut.img', 'initramfs-tools.img', 'made']
  const work = { release: peerRelease, packages, kernel, script: makeImages, results }
  return imagesIn(await makeInDebian(work, 'make the images to compare with', progress))
}
