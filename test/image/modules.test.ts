import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { check, xzSync } from 'node-liblzma'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent, terminalProgress } from '../../generator/host/console/progress.ts'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import { loadableCompressions } from '../../generator/image/compression/kernel-config.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { kernelFromTree } from '../../generator/image/kernel/kernel-tree.ts'
import { needFirmware } from '../../generator/image/modules/firmware.ts'
import { driverEntries, moduleEntries } from '../../generator/image/modules/module-entries.ts'
import { moduleName } from '../../generator/image/modules/module-file.ts'
import { ModuleTree } from '../../generator/image/modules/module-tree.ts'
import type { ArchiveEntry } from '../../generator/image/newc/entry.ts'
import { writeNewc } from '../../generator/image/newc/newc-writer.ts'
import { failure } from '../support/failure.ts'
import { extractBytes } from '../support/image.ts'
import { needs } from '../support/needs.ts'
import { folderWith, madeUpKernel, madeUpModule } from './made-up-kernel.ts'

/** The entries for modules of a made-up tree, by their path below lib/modules/6.0-test. */
async function packed(
  modules: Record<string, Buffer | string>,
  wanted: string[],
): Promise<Map<string, string>> {
  const root = madeUpKernel(modules)
  try {
    const entries = await moduleEntries(kernelFromTree(root), wanted, silent)
    return new Map(
      entries.flatMap(entry =>
        entry.kind === 'file'
          ? [[entry.path.slice('lib/modules/6.0-test/'.length), entry.content.toString('latin1')] as const]
          : [],
      ),
    )
  } finally {
    rmSync(root, { recursive: true })
  }
}

const modulesOf = (files: Map<string, string>) => [...files.keys()].filter(path => path.endsWith('.ko'))

const zstdTest = needs(test, { zstd: 'zstd' })

zstdTest('dependencies come along, in load order from the right, whatever compresses them', async () => {
  const bus = madeUpModule('depends=', 'alias=acpi:BUS:')
  const card = madeUpModule('depends=bus-core,lib', 'alias=pci:v1*', 'alias=pci:v0*')
  const files = await packed(
    {
      'kernel/drivers/card.ko.xz': xzSync(card, { check: check.CRC32 }),
      'kernel/drivers/bus-core.ko.gz': gzipSync(bus),
      'kernel/lib/lib.ko.zst': execFileSync('zstd', ['-qc'], { input: madeUpModule('depends=bus-core') }),
      'kernel/other.ko': madeUpModule('depends='),
    },
    ['card'],
  )
  assert.equal(modulesOf(files), [
    'kernel/drivers/bus-core.ko',
    'kernel/drivers/card.ko',
    'kernel/lib/lib.ko',
  ])
  assert.is(files.get('kernel/drivers/card.ko'), card.toString('latin1'), 'byte for byte')
  assert.is(
    files.get('modules.dep'),
    'kernel/drivers/bus-core.ko:\n' +
      'kernel/drivers/card.ko: kernel/lib/lib.ko kernel/drivers/bus-core.ko\n' +
      'kernel/lib/lib.ko: kernel/drivers/bus-core.ko\n',
  )
  assert.is(files.get('modules.alias'), 'alias acpi:BUS: bus_core\nalias pci:v0* card\nalias pci:v1* card\n')
})

test('soft dependencies come along by name and by alias; one that is nowhere is left out', async () => {
  const files = await packed(
    {
      'kernel/card.ko': madeUpModule('softdep=pre: phy sum nowhere post: later'),
      'kernel/phy.ko': madeUpModule(),
      'kernel/later.ko': madeUpModule(),
      'kernel/crypto/sum_generic.ko': madeUpModule('alias=sum'),
    },
    ['card'],
  )
  assert.equal(modulesOf(files), [
    'kernel/card.ko',
    'kernel/crypto/sum_generic.ko',
    'kernel/later.ko',
    'kernel/phy.ko',
  ])
  assert.match(files.get('modules.dep') ?? '', 'kernel/card.ko: kernel/phy.ko\n')
})

test('what is built in is no missing dependency, and may be asked for by name', async () => {
  const files = await packed(
    { 'kernel/card.ko': madeUpModule('depends=core'), 'modules.builtin': 'kernel/core.ko\n' },
    ['card', 'core'],
  )
  assert.equal(modulesOf(files), ['kernel/card.ko'])
  assert.is(files.get('modules.builtin'), 'kernel/core.ko\n')
})

