// What becomes of a build when something in the cache is not what it was.
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import type { Progress } from '../../generator/host/console/progress.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { withoutSystemError } from '../../generator/host/console/system-error.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { NotInCache } from '../../generator/host/debian/not-in-cache.ts'
import { keepTree, treeFault } from '../../generator/host/files/kept-tree.ts'
import { buildImage } from '../../generator/image/build-image.ts'
import { kernelFromPackage } from '../../generator/image/kernel/debian-kernel.ts'
import { rememberKernel } from '../../generator/image/kernel/remembered-kernel.ts'
import { type LockedPackage, readLock } from '../../generator/programs/lock.ts'
import { recipeNamed } from '../../generator/programs/recipes.ts'
import { isIntact, sourceOf } from '../../generator/programs/results.ts'
import { provideLocked } from '../../generator/programs/sources.ts'
import { rememberedLock, rememberLock } from '../../generator/programs/todays-lock.ts'
import { readRecord, recordText } from '../../generator/publish/digest-record.ts'
import { standInMirror } from '../anyday/stand-in-mirror.ts'
import { folderWith, madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { standIns } from '../image/stand-in.ts'
import { unpackedContents } from '../support/image.ts'
import { needs } from '../support/needs.ts'
import { declareInputs, type HostileInput } from './inputs.ts'

const folder = mkdtempSync(join(tmpdir(), 'cache-'))
process.env.XDG_CACHE_HOME = join(folder, 'xdg')
const segments = join(folder, 'xdg/aria2-initrd/segments')
const kernelRoot = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
/** Large enough to be kept compressed, and quick to compress. */
const program = Buffer.alloc(1 << 20, 'a program, such as aria2c; ')
const programs = folderWith({ busybox: 'box', aria2c: program, kexec: 'kexec', ca: 'certificates\n' })
test.after(() => {
  for (const each of [folder, kernelRoot, programs]) execFileSync('rm', ['-rf', each])
})

const inputs: HostileInput[] = []
const given = (input: string, expected: string, see: HostileInput['see']) =>
  inputs.push({ input, expected, run: 'CLI', see })

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

/** Collects what is said. */
function listener(): { said: string[]; progress: Progress } {
  const said: string[] = []
  return { said, progress: { ...silent, step: text => void said.push(text) } }
}

/** Whether an image has the program, and its manifest says so. */
async function isRight(output: string): Promise<boolean> {
  const entries = await unpackedContents(join(output, 'initrd.img'))
  const packed = entries.find(({ path }) => path === 'usr/bin/aria2c')
  const { files, image } = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8'))
  const listed = files.find(({ path }: { path: string }) => path === 'usr/bin/aria2c')
  return (
    packed?.content.equals(program) === true &&
    listed.sha256 === sha256(packed.content) &&
    image.sha256 === sha256(readFileSync(join(output, 'initrd.img')))
  )
}

/** Builds with the cache as it is. @returns what was said of the cache */
async function build(compress: 'zstd' | 'xz' = 'zstd'): Promise<string> {
  const { said, progress } = listener()
  const outputDir = join(folder, 'out')
  const options = {
    init: '#!/bin/sh\n',
    modules: ['card'],
    kernel: { root: kernelRoot },
    outputDir,
    compress,
  }
  await buildImage(options, progress, async () => standIns(programs))
  assert.ok(await isRight(outputDir))
  const words = said.filter(line => /cache|cannot/.test(line)).join('; ')
  return words
    .replaceAll(folder, '')
    .replace(/[0-9a-f]{12}…/g, 'KEY…')
    .replace(/[0-9a-f]{64}/g, 'KEY')
}

const segment = (suffix: string) => {
  const name = readdirSync(segments).find(each => each.endsWith(suffix)) ?? ''
  return join(segments, name)
}

function flip(path: string, at?: number): void {
  const content = readFileSync(path)
  const position = at ?? Math.floor(content.length / 2)
  content[position] = (content[position] ?? 0) ^ 1
  writeFileSync(path, content)
}

function replaced(path: string, make: () => void): void {
  unlinkSync(path)
  make()
}

/** What can become of a file. */
const faults: [string, (path: string) => void][] = [
  ['one byte flipped', path => flip(path)],
  ['cut', path => truncateSync(path, readFileSync(path).length - 1)],
  ['empty', path => truncateSync(path, 0)],
  ['missing', path => unlinkSync(path)],
  ['a folder in its place', path => replaced(path, () => mkdirSync(path))],
  ['a link to nowhere in its place', path => replaced(path, () => symlinkSync('/nowhere', path))],
  ['a link to another file in its place', path => replaced(path, () => symlinkSync('/etc/passwd', path))],
]

for (const [kind, suffix] of [
  ['segments/*.zst', '.zst'],
  ['segments/*.zst.sha256', '.zst.sha256'],
  ['segments/*.xz', '.xz'],
] as const) {
  for (const [what, damage] of suffix === '.zst' ? faults : faults.slice(0, 2)) {
    given(
      `${kind}: ${what}`,
      'compressed again; image and manifest are right; then from the cache',
      async () => {
        const compress = suffix === '.xz' ? 'xz' : 'zstd'
        await build(compress)
        assert.is(await build(compress), '')
        damage(segment(suffix))
        const said = await build(compress)
        assert.is(await build(compress), '', 'mended')
        return said === '' ? 'nothing is said: it was not there' : said
      },
    )
  }
}
given('segments: kept without a digest, as by versions before', 'compressed again', async () => {
  await build()
  for (const name of readdirSync(segments)) if (name.endsWith('.sha256')) unlinkSync(join(segments, name))
  return build()
})
given('segments: a file in the place of the folder', 'the build goes on without', async () => {
  rmSync(segments, { recursive: true })
  writeFileSync(segments, '')
  const said = await build()
  unlinkSync(segments)
  return said
})
given('segments: foreign files beside', 'not looked at', async () => {
  await build()
  writeFileSync(join(segments, 'foreign.zst'), 'x')
  return (await build()) === '' ? 'nothing is said' : 'something is said'
})
given('segments: two builds at once', 'both are right', async () => {
  rmSync(segments, { recursive: true })
  const outputs = [join(folder, 'one'), join(folder, 'two')]
  await Promise.all(outputs.map(output => ended(started(output))))
  const right = await Promise.all(outputs.map(isRight))
  return `${right.join(', ')}; ${await build()}`
})

function started(output: string): ReturnType<typeof spawn> {
  const script = fileURLToPath(new URL('build-once.ts', import.meta.url))
  const words = ['--import', 'tsx', script, kernelRoot, output, programs]
  return spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] })
}
const ended = (child: ReturnType<typeof spawn>) => new Promise(resolve => child.once('close', resolve))

