// The netboot kernel's recipe and records, without the kernel: a small source stands in for it, with the real Kconfig in the real
// build root. test/boot/netboot-kernel.test.ts builds the real one.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { NotInCache } from '../../generator/host/debian/not-in-cache.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { kernelOptions } from '../../generator/image/compression/kernel-config.ts'
import { kernelFromTree } from '../../generator/image/kernel/kernel-tree.ts'
import { billOfMaterials } from '../../generator/image/records/bill-of-materials.ts'
import { type Manifest, manifestOf } from '../../generator/image/records/manifest.ts'
import { buildRootKey } from '../../generator/programs/build-root.ts'
import { kernelSource, netbootLock, type ProjectLock, readLock } from '../../generator/programs/lock.ts'
import { provideNetbootKernel } from '../../generator/programs/netboot-kernel.ts'
import { fetchInputs } from '../../generator/programs/provide-programs.ts'
import { netbootKernelRecipe, recipeFile, recipeKey } from '../../generator/programs/recipes.ts'
import type { Departure } from '../../generator/programs/todays-lock.ts'
import { failure } from '../support/failure.ts'
import { needs } from '../support/needs.ts'

const work = mkdtempSync(join(tmpdir(), 'netboot-kernel-'))
test.after(() => rmSync(work, { recursive: true, force: true }))

const fragment = readFileSync(recipeFile('netboot.config'), 'utf8')
/** Name and value of each option of the fragment. */
const asked = [...fragment.matchAll(/^CONFIG_(\w+)=(y|m|\d+|"[^"]*")(?: # .+)?$/gm)].map(
  ([, name = '', value = '']) => ({ name, value }),
)

test('the fragment has nothing but comments and options, each once', () => {
  const lines = fragment.trimEnd().split('\n')
  assert.is(lines.filter(line => line !== '' && !line.startsWith('#')).length, asked.length)
  assert.is(new Set(asked.map(({ name }) => name)).size, asked.length)
})

test('the lock names the source, and in what the build root differs; the programs do not depend on that', () => {
  const lock = readLock()
  const kernel = netbootLock(lock)
  assert.equal(Object.keys(kernel.packages), [kernelSource])
  for (const tool of ['bison', 'flex', 'gcc-14', 'libelf-dev']) assert.ok(kernel.tools[tool], tool)
  for (const [name, { version }] of Object.entries(lock.netboot.tools))
    assert.is.not(lock.tools[name]?.version, version, `${name} is the same for both`)
  assert.is.not(buildRootKey(kernel), buildRootKey(lock))
  assert.is(
    buildRootKey(lock),
    buildRootKey({ ...lock, netboot: { packages: {}, tools: {} } } as ProjectLock),
  )
  const newer = structuredClone(kernel)
  if (newer.packages[kernelSource]) newer.packages[kernelSource].version = '6.12.999-1'
  const keys = [kernel, newer].map(each => recipeKey(netbootKernelRecipe, each, 'root'))
  assert.is.not(keys[0], keys[1])
})

test('the manifest and the bill of materials name its source, and whether that is the one of the lock', () => {
  const lock = netbootLock(readLock())
  const { version = '' } = lock.packages[kernelSource] ?? {}
  const recordOf = (departures: Departure[]): Manifest => {
    const origin = `Debian ${kernelSource} ${version}`
    const kernel = {
      version: '6.12.0-netboot',
      vmlinuz: '',
      modules: '',
      origin,
      inUse: { lock, departures },
    }
    const made = { vmlinuz: Buffer.from('k'), image: Buffer.from('i'), segments: [], parts: [] }
    const programs = { lock: readLock(), departures: [] }
    return manifestOf({ ...made, kernel, kernelOrigin: origin, compression: 'xz', inUse: programs })
  }
  const manifest = recordOf([])
  assert.is(manifest.packages[kernelSource], version)
  assert.ok(manifest.packages.busybox)
  assert.is(manifest.locked, true)
  const bill = JSON.stringify(billOfMaterials(manifest))
  assert.match(bill, `pkg:deb/debian/${kernelSource}@${version}?arch=all`)
  const newer = recordOf([{ package: kernelSource, locked: version, used: '6.12.999-1' }])
  assert.is(newer.locked, false)
  assert.equal(
    newer.departures?.map(({ used }) => used),
    ['6.12.999-1'],
  )
})

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** An option as a Kconfig of its own would have it, which takes the value that is asked for. */
function declared({ name, value }: { name: string; value: string }, rest = ''): string {
  const type = value === 'y' ? 'bool' : value === 'm' ? 'tristate' : value.startsWith('"') ? 'string' : 'int'
  const modules = name === 'MODULES' ? '\toption modules\n' : ''
  return `config ${name}\n\t${type} "${name}"\n${modules}${rest}\n`
}

const makefile = `
allnoconfig:
	LD_LIBRARY_PATH=. ./conf --allnoconfig Kconfig
bzImage:
	mkdir -p arch/x86/boot && { echo kernel; echo "$$KBUILD_BUILD_TIMESTAMP"; } >arch/x86/boot/bzImage
modules:
	echo module >virtio.ko
kernelrelease:
	@echo 6.12.0-test
modules_install:
	mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.12.0-test/kernel
	cp virtio.ko $(INSTALL_MOD_PATH)/lib/modules/6.12.0-test/kernel
	ln -s /build/linux $(INSTALL_MOD_PATH)/lib/modules/6.12.0-test/build
`

/**
 * A package that stands in for Debian's source of the kernel, in a cache that has the build root's packages.
 * @param lost an option that needs what is not there
 * @returns a lock that names it
 */
function standIn(name: string, lost?: string): ProjectLock {
  const [tree, deb] = [join(work, name, 'linux-source'), join(work, name, 'deb')]
  mkdirSync(tree, { recursive: true })
  const needs = (option: string) => (option === lost ? '\tdepends on NOT_THERE\n' : '')
  writeFileSync(join(tree, 'Kconfig'), asked.map(each => declared(each, needs(each.name))).join('\n'))
  writeFileSync(join(tree, 'Makefile'), makefile)
  copyFileSync('/usr/bin/kconfig-conf', join(tree, 'conf'))
  const parser = 'libkconfig-parser-4.11.0.so'
  copyFileSync(`/usr/lib/x86_64-linux-gnu/${parser}`, join(tree, parser))

  for (const folder of ['DEBIAN', 'usr/src']) mkdirSync(join(deb, folder), { recursive: true })
  const control = {
    Package: kernelSource,
    Version: '6.12.0-1',
    Architecture: 'all',
    Maintainer: 'a',
    Description: 'b',
  }
  const lines = Object.entries(control).map(([key, value]) => `${key}: ${value}\n`)
  writeFileSync(join(deb, 'DEBIAN/control'), lines.join(''))
  const tar = join(deb, `usr/src/${kernelSource}.tar.xz`)
  execFileSync('tar', ['-cJf', tar, '-C', join(work, name), 'linux-source'])
  const file = join(work, `${kernelSource}_6.12.0-1_all.deb`)
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', '-Zxz', deb, file])

  const lock = structuredClone(readLock())
  const entry = { name: `${kernelSource}_6.12.0-1_all.deb`, size: statSync(file).size, sha256: sha256(file) }
  const binaries = join(work, name, 'cache/aria2-initrd/binaries')
  mkdirSync(join(binaries, 'sources'), { recursive: true })
  copyFileSync(file, join(binaries, 'sources', `${entry.sha256.slice(0, 16)}-${entry.name}`))
  linkPackages(lock, join(binaries, 'build-root/packages'))
  const locked = { version: '6.12.0-1', kind: 'binary' as const, folder: 'pool', files: [entry] }
  // The programs' own build root will do.
  return { ...lock, netboot: { packages: { [kernelSource]: locked }, tools: {} } }
}

/** The build root's packages are in this machine's cache, as `fetchInputs` has seen to. */
function linkPackages(lock: ProjectLock, to: string): void {
  mkdirSync(to, { recursive: true })
  for (const { files } of Object.values(lock.tools)) {
    for (const { name, sha256: digest } of files) {
      const file = `${digest.slice(0, 16)}-${name}`
      const from = join(cacheFolder(), 'binaries/build-root/packages', file)
      if (existsSync(from)) linkOrCopy(from, join(to, file))
    }
  }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    copyFileSync(from, to)
  }
}