test('a module in updates/ takes the place of the one that the kernel came with', async () => {
  const files = await packed(
    { 'kernel/card.ko': madeUpModule('version=1'), 'updates/card.ko': madeUpModule('version=2') },
    ['card'],
  )
  assert.equal(modulesOf(files), ['updates/card.ko'])
})

test('a missing dependency is an error that names both', async () => {
  const message = await failure(packed({ 'kernel/card.ko': madeUpModule('depends=gone') }, ['card']))
  assert.match(message, 'the module card needs the module gone, which is not in ')
})

test('a circle of dependencies is an error that names it', async () => {
  const circle = { 'kernel/a.ko': madeUpModule('depends=b'), 'kernel/b.ko': madeUpModule('depends=a') }
  assert.is(await failure(packed(circle, ['a'])), 'modules need each other in a circle: a -> b -> a')
})

zstdTest('a truncated module is an error that names the file, in every compression', async () => {
  const whole = madeUpModule('depends=', `description=${'x'.repeat(3000)}`)
  const noise = Buffer.concat([
    whole,
    Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31) % 251)),
  ])
  const cases = {
    'card.ko': whole.subarray(0, -10),
    'card.ko.xz': xzSync(noise, { check: check.CRC32 }).subarray(0, -40),
    'card.ko.gz': gzipSync(noise).subarray(0, -40),
    'card.ko.zst': execFileSync('zstd', ['-qc'], { input: noise }).subarray(0, -40),
    'empty.ko': Buffer.alloc(0),
  }
  for (const [name, content] of Object.entries(cases)) {
    const message = await failure(packed({ [`kernel/${name}`]: content }, [name.split('.')[0] ?? '']))
    assert.match(
      message,
      new RegExp(`/kernel/${name.replaceAll('.', '\\.')} (is damaged|is not a kernel module)`),
    )
  }
})

test('a soft dependency that leads back is left out; a circle below one is an error all the same', async () => {
  const back = {
    'kernel/a.ko': madeUpModule('softdep=pre: b'),
    'kernel/b.ko': madeUpModule('depends=c'),
    'kernel/c.ko': madeUpModule('depends=a'),
  }
  const files = await packed(back, ['c'])
  assert.is(
    files.get('modules.dep'),
    'kernel/a.ko:\nkernel/b.ko: kernel/c.ko kernel/a.ko\nkernel/c.ko: kernel/a.ko\n',
  )
  const below = {
    'kernel/a.ko': madeUpModule('softdep=pre: b'),
    'kernel/b.ko': madeUpModule('depends=c'),
    'kernel/c.ko': madeUpModule('depends=b'),
  }
  assert.is(await failure(packed(below, ['a'])), 'modules need each other in a circle: b -> c -> b')
})

test('a signature comes along to the byte; one that is cut off is an error', async () => {
  const signed = Buffer.concat([
    madeUpModule('depends='),
    Buffer.from('PKCS#7 \0 \xff', 'latin1'),
    Buffer.from('~Module signature appended~\n'),
  ])
  const files = await packed({ 'kernel/card.ko': signed, 'kernel/xz.ko.xz': xzSync(signed) }, ['card', 'xz'])
  for (const name of ['card', 'xz']) {
    assert.is(files.get(`kernel/${name}.ko`), signed.toString('latin1'), name)
  }
  for (const cut of [1, 20, 35]) {
    const message = await failure(packed({ 'kernel/card.ko': signed.subarray(0, -cut) }, ['card']))
    assert.match(message, /kernel\/card\.ko is damaged: it ends early$/)
  }
})

test('a kernel that has nothing of the sets is refused, and so is one without what they stand on', async () => {
  const other = { 'kernel/sound.ko': madeUpModule() }
  assert.is(
    await failure(packed(other, ['virtual', 'ethernet'])),
    'kernel 6.0-test has nothing of the module sets virtual, ethernet',
  )
  const built = { ...other, 'modules.builtin': 'kernel/drivers/net/ethernet/card.ko\n' }
  assert.is(
    await failure(packed(built, ['virtual', 'ethernet'])),
    'kernel 6.0-test lacks af_packet, as a module and built in: the set virtual is of no use without',
  )
  const whole = { ...other, 'modules.builtin': `${built['modules.builtin']}kernel/net/packet/af_packet.ko\n` }
  assert.equal(modulesOf(await packed(whole, ['virtual', 'ethernet'])), [])
})