given(
  'a build killed at 20 moments',
  'each next build is right, and nothing of a file is half there',
  async () => {
    rmSync(segments, { recursive: true })
    const output = join(folder, 'killed')
    for (let moment = 0; moment < 20; moment += 2) {
      await Promise.all(
        [moment, moment + 1].map(async each => {
          const child = started(`${output}-${each % 2}`)
          await new Promise(resolve => child.stdout?.once('data', resolve))
          await new Promise(resolve => setTimeout(resolve, each * 6))
          child.kill('SIGKILL')
          await ended(child)
        }),
      )
      await build()
    }
    for (const each of [0, 1]) {
      const made = `${output}-${each}/initrd.img`
      if (existsSync(made)) assert.ok(await isRight(`${output}-${each}`))
    }
    return build()
  },
)

const lock = readLock()
const busybox = recipeNamed('busybox')
const results = join(folder, 'results')

/** A result as a build leaves it. */
function makeResult(path: string): void {
  rmSync(path, { recursive: true, force: true })
  mkdirSync(path, { recursive: true })
  const content = { busybox: 'a shell', applets: 'sh\n' }
  const files = Object.entries(content).map(([name, text]) => {
    writeFileSync(join(path, name), text)
    return [name, { size: text.length, sha256: sha256(Buffer.from(text)) }] as const
  })
  const manifest = { source: sourceOf(busybox, lock), files: Object.fromEntries(files) }
  writeFileSync(join(path, 'manifest.json'), JSON.stringify(manifest))
  keepTree(path)
}

async function resultAfter(damage: (path: string) => void): Promise<string> {
  const path = join(results, 'busybox-key')
  makeResult(path)
  const { said, progress } = listener()
  assert.ok(await isIntact(path, busybox, lock, progress))
  damage(path)
  assert.is(await isIntact(path, busybox, lock, progress), false)
  assert.not.ok(existsSync(path), 'it makes room')
  return said.join('; ')
}

