import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../../generator/simulator/simulate.ts'
import { worldNamed } from '../../scenarios/scenario.ts'
import { switchRootScenarios } from '../../scenarios/switch-root.ts'
import { trustScenarios } from '../../scenarios/trust.ts'

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

test('a root that a hash tree proves is mounted from its device', () => {
  for (const [name, tree] of [
    ['a hash tree beside the root', '/tmp/url-1/a b.verity'],
    ['a hash tree behind the file system', '/tmp/url-1/a b.squashfs'],
  ] as const) {
    const { trace } = named(name)
    const verity = trace.find(([command]) => command === 'verity')
    assert.equal(verity?.slice(1, 3), ['/tmp/url-1/a b.squashfs', tree], name)
    assert.match(verity?.at(-1) ?? '', /^(c0){32}$|^(Ab){64}$/, 'the digits alone')
    assert.equal(mounts(name)[0], ['mount', '-t', 'squashfs', '-o', 'ro', '/dev/dm-0', '/sysroot'], name)
  }
  assert.equal(mounts('a hash tree, and a layer in memory')[0]?.slice(1, 6), [
    ...['-t', 'squashfs', '-o', 'ro', '/dev/dm-0'],
  ])
  const unpacked = named('a hash tree of an xz').trace.find(([command]) => command === 'verity')
  assert.is(unpacked?.[1], '/tmp/url-1/r.xz.unpacked')
})

test('systemd, which has a meaning of its own for roothash=, is told of', () => {
  const warning = 'warning: systemd waits for a partition by roothash=; add systemd.verity=no'
  assert.match(named('a hash tree, and systemd in the root').console, warning)
  for (const name of ['a hash tree behind the file system', 'a hash tree, and a systemd that was told'])
    assert.not.match(named(name).console, warning, name)
})

test('the system sees next_kernel_params= where it is given, with what inherit= takes', () => {
  const { console: said, machine, trace } = named('a command line of its own for the system')
  assert.is(String(machine.files.read('/proc/cmdline')), 'console=ttyS0 quiet ds=y\n')
  assert.match(said, "switch-root: the system's command line: console=ttyS0 quiet ds=y\n")
  assert.not.match(said, 'warning: systemd waits', 'it does not see roothash=')
  const bind = ['mount', '-o', 'bind', '/run/aria2-initrd/cmdline', '/proc/cmdline']
  assert.ok(trace.some(words => words.join(' ') === bind.join(' ')))
  assert.not.match(
    String(named('a squashfs is the root').machine.files.read('/proc/cmdline')),
    'aria2-initrd',
  )
})

/** Under a manifest. */
const signedBoot = (name: string) => simulate(worldNamed(name, trustScenarios))

test('signed: the start comes from the manifest, and the system sees the signed command line', () => {
  const { console: said, machine, trace } = signedBoot('a signed root with a hash tree')
  const verity = trace.find(([command]) => command === 'verity')
  assert.equal(verity?.slice(1), [
    ...['/tmp/signed/root.squashfs', '/tmp/signed/root.verity', 'c0'.repeat(32)],
  ])
  assert.ok(trace.some(words => words.includes('size=4G')))
  const seen = 'console=ttyS0 root=/dev/ram0 quiet\n'
  assert.is(String(machine.files.read('/proc/cmdline')), seen, 'nothing else of the node’s line')
  assert.match(said, `switch-root: the system's command line: ${seen}`)
  assert.not.match(said, 'warning: systemd')
  const plain = signedBoot('a signed root by its digest alone')
  assert.is(String(plain.machine.files.read('/proc/cmdline')), seen)
  assert.not.ok(plain.ran('verity'))
})

