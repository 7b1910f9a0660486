// Folders as image builders leave them, published as they are.
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { CommandError } from '../../generator/host/console/command-error.ts'
import { readBuilderFolder } from '../../generator/publish/builder-folder.ts'
import { cli } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { baseUrl, initrdLike, kernelLike, noise, publishSite } from './site.ts'

const site = publishSite()
const kernel = kernelLike(50_000)
const initrd = initrdLike(60_000)
const squashfs = Buffer.concat([Buffer.from('hsqs'), noise(30_000)])
const disk = Buffer.concat([Buffer.alloc(512), Buffer.from('EFI PART'), noise(3000)])
/** An arm64 kernel's first bytes. */
const armKernel = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(54), Buffer.from('ARMd'), noise(5000)])

function written(files: Record<string, Buffer | string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-builder-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  return folder
}

/** What is found, by paths in the folder. */
async function found(files: Record<string, Buffer | string>) {
  const folder = written(files)
  const sets = await readBuilderFolder(folder)
  const inside = (path: string) => path.slice(folder.length + 1)
  return sets.map(({ name, files, skipped }) => ({
    name,
    files: files.map(inside).sort(),
    skipped: skipped.map(inside).sort(),
  }))
}

/** A boot folder as dracut and Debian's tools write it. */
const dracut = {
  'vmlinuz-6.12.57-amd64': kernel,
  'initramfs-6.12.57-amd64.img': initrd,
  'config-6.12.57-amd64': 'CONFIG_X=y\n',
  'System.map-6.12.57-amd64': '0 A x\n',
}

const layouts: Record<
  string,
  [files: Record<string, Buffer | string>, sets: Awaited<ReturnType<typeof found>>]
> = {
  'NAME/ARCH, one publication for each': [
    {
      'compute/x86_64/vmlinuz': kernel,
      'compute/x86_64/initramfs.img': initrd,
      'compute/x86_64/rootfs.squashfs': squashfs,
      'compute/aarch64/vmlinuz': armKernel,
      'compute/aarch64/initramfs.img': initrd,
      'login/x86_64/kernel': kernel,
      'login/x86_64/initrd': initrd,
      'README.md': 'x',
    },
    [
      {
        name: 'compute-aarch64',
        files: ['compute/aarch64/initramfs.img', 'compute/aarch64/vmlinuz'],
        skipped: [],
      },
      {
        name: 'compute-x86_64',
        files: ['compute/x86_64/initramfs.img', 'compute/x86_64/rootfs.squashfs', 'compute/x86_64/vmlinuz'],
        skipped: [],
      },
      { name: 'login-x86_64', files: ['login/x86_64/initrd', 'login/x86_64/kernel'], skipped: [] },
    ],
  ],
  'dracut, in the folder itself': [
    dracut,
    [
      {
        name: '',
        files: ['initramfs-6.12.57-amd64.img', 'vmlinuz-6.12.57-amd64'],
        skipped: ['System.map-6.12.57-amd64', 'config-6.12.57-amd64'],
      },
    ],
  ],
  'mkosi, with the root as a folder beside': [
    {
      'image.vmlinuz': kernel,
      'image.initrd': initrd,
      'image.raw': disk,
      'image.manifest': '{}',
      'image.SHA256SUMS': 'x',
      'image/usr/bin/x': 'x',
      'image/etc/x': 'x',
      'image/boot/vmlinuz': kernel,
    },
    [
      {
        name: '',
        files: ['image.initrd', 'image.raw', 'image.vmlinuz'],
        skipped: ['image.SHA256SUMS', 'image.manifest'],
      },
    ],
  ],
  'livemedia-creator --make-pxe-live': [
    {
      'vmlinuz-6.12.0': kernel,
      'initramfs-6.12.0.img': initrd,
      'live-rootfs.squashfs.img': squashfs,
      PXE_CONFIG: 'kernel vmlinuz\n',
    },
    [
      {
        name: '',
        files: ['initramfs-6.12.0.img', 'live-rootfs.squashfs.img', 'vmlinuz-6.12.0'],
        skipped: ['PXE_CONFIG'],
      },
    ],
  ],
  'OpenCHAMI’s image-builder, as it lies in its bucket': [
    {
      'efi-images/compute/base/vmlinuz-5.14.0-503.el9.x86_64': kernel,
      'efi-images/compute/base/initramfs-5.14.0-503.el9.x86_64.img': initrd,
      'compute/base/rocky9.5-compute-base-rocky9': squashfs,
    },
    [
      {
        name: 'compute-base',
        files: [
          'compute/base/rocky9.5-compute-base-rocky9',
          'efi-images/compute/base/initramfs-5.14.0-503.el9.x86_64.img',
          'efi-images/compute/base/vmlinuz-5.14.0-503.el9.x86_64',
        ],
        skipped: [],
      },
    ],
  ],
}

for (const [layout, [files, sets]] of Object.entries(layouts)) {
  test(layout, async () => {
    assert.equal(await found(files), sets)
  })
}

test('a second name of a file is not a second file', async () => {
  const folder = written(dracut)
  symlinkSync('vmlinuz-6.12.57-amd64', join(folder, 'vmlinuz'))
  linkSync(join(folder, 'initramfs-6.12.57-amd64.img'), join(folder, 'initrd.img'))
  const [{ files = [] } = {}] = await readBuilderFolder(folder)
  assert.is(files.length, 2)
})

