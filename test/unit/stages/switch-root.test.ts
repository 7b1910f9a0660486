import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../../generator/simulator/simulate.ts'
import { switchRootScenarios } from '../../scenarios/switch-root.ts'

const named = (name: string) => {
  const found = switchRootScenarios.find(each => each.name === name)
  if (found === undefined) throw new Error(`no scenario ${name}`)
  return simulate(found.world)
}
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

for (const [name, cause] of [
  ['no driver for squashfs', 'this kernel has no squashfs: build the image with --modules storage'],
  ['no driver for the layer', 'this kernel has no overlay: build the image with --modules storage'],
  ['no driver for loop', 'this kernel has no loop: build the image with --modules storage'],
  ['a damaged squashfs', '/tmp/url-1/a b.squashfs: cannot be mounted as squashfs'],
  ['no image', 'boot=switch_root, and no image is among the files'],
  ['a digest of the kernel alone', 'boot=switch_root, and no image is among the files'],
  ['two images', 'boot=switch_root, and several images are among the files'],
  ['a root whose init is no program', '/tmp/url-1/a b.squashfs: /sbin/init is no program'],
  [
    'an image of something else',
    '/tmp/url-1/x.iso: boot=switch_root takes squashfs, erofs and ext4, and it is none of them',
  ],
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