for (const file of ['busybox', 'applets', 'manifest.json'])
  for (const [what, damage] of faults)
    given(`results/busybox-*/${file}: ${what}`, 'taken away and built again', () =>
      resultAfter(path => damage(join(path, file))),
    )
for (const [what, text] of [
  ['no JSON', '{'],
  ['null', 'null'],
  ['a list', '[]'],
  ['without files', '{"source":"busybox"}'],
  [
    'of an older version, without the files of today',
    JSON.stringify({ source: sourceOf(busybox, lock), files: {} }),
  ],
  ['files that are numbers', JSON.stringify({ source: sourceOf(busybox, lock), files: { busybox: 1 } })],
] as const)
  given(`results/busybox-*/manifest.json: ${what}`, 'taken away and built again', () =>
    resultAfter(path => writeFileSync(join(path, 'manifest.json'), text)),
  )

/** A kernel's tree, as small as one can be. */
function treeAfter(damage: (path: string) => void): string {
  const path = join(folder, 'kernel')
  rmSync(path, { recursive: true, force: true })
  cpSync(kernelRoot, path, { recursive: true })
  writeFileSync(join(path, 'boot/config-6.0-test'), 'CONFIG_BLK_DEV_INITRD=y\n')
  symlinkSync('kernel', join(path, 'lib/modules/6.0-test/link'))
  keepTree(path)
  assert.is(treeFault(path), undefined)
  damage(path)
  return treeFault(path) ?? 'no fault is found'
}
for (const file of [
  'boot/vmlinuz-6.0-test',
  'boot/config-6.0-test',
  'lib/modules/6.0-test/kernel/card.ko',
  '.kept.json',
])
  for (const [what, damage] of file === '.kept.json' || file.endsWith('.ko') ? faults : faults.slice(0, 4))
    given(`kernels/*/${file}: ${what}`, 'the fault is named; the kernel is fetched again', () => {
      const fault = treeAfter(path => damage(join(path, file)))
      assert.is.not(fault, 'no fault is found')
      return fault
    })
given('kernels/*: a module more', 'the fault is named', () =>
  treeAfter(path => writeFileSync(join(path, 'lib/modules/6.0-test/kernel/extra.ko'), 'x')),
)
given('kernels/*: a link that leads elsewhere', 'the fault is named', () =>
  treeAfter(path => {
    unlinkSync(join(path, 'lib/modules/6.0-test/link'))
    symlinkSync('/etc', join(path, 'lib/modules/6.0-test/link'))
  }),
)
given('kernels/*: a list of another version', 'the fault is named', () =>
  treeAfter(path => writeFileSync(join(path, '.kept.json'), '{"format":0,"files":{}}')),
)
given('kernels/*: a file in the place of the tree', 'the fault is named', () =>
  treeAfter(path => {
    rmSync(path, { recursive: true })
    writeFileSync(path, '')
  }),
)

/** What the build root is made of comes from a mirror, here a stand-in. */
const deb = Buffer.from('a package of the build root')
const lockedDeb: LockedPackage = {
  version: '4.4.1-2',
  kind: 'binary',
  folder: 'pool/main/m/make',
  files: [{ name: 'make_4.4.1-2_amd64.deb', size: deb.length, sha256: sha256(deb) }],
}
const packages = join(folder, 'packages')

async function provideDeb(mirror: string, offline: boolean) {
  const [sources, settings] = [join(folder, 'sources.list'), join(folder, 'apt.conf')]
  writeFileSync(sources, `deb ${mirror} trixie main\n`)
  writeFileSync(settings, `Dir::Etc::sourcelist "${sources}";\nDir::Etc::sourceparts "/dev/null";\n`)
  process.env.APT_CONFIG = settings
  try {
    const archive = () => DebianArchive.open('trixie', silent, { offline })
    return await provideLocked([['make', lockedDeb]], packages, archive, '', [])
  } finally {
    delete process.env.APT_CONFIG
  }
}

