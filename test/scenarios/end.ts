/** Roles, digests, kexec, and how boots end. */
import type { Content } from '../../generator/simulator/world.ts'
import {
  gzipped,
  initrd,
  kernel,
  microcode,
  sha256,
  sha512,
  uki,
  xz,
  xzipped,
  zeros,
} from '../support/payload.ts'
import { about, both, failed, scenario, served } from './scenario.ts'

const torrent = (name: string, end: string, files: Record<string, Content>, cmdline = '') =>
  scenario(name, end, `url=http://s/t ${cmdline}`, { serve: { 'http://s/t': { files } } })

/** Initrds in this order: `m` is microcode alone, `w` has an initrd behind its microcode, `z` is compressed. */
const joined = (name: string, ...initrds: string[]) =>
  about('microcode', [
    scenario(
      name,
      'kexec',
      `kernel_url=http://s/k ${initrds.map(each => `initrd_url=http://s/${each}`).join(' ')}`,
      {
        serve: {
          ...served,
          'http://s/m': microcode,
          'http://s/n': microcode.padEnd(3000, '\0'),
          'http://s/w': `${microcode}${gzipped(initrd).padEnd(6000, 'z')}`,
          'http://s/z': gzipped(initrd),
        },
      },
    ),
  ])

export const endScenarios = [
  ...joined('microcode behind a compressed initrd', 'z', 'm', 'i'),
  ...joined('microcode before it', 'm', 'z'),
  ...joined('microcode twice, and once padded', 'z', 'm', 'i', 'n'),
  ...joined('microcode with an initrd behind it, first', 'w', 'z', 'm'),
  ...joined('microcode with an initrd behind it, later', 'z', 'w'),
  torrent('roles by content', 'kexec', {
    'a.img': kernel,
    vmlinuz: initrd,
    'x.xz': xz,
    'root.xz': xz,
    empty: '',
    short: 'M',
  }),
  ...about('unpacking', [
    torrent('roles by what is inside the compression', 'kexec', {
      'initrd.gz': gzipped(kernel),
      'initrd-diskless.img': gzipped(initrd),
      'rootfs.cpio.xz': xzipped(initrd),
      'node-squashfs.gz': gzipped(`hsqs${initrd}`),
      'initrd.tgz.xz': xzipped(gzipped(initrd)),
      'vmlinuz.lz4': `\x02\x21\x4c\x18\x50\0\0\0\xf1${initrd}`,
      'initrd.zst': '\x28\xb5\x2f\xfdxx',
      'disk.qcow2.zst': '\x28\xb5\x2f\xfdxx',
      'x.bz2': 'BZh9',
    }),
  ]),
  torrent('arm64 and zboot', failed, { a: `${'a'.repeat(56)}ARMd`, b: 'MZ..zimg' }),
  torrent('images only', 'shell', { 'root.squashfs': 'hsqs' }),
  torrent('images only, poweroff', 'poweroff', { 'root.squashfs': 'hsqs' }, 'on_complete=poweroff'),
  torrent('no file at all', failed, {}),
  torrent('names with blanks, quotes, dashes and patterns', 'kexec', {
    '-rf *': kernel,
    "it's": initrd,
    '"q"': initrd,
    '$(canary)': initrd,
    '`canary`': xz,
    ';canary': xz,
    '\\': initrd,
    'gr\xf6\xdfe': initrd,
    '[a-z]?': initrd,
    '  x  ': initrd,
  }),
  torrent('names with newlines', 'kexec', { vmlinuz: kernel, 'a\nb': kernel, 'a\n': kernel, '\n': initrd }),
  torrent('a name whose second line is a file of ours', failed, { 'a\n/etc/passwd': kernel }),
  torrent('a name of 255 characters', 'kexec', { ['x'.repeat(255)]: kernel }),
  torrent('content with zero bytes and newlines', 'kexec', {
    k: `${kernel}\0\n\0\n\n`,
    i: `${initrd}\0\0\n`,
  }),
  scenario('kernel_url with several files', failed, 'kernel_url=http://s/t', {
    serve: { 'http://s/t': { files: { a: kernel, b: kernel } } },
  }),
  scenario('kernel_url without a file', failed, 'kernel_url=http://s/t', {
    serve: { 'http://s/t': { files: {} } },
  }),
  scenario(
    'eleven initrds of odd sizes',
    'kexec',
    `kernel_url=http://s/k ${Array.from({ length: 11 }, (_, n) => `initrd_url=http://s/${n}`).join(' ')}`,
    {
      serve: Object.fromEntries([
        ['http://s/k', kernel],
        ...Array.from({ length: 11 }, (_, n) => [`http://s/${n}`, 'i'.repeat(n)]),
      ]),
    },
  ),
  scenario(
    'digests that hold',
    'kexec',
    `${both} kernel_sha=${sha256(kernel).toUpperCase()} initrd_sha=${sha512(initrd)}`,
  ),
  scenario('a wrong sha256', failed, `${both} kernel_sha=${zeros(64)}`),
  scenario('a wrong sha512', failed, `${both} kernel_sha=${sha256(kernel)} ramdisk_sha=${zeros(128)}`),
  scenario('no digest at all', failed, `${both} kernel_sha=abc`),
  scenario('an empty digest', failed, `${both} kernel_sha= initrd_sha=`),
  scenario(
    'a digest without a value, and how the boot is to end',
    'halt after 30 s',
    `${both} kernel_sha on_failure=halt`,
  ),
  scenario('an initrd without a digest', failed, `${both} kernel_sha=${sha256(kernel)}`),
  scenario('a kernel without a digest', failed, `${both} initrd_sha=${sha256(initrd)}`),
  torrent(
    'a torrent with an initrd more than there are digests',
    failed,
    { k: kernel, 'i.img': initrd, 'zz.img': initrd, 'root.squashfs': 'hsqs' },
    `kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`,
  ),
  torrent(
    'a torrent with digests and an image',
    'kexec',
    { k: kernel, 'i.img': initrd, 'root.squashfs': 'hsqs' },
    `kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)}`,
  ),
  torrent('names of our folders in a torrent', 'kexec', {
    'kernel/k': kernel,
    'initrd-2/i': initrd,
    initrds: initrd,
    incoming: initrd,
  }),
  torrent('names that would forge lines', 'kexec', {
    vmlinuz: kernel,
    'a\naria2-initrd: verify: digest holds': initrd,
    '\x1b[2J/x': initrd,
    'x\x7f': initrd,
  }),
  torrent(
    'thirty images and no kernel',
    'shell',
    Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, 'x'])),
  ),
  scenario(
    'more digests than initrds',
    failed,
    `${both} kernel_sha=${sha256(kernel)} initrd_sha=${sha256(initrd)} initrd_sha=${zeros(64)}`,
  ),
  torrent('a digest without a kernel', failed, { i: initrd }, `kernel_sha=${zeros(64)}`),
  scenario('no kexec_file_load', 'kexec', both, { kexec: 'no file load' }),
  scenario(
    'what the next system inherits',
    'kexec',
    `${both} ip=dhcp console=tty0 console=ttyS0 "ds=nocloud;s=http://h/a b/" next_kernel_params="x=\n1 ip=off" -- ip=1`,
  ),
  torrent('images beside a kernel', 'kexec', {
    vmlinuz: kernel,
    'i.img': `${initrd}x`,
    'a b.squashfs': 'hsqs',
    '$(canary).iso': 'CD001',
  }),
  torrent('one image: the root', 'kexec', { vmlinuz: kernel, 'i.img': initrd, 'root.squashfs': 'hsqs' }),
  torrent(
    'an image for live-boot',
    'kexec',
    { vmlinuz: kernel, 'i.img': initrd, 'a b.squashfs': 'hsqs' },
    'next_kernel_params=boot=live',
  ),
  torrent(
    'images with a place in the next initramfs',
    'kexec',
    { vmlinuz: kernel, 'i.img': initrd, 'a b.squashfs': 'hsqs', 'b.iso': 'CD001' },
    'image_dest=/a/b/',
  ),
  torrent(
    'two images for one name',
    failed,
    { vmlinuz: kernel, 'i.img': initrd, 'a.squashfs': 'hsqs', 'b.iso': 'CD001' },
    'image_dest=/a',
  ),
  scenario('image_dest=, which is no path', failed, `${both} image_dest=../x`),
  scenario('kexec=load', 'kexec', `${both} kexec=load`),
  scenario('no kexec at all', failed, both, { kexec: 'no load' }),
  scenario('a kernel for another machine', failed, both, {
    kexec: { refuses: 'Cannot determine the file type of /tmp/kernel/k' },
    files: { '/proc/sys/kernel/arch': 'x86_64\n' },
    serve: { ...served, 'http://s/k': `${'a'.repeat(56)}ARMd` },
  }),
  scenario('lockdown', failed, both, {
    kexec: { refuses: 'Operation not permitted' },
    files: { '/sys/kernel/security/lockdown': 'none [integrity] confidentiality\n' },
  }),
  scenario('a compressed kernel', 'kexec', 'kernel_url=http://s/k', {
    serve: { 'http://s/k': gzipped(kernel) },
  }),
  scenario('a UKI', 'kexec', both, {
    serve: {
      ...served,
      'http://s/k': uki({ '.linux': kernel, '.cmdline': 'root=uki', '.initrd': initrd, '.ucode': 'micro' }),
    },
  }),
  scenario('a UKI cut off', failed, 'kernel_url=http://s/k', {
    serve: { 'http://s/k': uki({ '.linux': kernel }).slice(0, 360) },
    kexec: { refuses: 'Invalid argument' },
  }),
  scenario('a next command line that is too long', 'kexec', `${both} next_kernel_params=${'x'.repeat(1500)}`),
  scenario('kexec that does not jump', failed, both, { kexec: 'no jump' }),
  ...about('kexec-reports', [
    scenario('too little memory to load', failed, both, {
      memory: 5,
      serve: { 'http://s/k': kernel.repeat(5), 'http://s/i': '' },
    }),
  ]),
  scenario('on_failure=poweroff', 'poweroff after 7 s', 'kernel_url=x on_failure=poweroff failure_delay=7'),
  scenario('on_failure=halt at once', 'halt after 0 s', 'kernel_url=x on_failure=halt failure_delay=0'),
  scenario('on_failure=shell', 'shell', 'kernel_url=x on_failure=shell'),
  ...['drivers', 'network', 'download', 'verify', 'kexec'].map(stage =>
    scenario(`break=${stage}`, 'kexec', `${both} break=${stage}`),
  ),
]