/** Builds with the cache of a stand-in. */
async function built(name: string, lock: ProjectLock) {
  const before = process.env.XDG_CACHE_HOME
  process.env.XDG_CACHE_HOME = join(work, name, 'cache')
  try {
    return await provideNetbootKernel(silent, {}, lock)
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
  }
}

const builds = needs(test, {
  'kconfig-conf': 'kconfig-frontends-nox',
  'dpkg-deb': 'dpkg',
  'apt-get': 'apt',
  unshare: 'util-linux',
})

builds(
  'the recipe leaves a kernel tree: what was asked for is so, and no path of the build is in it',
  async () => {
    await fetchInputs(silent)
    const { tree, source, inUse } = await built('whole', standIn('whole'))
    assert.is(source, `${kernelSource} 6.12.0-1`)
    assert.equal(inUse.departures, [])
    const kernel = kernelFromTree(tree)
    assert.is(kernel.version, '6.12.0-test')
    assert.is(readFileSync(kernel.vmlinuz, 'utf8'), 'kernel\nWed Jan  1 00:00:00 UTC 2025\n')
    const options = kernelOptions(kernel)
    for (const { name, value } of asked) assert.is(options?.has(`CONFIG_${name}`), value === 'y', name)
    const modules = join(tree, 'lib/modules/6.12.0-test')
    assert.ok(existsSync(join(modules, 'kernel/virtio.ko')))
    assert.not.ok(existsSync(join(modules, 'build')))
  },
)

builds('an option that Kconfig drops ends the build, by name', async () => {
  await fetchInputs(silent)
  const told = await failure(built('lost', standIn('lost', 'DM_VERITY')))
  assert.match(told, 'building the netboot kernel failed')
  assert.match(told, 'netboot.config: not taken over:\nCONFIG_DM_VERITY=m')
  assert.not.match(told, 'CONFIG_SQUASHFS')
})

builds('without a network, what the cache lacks is listed with its size', async () => {
  const error = await provideNetbootKernel(silent, { offline: true }, standIn('offline')).then(
    () => undefined,
    reason => reason,
  )
  assert.instance(error, NotInCache)
  assert.match(
    error.items.join(),
    new RegExp(`^${kernelSource}_6.12.0-1_all.deb .*, for ${kernelSource}\\)$`),
  )
})

test.run()