test('a module with a blank in its path is an error; other letters are not', async () => {
  const message = await failure(packed({ 'kernel/my cards/card.ko': madeUpModule() }, ['card']))
  assert.is(
    message,
    "the module 'kernel/my cards/card.ko' has a blank or a colon in its path, which modprobe cannot read",
  )
  assert.equal(modulesOf(await packed({ 'kernel/kärtchen/card.ko': madeUpModule() }, ['card'])), [
    'kernel/kärtchen/card.ko',
  ])
})

test('a module of 5 GiB is one clear error', async () => {
  const root = madeUpKernel({ 'kernel/card.ko': '' })
  truncateSync(join(root, 'lib/modules/6.0-test/kernel/card.ko'), 5 * 2 ** 30)
  const message = await failure(moduleEntries(kernelFromTree(root), ['card'], silent))
  assert.match(message, /^cannot read .*\/card\.ko: /)
  rmSync(root, { recursive: true })
})

test('the set all is every module; infiniband takes what lies in its folders', async () => {
  const modules = {
    'kernel/drivers/infiniband/hw/mlx5/mlx5_ib.ko': madeUpModule('alias=auxiliary:mlx5_core.rdma'),
    'kernel/drivers/infiniband/ulp/ipoib/ib_ipoib.ko': madeUpModule('alias=rtnl-link-ipoib'),
    'kernel/drivers/infiniband/ulp/srp/ib_srp.ko': madeUpModule(),
    'kernel/net/packet/af_packet.ko': madeUpModule(),
    'extra/site.ko': madeUpModule(),
  }
  assert.equal(modulesOf(await packed(modules, ['all'])), Object.keys(modules).sort())
  const infiniband = await packed(modules, ['infiniband'])
  assert.equal(
    modulesOf(infiniband).map(path => path.split('/').at(-1)),
    ['mlx5_ib.ko', 'ib_ipoib.ko', 'af_packet.ko'],
  )
  // No device asks for IP over InfiniBand: it is loaded with the card's driver.
  assert.is(
    infiniband.get('modules.alias'),
    'alias auxiliary:mlx5_core.rdma ib_ipoib\nalias auxiliary:mlx5_core.rdma mlx5_ib\nalias rtnl-link-ipoib ib_ipoib\n',
  )
})

needs(
  test,
  { busybox: 'busybox-static', chroot: 'coreutils' },
  true,
)("BusyBox's modprobe loads all that a device's alias names, dependencies first", async () => {
  const root = madeUpKernel({
    'kernel/drivers/infiniband/hw/card.ko': madeUpModule('depends=bus', 'alias=pci:v1*'),
    'kernel/bus.ko': madeUpModule(),
    'kernel/ib_ipoib.ko': madeUpModule('depends=bus'),
    'kernel/af_packet.ko': madeUpModule(),
  })
  const folder = await onDisk(await moduleEntries(kernelFromTree(root), ['infiniband'], silent))
  // It looks for the modules of the kernel that runs.
  execFileSync('mv', [join(folder, 'lib/modules/6.0-test'), join(folder, 'lib/modules', release())])
  execFileSync('cp', [findProgram('busybox') ?? '', join(folder, 'busybox')])
  mkdirSync(join(folder, 'proc'))
  writeFileSync(join(folder, 'proc/modules'), '')
  const shown = execFileSync('chroot', [folder, '/busybox', 'modprobe', '-D', 'pci:v1d2'], {
    encoding: 'utf8',
  })
  const order = [...shown.matchAll(/(\w+)\.ko/g)].map(([, name]) => name)
  assert.equal([...new Set(order)].sort(), ['bus', 'card', 'ib_ipoib'], shown)
  assert.is(order[0], 'bus', shown)
  for (const each of [root, folder]) rmSync(each, { recursive: true })
})

test('a name that is neither module nor set is an error', async () => {
  const message = await failure(packed({ 'kernel/card.ko': madeUpModule() }, ['crad']))
  assert.is(message, 'kernel 6.0-test has no module crad, and no set is called so')
})

