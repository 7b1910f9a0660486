import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { check, xzSync } from 'node-liblzma'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/command-error.ts'
import type { ArchiveEntry } from '../../generator/image/archive/entry.ts'
import { writeNewc } from '../../generator/image/archive/newc-writer.ts'
import { extract } from '../../generator/image/inspect/extract.ts'
import { readNewc } from '../../generator/image/inspect/newc-reader.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { kernelFromTree } from '../../generator/image/kernel/kernel-tree.ts'
import { moduleEntries } from '../../generator/image/modules/module-entries.ts'
import { silent, terminalProgress } from '../../generator/progress.ts'
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

async function failure(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    assert.instance(error, CommandError)
    return (error as Error).message
  }
  return assert.unreachable('it should fail') as never
}

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
    'boot/vmlinuz-6.2': '',
    'usr/lib/modules/6.3/kernel/a.ko': '',
  })
  const empty = folderWith({ 'etc/passwd': '' })
  assert.is(message(several), 'several kernels in ROOT: 6.1, 6.2')
  assert.is(message(several, '6.2'), '6.2')
  assert.is(message(several, '6.3'), 'no kernel 6.3 in ROOT')
  assert.is(message(empty), 'no kernel in ROOT')
  assert.is(message('/nowhere'), 'no such kernel tree: ROOT')
  assert.is(message('/etc/passwd'), 'the kernel tree ROOT is not a folder')
  for (const root of [several, empty]) rmSync(root, { recursive: true })
})

/** Writes the entries out, so that other programs can look at them. */
async function onDisk(entries: ArchiveEntry[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modules-'))
  const above = ['lib', 'lib/modules'].map((path): ArchiveEntry => ({ kind: 'directory', path, mode: 0o755 }))
  await extract(readNewc(await writeNewc([...above, ...entries]), 0).entries, folder)
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
  rmSync(folder, { recursive: true })
})

test.run()
