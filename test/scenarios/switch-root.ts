/** boot=: the image as the root of the first kernel, or nothing. */
import type { Content, World } from '../../generator/simulator/world.ts'
import { gzipped, initrd, kernel, sha256, tar, xzipped } from '../support/payload.ts'
import { about, failed, scenario } from './scenario.ts'

/** What lies in the root once it is mounted. */
export const inside = (program: string): Record<string, Content> => ({
  ...Object.fromEntries(['dev', 'proc', 'run', 'sys'].map(name => [`/sysroot/${name}/.keep`, ''])),
  '/sysroot/sbin/init': program,
})
const withoutInit = Object.fromEntries(Object.entries(inside('')).filter(([path]) => !path.endsWith('init')))
const filesystems = (...names: string[]) => ({
  '/proc/filesystems': names.map(name => `nodev\t${name}\n`).join(''),
})
const atOffset = (offset: number, magic: string) => `${'\0'.repeat(offset)}${magic}`

/** A root that has its folders and a program. */
const root = (
  name: string,
  end: string,
  files: Record<string, Content>,
  cmdline = '',
  world: Omit<World, 'cmdline'> = {},
) =>
  scenario(name, end, `url=http://s/t boot=switch_root ${cmdline}`, {
    serve: { 'http://s/t': { files } },
    files: inside('\x7fELF'),
    ...world,
  })

const squashfs = { 'a b.squashfs': 'hsqs' }
/** A file system with a hash tree in a file of its own, and behind itself. */
const tree = 'verity\0\0'
const provenBeside = { ...squashfs, 'a b.verity': `${tree} of veritysetup` }
const provenBehind = { 'a b.squashfs': `hsqs of mksquashfs ${tree}` }
const rootHash = (hex = 'c0'.repeat(32)) => `roothash=${hex}`
export const systemd = {
  ...inside('\x7fELF'),
  '/sysroot/usr/lib/systemd/system-generators/systemd-veritysetup-generator': '\x7fELF',
}
const refuses = (cause: string) => ({
  broken: [{ command: 'verity', status: 1, stderr: `verity: ${cause}` }],
})

const broken = (type: string) => ({ broken: [{ command: 'mount', with: type, status: 255 }] })

