import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../../generator/simulator/simulate.ts'
import { worldNamed } from '../../scenarios/scenario.ts'
import { switchRootScenarios } from '../../scenarios/switch-root.ts'

const worldOf = (name: string) => worldNamed(name, switchRootScenarios)
const named = (name: string) => simulate(worldOf(name))
/** The same, of an image without what unpacks. */
const withoutUnpacking = (name: string) =>
  simulate({ ...worldOf(name), without: ['unpacking', 'rescue-shell'] })
const mounts = (name: string) =>
  named(name)
    .trace.filter(([command]) => command === 'mount' || command === 'switch_root')
    .slice(5)

const moves = ['dev', 'proc', 'sys', 'run'].map(folder => [
  ...['mount', '-o', 'move', `/${folder}`, `/sysroot/${folder}`],
])
const start = ['switch_root', '-c', '/dev/console', '/sysroot', '/sbin/init']

test('read-only, from the file itself; the file systems of the kernel move along', () => {
  assert.equal(mounts('a squashfs is the root'), [
    ['mount', '-t', 'squashfs', '-o', 'ro,loop', '/tmp/url-1/a b.squashfs', '/sysroot'],
    ...moves,
    start,
  ])
})

test('below a layer in memory', () => {
  const folder = '/run/aria2-initrd/root'
  assert.equal(mounts('a layer of a size'), [
    ['mount', '-t', 'squashfs', '-o', 'ro,loop', '/tmp/url-1/a b.squashfs', `${folder}/image`],
    ['mount', '-t', 'tmpfs', '-o', 'size=4G', 'tmpfs', `${folder}/memory`],
    [
      ...['mount', '-t', 'overlay', '-o'],
      `lowerdir=${folder}/image,upperdir=${folder}/memory/changes,workdir=${folder}/memory/work`,
      ...['overlay', '/sysroot'],
    ],
    ...moves,
    start,
  ])
})

test('an archive is unpacked into memory, and read-only without a layer', () => {
  assert.equal(mounts('tar.gz is the root'), [
    ['mount', '-t', 'tmpfs', '-o', 'mode=0755,size=75%', 'tmpfs', '/sysroot'],
    ['mount', '-o', 'remount,ro', '/sysroot'],
    ...moves,
    start,
  ])
  assert.equal(mounts('a tar is the root, of a size'), [
    ['mount', '-t', 'tmpfs', '-o', 'mode=0755,size=4G', 'tmpfs', '/sysroot'],
    ...moves,
    start,
  ])
  const { trace, machine } = named('cpio.gz is the root')
  assert.ok(trace.some(words => words.join(' ') === 'cpio -i -d -m -u'))
  assert.not.ok(machine.files.exists('/tmp/url-1/r.cpio.gz'), 'the archive is not kept beside what was in it')
})

test('without what unpacks, a compressed root is refused in words, and others start', () => {
  for (const name of ['tar.gz', 'tar.xz', 'cpio.gz']) {
    const { console: said, trace } = withoutUnpacking(`${name} is the root`)
    assert.match(said, /r\.\S+: compressed, and this image was made --without unpacking\n/, name)
    assert.not.ok(
      trace.some(([command]) => command === 'zcat' || command === 'xzcat'),
      name,
    )
  }
  for (const name of ['a squashfs', 'tar', 'cpio'])
    assert.is(withoutUnpacking(`${name} is the root`).end, 'switch_root', name)
})

test('what this boot has started does not live on in the root', () => {
  const { trace } = named('a squashfs is the root')
  assert.ok(trace.some(words => words.join(' ') === 'killall -q linkwatch udhcpc nd6watch udhcpc6'))
})

for (const [name, cause] of [
  ['no driver for squashfs', 'this kernel has no squashfs: build the image with --modules storage'],
  ['no driver for the layer', 'this kernel has no overlay: build the image with --modules storage'],
  ['no driver for loop', 'this kernel has no loop: build the image with --modules storage'],
  ['a damaged squashfs', '/tmp/url-1/a b.squashfs: cannot be mounted as squashfs'],
  [
    'a root that zstd has compressed',
    '/tmp/url-1/r.squashfs.zst: zstd is not unpacked here; compress it with gzip or xz',
  ],
  ['a tar whose end is missing', '/tmp/url-1/r: damaged, or no room in memory for what it holds'],
  ['an init for 183 0 on x86_64', '/tmp/url-1/a b.squashfs: /sbin/init is for another machine than this one'],
  ['no image', 'boot=switch_root, and no image is among the files'],
  ['a digest of the kernel alone', 'boot=switch_root, and no image is among the files'],
  ['two images', 'boot=switch_root, and several images are among the files'],
  ['a root whose init is no program', '/tmp/url-1/a b.squashfs: /sbin/init is no program'],
  ['an image of something else', '/tmp/url-1/x.iso: is no root: neither squashfs, erofs, ext4, tar nor cpio'],
] as const) {
  test(`${name}: in words`, () => {
    const { console: said, trace } = named(name)
    assert.match(said, `switch-root: ${cause}\n`)
    assert.not.ok(trace.some(([command]) => command === 'switch_root'))
  })
}

for (const layer of ['a layer on a disk', 'a layer with other options']) {
  test(`${layer}: refused before anything is fetched`, () => {
    const { console: said, trace } = named(layer)
    assert.match(said, /command-line: rd\.overlay=\S+: not tmpfs, nor like tmpfs:size=4G/)
    assert.not.ok(trace.some(([command]) => command === 'aria2c'))
  })
}

test('boot=none starts nothing', () => {
  assert.not.ok(named('boot=none').trace.some(([command]) => command === 'kexec'))
})
test.run()