test('the set none needs no modules at all', async () => {
  const root = folderWith({ 'boot/vmlinuz-1': 'kernel' })
  assert.equal(await moduleEntries(kernelFromTree(root), ['none'], silent), [])
  assert.match(await failure(moduleEntries(kernelFromTree(root), ['virtual'], silent)), 'no lib/modules/1')
  rmSync(root, { recursive: true })
})

test('trees: where kernels are found, and what is wrong with others', () => {
  const message = (root: string, version?: string) => {
    try {
      return kernelFromTree(root, version).version
    } catch (error) {
      return (error as Error).message.replaceAll(root, 'ROOT')
    }
  }
  const several = folderWith({
    'usr/lib/modules/6.1/vmlinuz': '',
    'boot/vmlinuz-6.2': 'kernel',
    'usr/lib/modules/6.3/kernel/a.ko': '',
  })
  const arch = folderWith({
    'boot/vmlinuz-linux': 'kernel',
    'usr/lib/modules/6.4-arch1/vmlinuz': 'kernel',
    'usr/lib/modules/6.4-arch1/kernel/a.ko': '',
  })
  const two = folderWith({
    'boot/vmlinuz-6.5': 'kernel',
    'boot/vmlinuz-6.6': 'kernel',
    'lib/modules/6.5/kernel/a.ko': '',
    'lib/modules/6.6/kernel/a.ko': '',
  })
  const empty = folderWith({ 'etc/passwd': '' })
  assert.is(message(several), 'several kernels in ROOT: 6.1, 6.2')
  assert.is(message(several, '6.2'), '6.2')
  assert.is(message(several, '6.3'), 'no kernel 6.3 in ROOT')
  assert.is(message(several, '6.1'), 'the kernel ROOT/usr/lib/modules/6.1/vmlinuz is empty')
  assert.is(message(arch), '6.4-arch1')
  assert.is(message(arch, 'linux'), 'linux')
  assert.is(message(two), 'several kernels in ROOT: 6.5, 6.6')
  assert.match(kernelFromTree(two, '6.6').modules ?? '', /lib\/modules\/6\.6$/)
  assert.is(message(empty), 'no kernel in ROOT')
  assert.is(message('/nowhere'), 'no such kernel tree: ROOT')
  assert.is(message('/etc/passwd'), 'the kernel tree ROOT is not a folder')
  for (const root of [several, empty, arch, two]) rmSync(root, { recursive: true })
})

