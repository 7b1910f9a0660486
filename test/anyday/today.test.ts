// Six months later: nobody has a file that the lock names. The build goes on with what Debian has today, says so, and
// remembers it; --locked refuses; a mirror that still has the file makes the locked bytes again; without a network too.
import { execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { readLock } from '../../generator/programs/lock.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { needs } from '../support/needs.ts'
import {
  type Paragraph,
  type SigningKey,
  type StandInMirror,
  signedLists,
  signingKey,
  sourceParagraph,
  standInMirror,
} from './stand-in-mirror.ts'

const asRoot = needs(test, { 'apt-get': 'apt', gpg: 'gpg', unshare: 'util-linux', 'dpkg-deb': 'dpkg' }, true)
const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'today-'))
const cache = join(folder, 'cache')
const kernelRoot = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
let mirror: StandInMirror
let key: SigningKey
test.after(() => {
  mirror?.close()
  for (const each of [folder, kernelRoot]) rmSync(each, { recursive: true, force: true })
})

interface Run {
  status: number | null
  stdout: string
  stderr: string
}

/**
 * Runs aria2-initrd on a machine of six months later: its apt knows the stand-in mirror alone, Debian's key is the test's.
 * Without `network` it has not even a loopback interface.
 */
function later(words: string[], network = true): Promise<Run> {
  const apt = join(folder, 'apt.conf')
  const lax = ['AllowInsecureRepositories', 'AllowWeakRepositories', 'AllowDowngradeToInsecureRepositories']
  const settings = [
    `Dir::Etc::sourcelist "${folder}/sources.list"`,
    'Dir::Etc::sourceparts "/dev/null"',
    ...lax.map(name => `Acquire::${name} "true"`),
    // Seconds: on that day the lists are not of the future.
    'Acquire::Max-FutureTime "31536000"',
  ]
  writeFileSync(apt, settings.map(line => `${line};\n`).join(''))
  writeFileSync(join(folder, 'sources.list'), `deb ${mirror.address}/debian trixie main\n`)
  const script = `for keyring in /usr/share/keyrings/debian-archive-keyring.*; do mount --bind "$1" "$keyring"; done
    mount --bind "$0" /etc/apt/apt.conf.d
    shift; exec "$@"`
  const noSettings = join(folder, 'apt.conf.d')
  mkdirSync(noSettings, { recursive: true })
  const unshare = ['--mount', ...(network ? [] : ['--net']), 'sh', '-c', script, noSettings, key.keyring]
  return new Promise(resolve => {
    const child = spawn('unshare', [...unshare, process.execPath, bin, ...words], {
      env: { ...process.env, XDG_CACHE_HOME: cache, APT_CONFIG: apt },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const texts = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        texts[name] += chunk
      })
    }
    child.on('close', status => resolve({ status, ...texts }))
  })
}

const output = (name: string) => join(folder, name)
const build = (name: string, options: string[], network = true) => {
  const words = ['build', '--kernel-root', kernelRoot, '--modules', 'card', '-o', output(name), ...options]
  return later(words, network)
}
const recordOf = (name: string) => JSON.parse(readFileSync(join(output(name), 'manifest.json'), 'utf8'))

const lock = readLock()
const kexec = lock.packages['kexec-tools']
const changes = kexec?.files.find(({ name }) => name.includes('.debian.tar.'))
const binaries = () => join(cache, 'aria2-initrd/binaries')
const sourceOf = (sha256 = '', name = '') => join(binaries(), 'sources', `${sha256.slice(0, 16)}-${name}`)
let changesContent: Buffer

/** The kexec-tools of six months later. */
const newest = '1:2.0.29-99'
let newer: Map<string, Buffer>

/** The mirror's lists: kexec-tools is newer than in the lock, expat has a security update. */
function publishLists(
  version: string,
  files: Map<string, Buffer>,
  signedBy = key,
  more: Paragraph = {},
): void {
  const binary = (name: string, newest: string, where: string): Paragraph => ({
    Package: name,
    Version: newest,
    Architecture: 'amd64',
    Filename: `${where}/${name}.deb`,
    Size: '1',
    SHA256: '0'.repeat(64),
  })
  const directory = 'pool/main/k/kexec-tools'
  const release = {
    packages: [binary('kexec-tools', `${version}+b1`, 'pool/main/k')],
    sources: [sourceParagraph('kexec-tools', version, directory, files)],
  }
  const security = { packages: [binary('libexpat1', '99.1-1', 'pool/updates/main/e')], sources: [] }
  const lists = {
    ...signedLists('trixie', new Date('2027-05-01T10:00:00Z'), release, signedBy, more),
    ...Object.fromEntries(
      Object.entries(signedLists('trixie-security', new Date('2027-05-20T10:00:00Z'), security, key)).map(
        ([path, content]) => [`-security/${path}`, content],
      ),
    ),
  }
  for (const [path, content] of Object.entries(lists)) {
    mirror.files.set(path.startsWith('-security/') ? `debian${path}` : `debian/${path}`, content)
  }
  for (const [name, content] of files) mirror.files.set(`debian/${directory}/${name}`, content)
}

