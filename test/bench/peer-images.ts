import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../../generator/host/console/progress.ts'
import { ensurePrograms } from '../../generator/host/debian/host-packages.ts'
import { machineMirror, sourceLine } from '../../generator/host/debian/mirror.ts'
import { debianRelease } from '../../generator/host/debian/release.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { lastLines, runCommand } from '../../generator/host/processes/run-command.ts'
import type { Kernel } from '../../generator/image/kernel/kernel.ts'

/** A network initramfs by another program, for the same kernel. */
export interface PeerImage {
  /** Path of the image in the cache. */
  path: string
  /** Such as `dracut 106-6`. */
  name: string
  /** Milliseconds that it took to make. */
  buildTime: number
}

/** Debian's packages of both, with all that they take into a network initramfs. */
const packages = [
  ...[
    'busybox',
    'curl',
    'dhcpcd-base',
    'iproute2',
    'kmod',
    'nfs-common',
    'systemd',
    'systemd-sysv',
    'udev',
    'zstd',
  ],
  ...['dracut-core', 'dracut-live', 'dracut-network'],
  'initramfs-tools',
]

/** Makes both images inside a Debian; a kernel's modules lie there already. */
const makeImages = `set -eu
mkdir /peers
depmod "$KERNEL_VERSION"
timed() {
    name=$1
    shift
    start=$(date +%s%3N)
    "$@" >&2
    echo "$name $(($(date +%s%3N) - start)) $(dpkg-query -W -f '\${Version}' "$package")" >>/peers/made
}
package=dracut-core
timed dracut dracut --force --no-hostonly --kver "$KERNEL_VERSION" --add livenet /peers/dracut.img
# A network initramfs in its own words: "only network drivers".
sed -i 's/^MODULES=.*/MODULES=netboot/' /etc/initramfs-tools/initramfs.conf
package=initramfs-tools
timed initramfs-tools mkinitramfs -o /peers/initramfs-tools.img "$KERNEL_VERSION"
chmod 644 /peers/*
`

/** By what the images are kept: the release, the packages, the script and the kernel. */
function keyOf(kernel: Kernel): string {
  const hash = createHash('sha256').update(`${debianRelease}\n${packages.join(' ')}\n${makeImages}`)
  return hash.update(readFileSync(kernel.vmlinuz)).digest('hex').slice(0, 16)
}

function imagesIn(folder: string): PeerImage[] {
  const lines = readFileSync(join(folder, 'made'), 'utf8').trim().split('\n')
  return lines.map(line => {
    const [name = '', time, version] = line.split(' ')
    return { path: join(folder, `${name}.img`), name: `${name} ${version}`, buildTime: Number(time) }
  })
}

/** The images, made in a Debian of our release that is thrown away; from the cache when they were made before. */
export async function providePeerImages(kernel: Kernel, progress: Progress): Promise<PeerImage[]> {
  const folder = join(cacheFolder(), 'bench', keyOf(kernel))
  if (existsSync(join(folder, 'made'))) return imagesIn(folder)
  const why = 'make the images to compare with'
  await ensurePrograms([{ program: 'mmdebstrap', package: 'mmdebstrap', why }], progress)
  progress.step("making dracut's and initramfs-tools' images from Debian's packages (2 min)")
  mkdirSync(join(cacheFolder(), 'bench'), { recursive: true })
  const fresh = mkdtempSync(`${folder}.`)
  try {
    const script = join(fresh, 'make')
    writeFileSync(script, makeImages)
    const { status, output } = await runCommand(
      'mmdebstrap',
      [
        ...['--quiet', '--variant=minbase', '--format=null', `--include=${packages.join(',')}`],
        `--customize-hook=mkdir -p "$1/usr/lib/modules"`,
        `--customize-hook=copy-in "${kernel.modules}" /usr/lib/modules`,
        `--customize-hook=copy-in "${script}" /tmp`,
        '--customize-hook=chroot "$1" env KERNEL_VERSION="$KERNEL_VERSION" sh /tmp/make',
        ...['dracut.img', 'initramfs-tools.img', 'made'].map(
          name => `--customize-hook=copy-out /peers/${name} "${fresh}"`,
        ),
        ...[
          debianRelease,
          '/dev/null',
          await sourceLine('deb', await machineMirror(), debianRelease, progress),
        ],
      ],
      { env: { ...process.env, LC_ALL: 'C', KERNEL_VERSION: kernel.version } },
    )
    if (status !== 0)
      throw new Error(`the images to compare with could not be made:\n${lastLines(output, 15)}`)
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
  return imagesIn(folder)
}
