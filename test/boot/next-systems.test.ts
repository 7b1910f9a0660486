// Real next systems: the roots lie beside kernel and initrd in url=, and the initrds of dracut and live-boot find them.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { qemuProgram } from '../../generator/qemu/qemu.ts'
import { startMachine } from '../../generator/qemu/virtual-machine.ts'
import { needs } from '../support/needs.ts'
import { type BootCase, declareBoots } from './boot-cases.ts'
import {
  laySmallRoot,
  makeErofs,
  makeNextSystems,
  makeSquashfs,
  rootComesUp,
  rootMarker,
} from './next-systems.ts'
import { startSite } from './site.ts'

const programs = {
  [qemuProgram.program]: qemuProgram.package,
  mmdebstrap: 'mmdebstrap',
  mksquashfs: 'squashfs-tools',
  'mkfs.erofs': 'erofs-utils',
}

/** Makes the systems, which takes a while, and declares their boots. */
async function declareSystems(): Promise<void> {
  const site = await startSite()
  const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-next-'))
  test.after(async () => {
    rmSync(work, { recursive: true, force: true })
    await site.close()
  })

  const kernel = await kernelFromPackage('linux-image-cloud-amd64', silent)
  const { trixie, bookworm, forky } = await makeNextSystems(kernel)
  // Their initrds have the modules of this one, whatever kernel stage one runs on.
  copyFileSync(kernel.vmlinuz, join(site.folder, 'vmlinuz'))
  copyFileSync(join(trixie, 'dracut.img'), join(site.folder, 'dracut13.img'))
  copyFileSync(join(bookworm, 'dracut.img'), join(site.folder, 'dracut12.img'))
  copyFileSync(join(forky, 'dracut.img'), join(site.folder, 'dracut112.img'))
  copyFileSync(join(trixie, 'live-boot.img'), join(site.folder, 'live-boot.img'))
  copyFileSync(join(trixie, 'second.efi'), join(site.folder, 'second.efi'))
  copyFileSync(join(trixie, 'root.squashfs'), join(site.folder, 'debian.squashfs'))
  const folder = join(work, 'small')
  mkdirSync(folder)
  laySmallRoot(folder, (await provideBinaries(silent)).busybox.path)
  makeSquashfs(folder, join(site.folder, 'small.squashfs'))
  makeErofs(folder, join(site.folder, 'small.erofs'))

  const url = (...files: string[]) => `url=${['vmlinuz', ...files].map(site.url).join(',')}`
  const next = (line: string) => `"next_kernel_params=quiet no_timer_check ${line}"`

  /** A boot whose end is that of the small root, with an overlay in memory. */
  const small = (name: string, append: string, ...has: (string | RegExp)[]): BootCase => ({
    name,
    append,
    expected: rootComesUp,
    has: [...has, rootMarker, / \/ overlay rw/, 'release: ID=small', 'writable'],
    limit: 900,
    memory: 1200,
  })

  const cases: BootCase[] = [
    small(
      "Debian 13's dracut: a squashfs root, from url= alone",
      `${url('dracut13.img', 'small.squashfs')} ${next('')}`,
      'small.squashfs: is /small.img in the next initramfs',
      'command line: root=live:/small.img rd.live.overlay.overlayfs=1 console=ttyS0 quiet',
    ),
    small("Debian 13's dracut: an erofs root", `${url('dracut13.img', 'small.erofs')} ${next('')}`),
    small("Debian 12's dracut: a squashfs root", `${url('dracut12.img', 'small.squashfs')} ${next('')}`),
    small(
      'live-boot: a squashfs root',
      `${url('live-boot.img', 'small.squashfs')} ${next('boot=live')}`,
      'small.squashfs: is /images/live/small.squashfs in the next initramfs',
      'command line: live-media=/images console=ttyS0 quiet',
    ),
    small(
      "image_dest=: the layout of casper's media, as live-boot finds it",
      `${url('live-boot.img', 'small.squashfs')} image_dest=/cd/casper/filesystem.squashfs ` +
        next('boot=live live-media=/cd live-media-path=casper'),
      'small.squashfs: is /cd/casper/filesystem.squashfs in the next initramfs',
    ),
    {
      name: "testing's dracut with systemd-import: a squashfs root by rd.systemd.pull=",
      append:
        `${url('dracut112.img', 'small.squashfs')} image_dest=/small.raw ` +
        next(
          'root=/dev/disk/by-loop-ref/small.raw rootfstype=squashfs ' +
            'rd.systemd.pull=raw,machine,verify=no,blockdev:small:file://localhost/small.raw',
        ),
      expected: rootComesUp,
      has: [rootMarker, / \/ squashfs ro/, 'release: ID=small', 'read-only'],
      limit: 900,
      memory: 1200,
    },
    {
      name: "ukify's unified kernel image: kernel, microcode, initrd and command line",
      append: `url=${site.url('second.efi')}`,
      second: 'console=ttyS0 quiet no_timer_check from=uki',
      has: [/second\.efi: unpacked a unified kernel image/],
    },
  ]

  declareBoots(test, site, cases, 'next-systems')

  test('Debian 13, a squashfs of its packages, up to its login', async () => {
    const machine = await startMachine({
      ...site.image,
      append: `quiet ${url('dracut13.img', 'debian.squashfs')} ${next('systemd.hostname=node7')}`,
      memory: 1200,
      limit: 900,
    })
    try {
      await machine.waitFor('node7 login:')
    } finally {
      await machine.stop()
    }
    const console = machine.console()
    assert.match(console, 'debian.squashfs: is /debian.img in the next initramfs')
    assert.match(console, 'with: root=live:/debian.img rd.live.overlay.overlayfs=1 console=ttyS0 quiet')
  })
}

// Where a program is missing nothing is made, and the one line tells.
const declare = needs(test, programs, true)
if (declare === test) await declareSystems()
else declare('next systems', () => {})
test.run()