test.before(async () => {
  mirror = await standInMirror()
  if (process.getuid?.() !== 0) return
  key = signingKey(folder)
  // All that was built and fetched, but for kexec: its result is gone, and Debian's changes to it.
  await provideBinaries(silent)
  const real = join(cacheFolder(), 'binaries')
  for (const part of ['sources', 'results', 'build-root/packages']) {
    if (!existsSync(join(real, part))) continue
    mkdirSync(dirname(join(binaries(), part)), { recursive: true })
    cpSync(join(real, part), join(binaries(), part), { recursive: true })
  }
  for (const name of readdirSync(join(binaries(), 'results'))) {
    if (name.startsWith('kexec-')) rmSync(join(binaries(), 'results', name), { recursive: true })
  }
  for (const { name, sha256 } of kexec?.files ?? []) {
    const path = sourceOf(sha256, name)
    const content = existsSync(path) ? readFileSync(path) : undefined
    if (name === changes?.name) changesContent = content ?? Buffer.alloc(0)
    else if (content !== undefined) mirror.files.set(`debian/pool/main/k/kexec-tools/${name}`, content)
    rmSync(path, { force: true })
  }
  const original = kexec?.files.find(({ name }) => name.includes('.orig.tar.'))?.name ?? ''
  newer = new Map([
    [original, mirror.files.get(`debian/pool/main/k/kexec-tools/${original}`) ?? Buffer.alloc(0)],
    ['kexec-tools_2.0.29-99.debian.tar.xz', changesContent],
  ])
  publishLists(newest, newer)
})

asRoot('--locked refuses what is not the lock’s, names the file, and where it may be had', async () => {
  const { status, stdout, stderr } = await build('refused', ['--locked'])
  assert.is(status, 1)
  assert.is(stdout, '')
  assert.match(stderr, `error: a file of Debian's could not be fetched:\n  ${changes?.name}: 404`)
  assert.match(stderr, /help: .*--mirror URL.*--snapshot URL/)
  assert.not.ok(existsSync(join(output('refused'), 'initrd.img')))
})

asRoot('with --offline all that the cache lacks is listed at once', async () => {
  const words = ['build', '--offline', '-o', output('refused'), '--kernel', 'linux-image-amd64']
  const { status, stderr } = await later(words, false)
  assert.is(status, 1)
  assert.match(stderr, 'the cache lacks')
  assert.match(stderr, changes?.name ?? '?')
  assert.match(stderr, 'linux-image-amd64 (the kernel)')
  assert.match(stderr, /help: .*aria2-initrd fetch/)
})

const inRelease = 'debian/dists/trixie/InRelease'
const sources = 'debian/dists/trixie/main/source/Sources'

/** Lists that are not Debian's of today: what is wrong with them, and what apt says of it. */
const unfitLists: [name: string, spoil: () => void, reason: RegExp][] = [
  [
    'nobody signed',
    () => {
      mirror.files.set('debian/dists/trixie/Release', readFileSync(join(key.home, 'Release')))
      mirror.files.delete(inRelease)
    },
    /is not signed/,
  ],
  [
    'another key signed',
    () => {
      const other = join(folder, 'other')
      mkdirSync(other, { recursive: true })
      publishLists(newest, newer, signingKey(other))
    },
    /is not signed|signature/,
  ],
  [
    'were valid until a week before',
    () => publishLists(newest, newer, key, { 'Valid-Until': 'Sat, 21 Nov 2026 10:00:00 UTC' }),
    /expired/i,
  ],
  [
    'somebody changed after they were signed',
    () => mirror.files.set(sources, Buffer.from(`${mirror.files.get(sources)}\n`.replace('-99', '-66'))),
    /Hash Sum mismatch|unexpected size/,
  ],
  [
    'are of another release',
    () => publishLists(newest, newer, key, { Suite: 'sid', Codename: 'sid' }),
    /has sid in the place of trixie/,
  ],
]