for (const [what, damage] of faults)
  given(
    `build-root/packages/*.deb: ${what}`,
    'offline it is told as missing; else it is fetched again',
    async () => {
      rmSync(packages, { recursive: true, force: true })
      const mirror = await standInMirror({ 'pool/main/m/make/make_4.4.1-2_amd64.deb': deb })
      try {
        const { paths } = await provideDeb(mirror.address, false)
        const path = paths.get('make_4.4.1-2_amd64.deb') ?? ''
        assert.equal(readFileSync(path), deb)
        damage(path)
        const offline = await provideDeb(mirror.address, true)
        const missing = offline.missing.map(({ name, reason }) => `${name}: ${reason}`)
        assert.equal((await provideDeb(mirror.address, false)).missing, [])
        assert.equal(readFileSync(path), deb)
        assert.ok(lstatSync(path).isFile())
        return `${missing}; then ${mirror.asked.length} downloads in all`
      } finally {
        mirror.close()
      }
    },
  )

for (const [what, damage] of faults)
  given(`today/*.json: ${what}`, 'the answer of yesterday is not believed: Debian is asked', async () => {
    const used = { ...lock, release: 'forky' }
    rmSync(join(folder, 'today'), { recursive: true, force: true })
    await rememberLock(folder, lock, used)
    assert.equal(rememberedLock(folder, lock, false), used)
    const [name = ''] = readdirSync(join(folder, 'today'))
    damage(join(folder, 'today', name))
    assert.is(rememberedLock(folder, lock, true), undefined)
    return 'not used'
  })

/** What `build --offline` says where a kernel was fetched before. */
async function offlineKernel(damage: (memory: string, tree: string) => void): Promise<string> {
  const kernels = join(folder, 'xdg/aria2-initrd/kernels')
  const [memory, tree] = [join(kernels, 'linux-image-amd64.json'), join(kernels, 'tree')]
  rmSync(kernels, { recursive: true, force: true })
  mkdirSync(kernels, { recursive: true })
  cpSync(kernelRoot, tree, { recursive: true })
  keepTree(tree)
  await rememberKernel('linux-image-amd64', { tree, kernel: 'linux-image-6.0-test', version: '6.0.1-1' })
  const kernel = () => kernelFromPackage('linux-image-amd64', progress, { offline: true })
  const { said, progress } = listener()
  assert.is((await kernel()).origin, 'Debian linux-image-6.0-test 6.0.1-1')
  damage(memory, tree)
  const error = await kernel().catch(reason => reason)
  assert.instance(error, NotInCache)
  return [...said, ...error.items].join('; ')
}
for (const [what, damage] of faults)
  given(`--offline, kernels/NAME.json: ${what}`, 'what is missing is told', () => offlineKernel(damage))
for (const [what, damage] of faults)
  given(`--offline, kernels/*/boot/vmlinuz-*: ${what}`, 'not used; told as missing', () =>
    offlineKernel((_, tree) => damage(join(tree, 'boot/vmlinuz-6.0-test'))),
  )

const record = { node: { source: 's', published: 'p', pieceLength: 1, interiorStart: 0, digests: {} } }
for (const [what, text] of [
  ['one digit changed', recordText(record as never).replace('"s"', '"t"')],
  ['cut', recordText(record as never).slice(0, -20)],
  ['no JSON', 'x'],
  [
    'no files, with the right digest',
    JSON.stringify({ format: 1, files: null, digest: sha256(Buffer.from('null')) }),
  ],
  ['an older version', JSON.stringify({ format: 0, files: {}, digest: sha256(Buffer.from('{}')) })],
] as const)
  given(`publish's record of digests: ${what}`, 'nothing is believed', async () => {
    const path = join(folder, 'record.json')
    writeFileSync(path, text)
    assert.equal(await readRecord(path), {})
    return 'all is read again'
  })

given('the cache folder is read-only', 'the image is right; that it cannot be kept is said', async () => {
  if (process.getuid?.() !== 0) chmodSync(join(folder, 'xdg/aria2-initrd'), 0o500)
  const before = process.env.XDG_CACHE_HOME
  process.env.XDG_CACHE_HOME = '/proc/sys'
  try {
    return (await build()).replace(/\/proc\/sys\/\S*/, 'CACHE')
  } finally {
    process.env.XDG_CACHE_HOME = before
  }
})
given('a system error that nobody expected', 'no bug, but what and where', () => {
  try {
    readFileSync('/proc/self/mem/x')
  } catch (error) {
    const shown = withoutSystemError(error)
    assert.instance(shown, CommandError)
    return (shown as CommandError).message
  }
  return 'none'
})

declareInputs(test, 'cache', inputs, needs(test, { 'apt-get': 'apt', 'dpkg-deb': 'dpkg' }))

test.run()