async function refusal(files: Record<string, Buffer | string>): Promise<string> {
  const folder = written(files)
  return await readBuilderFolder(folder).then(
    () => assert.unreachable('it was accepted') as never,
    ({ message, help }: CommandError) => `${message}\n${help}`.replaceAll(folder, 'DIR'),
  )
}

test('what could be meant in two ways is refused, with what to write', async () => {
  assert.is(
    await refusal({ ...dracut, 'vmlinuz-6.1.0': kernelLike(40_000, 5) }),
    'DIR holds 2 kernels: vmlinuz-6.1.0, vmlinuz-6.12.57-amd64\n' +
      'name the files that belong together, such as: publish DIR/initramfs-6.12.57-amd64.img DIR/vmlinuz-6.1.0',
  )
  assert.is(
    await refusal({ ...dracut, 'a-microcode.img': initrdLike(3000, 9) }),
    'DIR holds 2 initrds: a-microcode.img, initramfs-6.12.57-amd64.img\n' +
      'name the files that belong together, initrds in the order that joins them, such as: publish DIR/vmlinuz-6.12.57-amd64 DIR/a-microcode.img DIR/initramfs-6.12.57-amd64.img',
  )
  assert.match(
    await refusal({ ...dracut, 'a.squashfs': squashfs, 'b.raw': disk }),
    'DIR holds 2 images: a.squashfs, b.raw\n',
  )
})

test('a folder without a kernel: Warewulf keeps it in the image', async () => {
  assert.is(
    await refusal({ 'images/rocky.img': initrd }),
    'no folder in DIR holds a kernel\n' +
      "the kernel of rocky.img lies elsewhere (Warewulf's in the image's own /boot): publish KERNEL DIR/images/rocky.img",
  )
  assert.match(await refusal({ 'a/notes.txt': 'x' }), 'no folder in DIR holds a kernel\nname the folder that')
})

test('the command: one publication for each, roles and what is left out said; another machine’s first stage is refused', () => {
  const folder = written({
    ...Object.fromEntries(Object.entries(dracut).map(([name, content]) => [`node/x86_64/${name}`, content])),
    'node/arm64/vmlinuz': armKernel,
    'node/arm64/initrd.img': initrd,
  })
  const stageOne = written({
    'x86_64/vmlinuz': kernelLike(9000, 7),
    'x86_64/initrd.img': initrd,
    'arm64/vmlinuz': Buffer.concat([armKernel, noise(10)]),
    'arm64/initrd.img': initrd,
  })
  const words = [folder, '-o', site.served, '--base-url', baseUrl]
  const run = cli('publish', ...words, '--stage-one', stageOne)
  assert.is(run.status, 0, run.stderr)
  assert.match(run.stdout, /node-x86_64\/vmlinuz-6\.12\.57-amd64 {2}50\.0 kB: kernel, by its content\n/)
  assert.match(
    run.stdout,
    `not published: ${folder}/node/x86_64/config-6.12.57-amd64: no kernel, initrd or image`,
  )
  const published = readdirSync(site.served)
  for (const name of ['node-x86_64', 'node-arm64']) {
    assert.ok(published.includes(`${name}.torrent`))
    const generation = readlinkSync(join(site.served, `${name}.current`))
    const arch = name.slice('node-'.length)
    execFileSync('cmp', [join(site.served, generation, 'stage-one/vmlinuz'), join(stageOne, arch, 'vmlinuz')])
  }
  const wrong = cli('publish', ...words, '--stage-one', join(stageOne, 'x86_64'))
  assert.is(wrong.status, 1)
  assert.match(wrong.stderr, 'vmlinuz is a kernel for arm64, and the first stage in ')
  const absent = cli('publish', ...words, '--stage-one', '/nowhere')
  assert.is(absent.status, 1)
  assert.match(absent.stderr, 'cannot read /nowhere/vmlinuz, the first stage')
  const named = cli('publish', ...words, '--no-stage-one', '--name', 'x')
  assert.is(named.status, 2)
  assert.match(named.stderr, '--name x is for one publication, and there are 2: node-arm64, node-x86_64')
  const mixed = cli('publish', folder, join(folder, 'node/arm64/vmlinuz'), ...words.slice(1))
  assert.is(mixed.status, 2)
  assert.match(mixed.stderr, 'a folder among files')
})

needs(test, {
  mksquashfs: 'squashfs-tools',
  'mkfs.ext4': 'e2fsprogs',
  'mkfs.erofs': 'erofs-utils',
  genisoimage: 'genisoimage',
})('images as their own programs make them are told from other files', async () => {
  const folder = written({ 'root/a': 'a', 'empty.ext4': Buffer.alloc(2_000_000) })
  const run = (program: string, ...words: string[]) =>
    execFileSync(program, words, { cwd: folder, stdio: 'pipe' })
  run('mksquashfs', 'root', 'a.squashfs')
  run('mkfs.ext4', '-q', 'empty.ext4')
  run('mkfs.erofs', 'a.erofs', 'root')
  run('genisoimage', '-quiet', '-o', 'a.iso', 'root')
  const { imageFormat } = await import('../../generator/publish/file-marks.ts')
  const formats = ['a.squashfs', 'empty.ext4', 'a.erofs', 'a.iso', 'root/a'].map(file =>
    imageFormat(join(folder, file)),
  )
  assert.equal(await Promise.all(formats), ['squashfs', 'ext2, ext3 or ext4', 'erofs', 'ISO 9660', undefined])
  assert.ok(existsSync(folder))
})

test.run()