for (const [name, spoil, reason] of unfitLists) {
  asRoot(`lists that ${name} are not read, whatever this machine's apt allows`, async () => {
    spoil()
    const { status, stderr } = await build('unfit-lists', [])
    mirror.files.delete('debian/dists/trixie/Release')
    publishLists(newest, newer)
    assert.is(status, 1, stderr)
    assert.match(stderr, 'error: the package lists of Debian trixie could not be fetched')
    assert.match(stderr, reason)
    assert.not.ok(existsSync(output('unfit-lists')))
  })
}

asRoot(
  'without --locked the build ends well, with what Debian has today, and says so at its end',
  async () => {
    const { status, stderr } = await build('today', [])
    assert.is(status, 0, stderr)
    assert.match(stderr, 'nobody has a file of the lock any more: looking for what Debian has today')
    const end = stderr.slice(stderr.indexOf('note: nobody has all that the lock names'))
    assert.match(end, `kexec-tools 1:2.0.29-99 in place of ${kexec?.version}`)
    const { locked, packages, departures } = recordOf('today')
    assert.is(locked, false)
    assert.is(packages['kexec-tools'], '1:2.0.29-99')
    assert.is(packages.zlib, lock.packages.zlib?.version)
    assert.equal(departures, [{ package: 'kexec-tools', locked: kexec?.version, used: '1:2.0.29-99' }])
  },
)

asRoot('the lock is behind the security updates: told by package, suite and date', async () => {
  const expat = lock.packages.expat?.version
  const { stderr } = await build('again', [])
  assert.match(stderr, `expat ${expat} -> 99.1-1 (trixie-security of 2027-05-20)`)
  assert.match(stderr, 'build --update-lock takes them, and names the security fixes')
})

asRoot('the next builds use what was found, without a network too, and make the same bytes', async () => {
  const { status, stderr } = await build('offline', ['--offline'], false)
  assert.is(status, 0, stderr)
  const image = (name: string) => readFileSync(join(output(name), 'initrd.img'))
  assert.ok(image('offline').equals(image('today')))
  assert.is(recordOf('offline').locked, false)
})

asRoot(
  'a mirror that still has the file makes the bytes of the lock, and so do fetch and no network',
  async () => {
    rmSync(join(binaries(), 'today'), { recursive: true })
    const old = await standInMirror({ [`debian/${kexec?.folder}/${changes?.name}`]: changesContent })
    const fetched = await later([
      'fetch',
      '--config',
      writeConfig(),
      '--mirror',
      `${old.address}/debian`,
      '--locked',
    ])
    old.close()
    assert.is(fetched.status, 0, fetched.stderr)
    const { status, stderr } = await build('locked', ['--offline', '--locked'], false)
    assert.is(status, 0, stderr)
    assert.is(recordOf('locked').locked, true)
    assert.is(recordOf('locked').departures, undefined)
    const digestOf = (name: string) =>
      recordOf(name).files.find(({ path }: { path: string }) => path === 'sbin/kexec').sha256
    const { kexec: real } = await provideBinaries(silent)
    assert.is(digestOf('locked'), real.sha256)
  },
)

asRoot('a source of today that our recipe does not fit is told with both versions', async () => {
  for (const { name, sha256 } of kexec?.files ?? []) rmSync(sourceOf(sha256, name), { force: true })
  for (const name of readdirSync(join(binaries(), 'results'))) {
    if (name.startsWith('kexec-')) rmSync(join(binaries(), 'results', name), { recursive: true })
  }
  rmSync(join(cache, 'aria2-initrd/debian'), { recursive: true })
  const other = join(folder, 'kexec-tools-3')
  mkdirSync(other)
  writeFileSync(join(other, 'README'), 'all is different now\n')
  const tar = execFileSync('tar', ['-cJ', '-C', folder, 'kexec-tools-3'])
  publishLists(
    '1:3-1',
    new Map([
      ['kexec-tools_3.orig.tar.xz', tar],
      ['kexec-tools_3-1.debian.tar.xz', changesContent],
    ]),
  )
  const { status, stderr } = await build('unfit', [])
  assert.is(status, 1)
  assert.match(stderr, `error: kexec-tools 1:3-1 is what Debian has today, the lock names ${kexec?.version}`)
  assert.match(stderr, `help: name a mirror or a snapshot archive that has ${kexec?.version}`)
  assert.not.ok(existsSync(output('unfit')))
})

/** A configuration whose kernel is a tree: then fetch is about the programs alone. */
function writeConfig(): string {
  const path = join(folder, 'site.config.ts')
  writeFileSync(path, `export default { kernelRoot: ${JSON.stringify(kernelRoot)} }\n`)
  return path
}

test.run()