/** Writes the entries out, so that other programs can look at them. */
async function onDisk(entries: ArchiveEntry[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modules-'))
  const above = ['lib', 'lib/modules'].map((path): ArchiveEntry => ({ kind: 'directory', path, mode: 0o755 }))
  await extractBytes(await writeNewc([...above, ...entries]), folder)
  return folder
}

/** Path to its dependencies, of a modules.dep. */
function dependencies(text: string): Map<string, string[]> {
  const lines = text.trim().split('\n')
  return new Map(
    lines.map(line => [line.split(':')[0] ?? '', line.split(': ')[1]?.split(' ') ?? []] as const),
  )
}

const kmodTest = needs(test, { depmod: 'kmod' })
kmodTest("Debian's own kernel: the default sets, as depmod and modprobe of kmod see them", async () => {
  const kernel = await kernelFromPackage('linux-image-amd64', terminalProgress())
  const folder = await onDisk(await moduleEntries(kernel, ['virtual', 'ethernet'], silent))
  const home = join(folder, 'lib/modules', kernel.version)
  const read = (name: string) => readFileSync(join(home, name), 'utf8')
  const ours = dependencies(read('modules.dep'))
  const aliases = read('modules.alias')
  execFileSync('depmod', ['-b', folder, kernel.version], { stdio: 'ignore' })
  const theirs = dependencies(read('modules.dep'))

  assert.equal([...ours.keys()], [...theirs.keys()].sort())
  for (const [path, needed] of ours) {
    // Ours also has soft dependencies: BusyBox reads no modules.softdep.
    const more = needed.filter(one => !theirs.get(path)?.includes(one))
    const expected = path.endsWith('/r8169.ko') ? ['realtek.ko'] : []
    assert.equal(
      more.map(one => one.split('/').at(-1)),
      expected,
      path,
    )
    assert.equal(
      theirs.get(path)?.filter(one => !needed.includes(one)),
      [],
      path,
    )
    for (const [index, one] of needed.entries()) {
      const later = needed.slice(index + 1)
      assert.ok(
        ours.get(one)?.every(deeper => later.includes(deeper)),
        `${path}: ${one} stands before what it needs`,
      )
    }
  }
  const sorted = [...new Set(read('modules.alias').split('\n'))]
    .filter(line => line.startsWith('alias '))
    .sort()
  assert.is(aliases, sorted.map(line => `${line}\n`).join(''))
  for (const name of [
    'virtio_net',
    'e1000e',
    'mlx5_core',
    'r8169',
    'realtek',
    'bonding',
    '8021q',
    'hv_netvsc',
    'ena',
  ]) {
    assert.ok(
      [...ours.keys()].some(path => path.endsWith(`/${name}.ko`)),
      name,
    )
  }
  // Signed by Debian: what is packed is what was signed.
  const card = [...ours.keys()].find(path => path.endsWith('/e1000e.ko')) ?? ''
  const original = execFileSync('xz', ['-dc', join(kernel.modules ?? '', `${card}.xz`)], {
    maxBuffer: 64 << 20,
  })
  assert.ok(original.subarray(-100).includes('~Module signature appended~'))
  assert.ok(readFileSync(join(home, card)).equals(original))
  rmSync(folder, { recursive: true })
})

needs(test, { 'apt-get': 'apt' })(
  "Debian's own kernel decompresses modules itself: they are packed byte for byte",
  async () => {
    const kernel = await kernelFromPackage('linux-image-amd64', terminalProgress())
    const kept = loadableCompressions(kernel)
    assert.equal(kept, ['.ko.xz'])
    const { modules } = await driverEntries(kernel, ['virtual'], undefined, silent, kept)
    const home = `lib/modules/${kernel.version}/`
    const files = new Map(
      modules.flatMap(entry =>
        entry.kind === 'file' ? [[entry.path.slice(home.length), entry.content] as const] : [],
      ),
    )
    const packed = [...files.keys()].filter(path => /\.ko/.test(path))
    assert.ok(packed.some(path => path.endsWith('/virtio_net.ko.xz')))
    for (const path of packed)
      assert.ok(files.get(path)?.equals(readFileSync(join(kernel.modules ?? '', path))), path)
    const needed = dependencies(files.get('modules.dep')?.toString() ?? '')
    assert.equal([...needed.keys()], packed)
    for (const path of [...needed.values()].flat()) assert.ok(files.has(path), path)
  },
)

needs(test, { 'apt-get': 'apt' })("Debian's own kernel: the sets for InfiniBand and disks", async () => {
  const kernel = await kernelFromPackage('linux-image-amd64', terminalProgress())
  const builtIn = new ModuleTree(kernel.modules ?? '').builtIn
  for (const [set, wanted] of [
    ['infiniband', ['mlx5_ib', 'mlx5_core', 'mlx4_ib', 'hfi1', 'ib_ipoib', 'ib_core', 'af_packet']],
    [
      'storage',
      ['ahci', 'nvme', 'sd_mod', 'virtio_blk', 'megaraid_sas', 'mpt3sas', 'usb_storage', 'ext4', 'xfs'],
    ],
  ] as const) {
    const entries = await moduleEntries(kernel, [set], silent)
    const names = new Set(entries.map(({ path }) => moduleName(path)))
    for (const name of wanted) assert.ok(names.has(name) || builtIn.has(name), name)
  }
})

needs(test, { 'apt-get': 'apt' })("Debian's own kernel: the modules that need firmware name it", async () => {
  const kernel = await kernelFromPackage('linux-image-amd64', terminalProgress())
  const tree = new ModuleTree(kernel.modules ?? '')
  for (const name of needFirmware) {
    assert.ok(tree.has(name), name)
    const { info } = await tree.read(name)
    assert.ok(info.firmware.length > 0, name)
  }
  const empty = folderWith({ 'vendor/other.bin': '' })
  const message = await failure(driverEntries(kernel, ['bnx2x'], empty, silent))
  assert.match(
    message,
    /lacks firmware that the module bnx2x cannot do without: bnx2x\/bnx2x-e\w+-[\d.]+\.fw/,
  )
  rmSync(empty, { recursive: true })
})

test.run()