export const switchRootScenarios = about('switch-root', [
  root('a squashfs is the root', 'switch_root', squashfs),
  root('an erofs, and its init a script', 'switch_root', { r: atOffset(1024, '\xe2\xe1\xf5\xe0') }, '', {
    files: inside('#!/bin/sh'),
  }),
  root(
    'an ext4 below a layer in memory',
    'switch_root',
    { r: atOffset(1080, '\x53\xef') },
    'rd.overlay=tmpfs',
  ),
  root('a layer of a size', 'switch_root', squashfs, 'rd.overlay=tmpfs:size=4G'),
  root('a layer on a disk', failed, squashfs, 'rd.overlay=LABEL=x'),
  root('a layer with other options', failed, squashfs, 'rd.overlay=tmpfs:size=1,mode=7777'),
  root('a kernel and an initrd beside the root', 'switch_root', { ...squashfs, k: kernel, i: initrd }),
  root('a digest of the root', 'switch_root', squashfs, `sha=${sha256('hsqs')}`),
  root('another digest than that of the root', failed, squashfs, `sha=${sha256('x')}`),
  root('a digest of the kernel alone', failed, { ...squashfs, k: kernel }, `kernel_sha=${sha256(kernel)}`),
  root('no image', failed, { k: kernel, i: initrd }),
  root('two images', failed, { ...squashfs, 'b.squashfs': 'hsqs' }),
  root('an image of something else', failed, { 'x.iso': 'CD001' }),
  root('a hash tree beside the root', 'switch_root', provenBeside, rootHash()),
  root(
    'a hash tree behind the file system',
    'switch_root',
    provenBehind,
    rootHash(`sha512:${'Ab'.repeat(64)}`),
  ),
  root('a hash tree, and a layer in memory', 'switch_root', provenBehind, `${rootHash()} rd.overlay=tmpfs`),
  scenario(
    'a hash tree, and a digest of each file',
    'switch_root',
    `url=http://s/r,http://s/v boot=switch_root ${rootHash()} sha=${sha256('hsqs')} sha=${sha256(tree)}`,
    { serve: { 'http://s/r': 'hsqs', 'http://s/v': tree }, files: inside('\x7fELF') },
  ),
  root('a hash tree, and systemd in the root', 'switch_root', provenBehind, rootHash(), { files: systemd }),
  root(
    'a hash tree, and a systemd that was told',
    'switch_root',
    provenBehind,
    `${rootHash()} systemd.verity=no`,
    {
      files: systemd,
    },
  ),
  root(
    'a command line of its own for the system',
    'switch_root',
    provenBehind,
    `${rootHash()} console=ttyS0 ds=x "next_kernel_params=quiet ds=y"`,
    { files: systemd },
  ),
  root('a hash tree of an xz', 'switch_root', { 'r.xz': xzipped('hsqs'), 'r.verity': tree }, rootHash()),
  root('a root hash, and no hash tree', failed, squashfs, rootHash(), {
    files: { '/dev/mapper/control': '' },
  }),
  root('a root that is not what its root hash says', failed, provenBeside, rootHash(), {
    ...refuses('/tmp/url-1/a b.squashfs: from byte 4096 on not what the root hash says'),
    files: { ...inside('\x7fELF'), '/dev/mapper/control': '' },
  }),
  root('a root hash, and a kernel without dm-verity', failed, provenBeside, rootHash(), refuses('no device')),
  root('a hash tree, and no root hash', failed, provenBeside),
  root('a root hash of a tar', failed, { r: tar, 't.verity': tree }, rootHash()),
  root('a root hash of 40 digits', failed, squashfs, rootHash('c0'.repeat(20))),
  root('a root hash that is none', failed, squashfs, rootHash('usr')),
  scenario('a root hash for the next kernel', failed, `kernel_url=http://s/k ${rootHash()}`, {
    serve: { 'http://s/k': kernel },
  }),
  root('a root without an init', failed, squashfs, '', { files: { '/sysroot/sys/x': '' } }),
  root('a root whose init is no program', failed, squashfs, '', { files: inside('') }),
  root('a root whose init is a link that begins at its own /', 'switch_root', squashfs, '', {
    files: withoutInit,
    links: { '/sysroot/sbin/init': '/lib/systemd/systemd' },
  }),
  root('a root whose /sbin is a link that begins at its own /', 'switch_root', squashfs, '', {
    files: withoutInit,
    links: { '/sysroot/sbin': '/usr/sbin' },
  }),
  ...(
    [
      ['x86_64', '\x3e\0', 'switch_root'],
      ['x86_64', '\x03\0', 'switch_root'],
      ['x86_64', '\xb7\0', failed],
      ['aarch64', '\xb7\0', 'switch_root'],
      ['aarch64', '\x28\0', 'switch_root'],
      ['aarch64', '\x3e\0', failed],
      ['riscv64', '\xf3\0', 'switch_root'],
    ] as const
  ).map(([architecture, machine, end]) =>
    root(
      `an init for ${[...machine].map(each => each.charCodeAt(0)).join(' ')} on ${architecture}`,
      end,
      squashfs,
      '',
      {
        files: {
          ...inside(`\x7fELF${'\0'.repeat(14)}${machine}`),
          '/proc/sys/kernel/arch': `${architecture}\n`,
        },
      },
    ),
  ),
  ...(
    [
      ['tar', tar],
      ['tar.gz', gzipped(tar)],
      ['tar.xz', xzipped(tar)],
      ['cpio', initrd],
      ['cpio.gz', gzipped(initrd)],
      ['squashfs.gz', gzipped('hsqs')],
    ] as const
  ).map(([name, content]) => root(`${name} is the root`, 'switch_root', { [`r.${name}`]: content })),
  root('a tar is the root, of a size', 'switch_root', { r: tar }, 'rd.overlay=tmpfs:size=4G'),
  root('a tar whose end is missing', failed, { r: gzipped(tar).slice(0, -6) }),
  root('a tar that does not unpack', failed, { r: tar }, '', {
    broken: [{ command: 'tar', status: 1, stderr: 'tar: short read\n' }],
  }),
  root('a root that zstd has compressed', failed, { 'r.squashfs.zst': '\x28\xb5\x2f\xfdx' }),
  root('a cpio beside the root', 'switch_root', { ...squashfs, i: initrd }),
  root('a digest of the tar', 'switch_root', { r: tar }, `sha=${sha256(tar)}`),
  root('another digest than that of the tar', failed, { r: tar }, `sha=${sha256('x')}`),
  root('no daemon runs any more', 'switch_root', squashfs, '', {
    files: inside('#!'),
    broken: [{ command: 'killall', status: 1 }],
  }),
  root('no driver for squashfs', failed, squashfs, '', {
    ...broken('squashfs'),
    files: filesystems('proc'),
  }),
  root('no driver for loop', failed, squashfs, '', {
    ...broken('squashfs'),
    files: filesystems('squashfs'),
  }),
  root('a damaged squashfs', failed, squashfs, '', {
    ...broken('squashfs'),
    files: { ...filesystems('squashfs'), '/dev/loop-control': '' },
  }),
  root('no driver for the layer', failed, squashfs, 'rd.overlay=tmpfs', {
    ...broken('overlay'),
    files: filesystems('squashfs'),
  }),
  root('/dev does not move', failed, squashfs, '', { ...broken('/sysroot/dev'), files: inside('#!') }),
  scenario('boot=none', 'shell', 'kernel_url=http://s/k boot=none'),
])