for (const [name, cause] of [
  ['a signed root of which one bit is another', 'in the manifest, but no fetched file has this digest'],
  ['a hash tree that has not come', 'in the manifest, but no fetched file has this digest'],
  ['a signed root that is not what its root hash says', 'from byte 0 on not what the root hash says'],
  ['a hash tree, and no root hash in the manifest', 'a hash tree, and no roothash= to hold it against'],
  ['a root hash of 40 digits in the manifest', 'roothash=c0c0: not a digest'],
  ['a root hash for a next kernel in the manifest', 'roothash= needs boot=switch_root'],
  ['a layer on a disk in the manifest', 'rd.overlay=LABEL=x: not tmpfs'],
  ['a start that this image does not know', 'the manifest says boot ostree, which this image does not know'],
  ['boot=switch_root beside the manifest of a root', 'boot=switch_root and rd.overlay= are for the manifest'],
  ["boot=switch_root beside a kernel's manifest", 'boot=switch_root and rd.overlay= are for the manifest'],
  ['a layer beside the manifest', 'boot=switch_root and rd.overlay= are for the manifest to say'],
  ['a root hash beside the manifest', 'roothash= is for the manifest to say'],
] as const)
  test(`signed: ${name}`, () => {
    const { console: said, ran } = signedBoot(name)
    assert.match(said, cause)
    assert.not.ok(ran('switch_root') || ran('kexec'))
  })

test('signed: a root needs the parts that the manifest asks for', () => {
  for (const part of ['switch-root', 'verity'] as const) {
    const world = worldNamed('a signed root with a hash tree', trustScenarios)
    const { console: said, ran } = simulate({ ...world, without: [part] })
    assert.match(said, `is not in this image: built --without ${part}`)
    assert.not.ok(ran('switch_root'))
  }
})

test('what is verified, and by what, is said', () => {
  const { console: said } = named('a hash tree beside the root')
  assert.match(said, 'verify: no digest given: the root alone is verified, by roothash=\n')
  assert.match(said, 'switch-root: /tmp/url-1/a b.squashfs: all of it is held against roothash=\n')
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
  ['an init for 183 0 on x86_64', '/tmp/url-1/a b.squashfs: /sbin/init is built for another architecture'],
  ['no image', 'boot=switch_root, and no image is among the files'],
  ['a digest of the kernel alone', 'boot=switch_root, and no image is among the files'],
  ['two images', 'boot=switch_root, and several images are among the files'],
  ['a root hash, and no hash tree', '/tmp/url-1/a b.squashfs: no hash tree for a b.squashfs'],
  [
    'a root that is not what its root hash says',
    '/tmp/url-1/a b.squashfs: from byte 4096 on not what the root hash says',
  ],
  [
    'a root hash, and a kernel without dm-verity',
    'this kernel has no dm-verity: build the image with --modules storage',
  ],
  [
    'a hash tree, and no root hash',
    '/tmp/url-1/a b.verity: a hash tree, and no roothash= to hold it against',
  ],
  ['a root hash of a tar', /\/tmp\/url-1\/r: roothash= proves a file system, and this is an archive \(tar\)/],
  ['a root whose init is no program', '/tmp/url-1/a b.squashfs: /sbin/init is not a program'],
  ['an image of something else', '/tmp/url-1/x.iso: not a root: neither squashfs, erofs, ext4, tar nor cpio'],
] as const) {
  test(`${name}: in words`, () => {
    const { console: said, trace } = named(name)
    assert.match(said, typeof cause === 'string' ? `switch-root: ${cause}\n` : cause)
    assert.not.ok(trace.some(([command]) => command === 'switch_root'))
  })
}

for (const [name, cause] of [
  ['a root hash of 40 digits', /command-line: roothash=(c0){20}: not a digest/],
  ['a root hash that is none', /command-line: roothash=usr: not a digest/],
  ['a root hash for the next kernel', /command-line: roothash= needs boot=switch_root/],
] as const) {
  test(`${name}: refused before anything is fetched`, () => {
    const { console: said, trace } = named(name)
    assert.match(said, cause)
    assert.not.ok(trace.some(([command]) => command === 'aria2c'))
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
