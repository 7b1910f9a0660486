// What goes wrong between Debian's mirror and the cache: one clear error, and nothing half done is left behind.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { debianRelease } from '../../generator/host/debian/release.ts'
import { cacheFolder } from '../../generator/host/files/cache-folder.ts'
import { withBuildLock } from '../../generator/programs/build-lock.ts'
import { BuildRoot } from '../../generator/programs/build-root.ts'
import { type Lock, type LockedPackage, readLock } from '../../generator/programs/lock.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { recipeKey, recipeNamed, recipes } from '../../generator/programs/recipes.ts'
import { provideLocked } from '../../generator/programs/sources.ts'
import { type Fetched, lockChanges, updateLock } from '../../generator/programs/update-lock.ts'
import { needs } from '../support/needs.ts'
import { fillCache, withCache } from '../support/own-cache.ts'

const folder = mkdtempSync(join(tmpdir(), 'binaries-faults-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))
const onDebian = needs(test, { 'apt-get': 'apt', 'dpkg-deb': 'dpkg' })

async function failure(work: Promise<unknown>): Promise<CommandError> {
  const error = await work.then(
    () => undefined,
    reason => reason,
  )
  assert.instance(error, CommandError, error?.stack)
  return error
}

/** Files below a folder, as paths relative to it. */
function below(path: string): string[] {
  return existsSync(path)
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(path.length + 1))
    : []
}

/** A cache that has all files of the lock, and nothing that was built of them. */
function filledCache(name: string): string {
  const cache = join(folder, name)
  fillCache(cache)
  return cache
}

/** The project's lock with one package changed. */
function lockWith(name: string, change: (entry: Lock['packages'][string]) => void): Lock {
  const lock = structuredClone(readLock())
  const entry = lock.packages[name]
  assert.ok(entry)
  if (entry) change(entry)
  return lock
}

const cares = (lock: Lock): [string, LockedPackage][] => {
  const entry = lock.packages['c-ares']
  return entry === undefined ? [] : [['c-ares', entry]]
}

/** One for all: its lists are fetched once. */
let debian: Promise<DebianArchive> | undefined
const openDebian = () => {
  debian ??= DebianArchive.open(debianRelease, silent)
  return debian
}

onDebian(
  'a digest in the lock that is not the one in Debian’s signed list is refused, with both',
  async () => {
    const lock = lockWith('zlib', entry => {
      for (const file of entry.files) file.sha256 = '0'.repeat(64)
    })
    const cache = filledCache('wrong-digest')
    const error = await withCache(cache, () => failure(provideBinaries(silent, lock)))
    assert.match(
      error.message,
      /zlib_.*: the lock file wants sha256 0{64}, Debian's signed list says [0-9a-f]{64}$/,
    )
    assert.match(error.help, /update-lock/)
    const left = below(join(cache, 'aria2-initrd/binaries/sources'))
    assert.equal(
      left.filter(path => path.startsWith('0000')),
      [],
    )
  },
)

onDebian('with --locked a version that nobody has any more is refused, with its files', async () => {
  const lock = lockWith('openssl', entry => {
    entry.version = '3.0.0-1'
    entry.files = [{ name: 'openssl_3.0.0.orig.tar.gz', size: 1, sha256: '0'.repeat(64) }]
  })
  const cache = filledCache('moved-on')
  const error = await withCache(cache, () => failure(provideBinaries(silent, lock, { locked: true })))
  assert.match(
    error.message,
    /^a file of Debian's could not be fetched:\n {2}openssl_3\.0\.0\.orig\.tar\.gz: 404/,
  )
  assert.match(error.help, /--mirror URL.*--snapshot URL.*without --locked/)
})

onDebian(
  'what the lists no longer name and the mirror still keeps is fetched, by the digests of the lock',
  async () => {
    const lock = lockWith('c-ares', entry => {
      entry.version = '1.0-1'
    })
    const [first, ...others] = lock.packages['c-ares']?.files ?? []
    assert.ok(first)
    if (first === undefined) return
    const sources = (name: string) => provideLocked(cares(lock), join(folder, name), openDebian, '', [])
    const kept = await sources('kept')
    assert.equal([...kept.paths.keys()], [first.name, ...others.map(({ name }) => name)])
    assert.equal(kept.missing, [])
    first.sha256 = '0'.repeat(64)
    const { missing } = await sources('changed')
    assert.equal(
      missing.map(({ name }) => name),
      [first.name],
    )
    assert.match(missing[0]?.reason ?? '', /Hash Sum mismatch/)
    assert.is(below(join(folder, 'changed')).length, others.length)
  },
)

/** A mirror that answers with these bytes, or cuts the line after them. */
async function download(
  bytes: Buffer,
  declared: Buffer,
  length = bytes.length,
  sources = mkdtempSync(join(folder, 'sources-')),
) {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': length })
    response.write(bytes, () => (length === bytes.length ? response.end() : response.destroy()))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const sha256 = createHash('sha256').update(declared).digest('hex')
  const file = { name: 'zlib_1.orig.tar.gz', size: declared.length, sha256 }
  const mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const archive = {
    progress: silent,
    options: {},
    mirrors: async () => ({ main: [mirror], security: [], snapshot: undefined }),
  } as unknown as DebianArchive
  const locked: LockedPackage = { version: '1', kind: 'source', folder: 'pool/main/z/zlib', files: [file] }
  try {
    const { paths, missing } = await provideLocked([['zlib', locked]], sources, async () => archive, '', [])
    return { path: paths.get(file.name) ?? '', missing, left: below(sources) }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

onDebian('a download with the right bytes is kept', async () => {
  const { path, missing, left } = await download(Buffer.from('content'), Buffer.from('content'))
  assert.equal(missing, [])
  assert.is(left.length, 1)
  assert.ok(path.endsWith(left[0] ?? '?'))
})

onDebian('a download with other bytes of the same length is refused and not kept', async () => {
  const { missing, left } = await download(Buffer.from('c0ntent'), Buffer.from('content'))
  assert.match(missing[0]?.reason ?? '', /Hash Sum mismatch/)
  assert.equal(left, [])
})

onDebian('a download that breaks off is refused and not kept', async () => {
  const { missing, left } = await download(Buffer.from('cont'), Buffer.from('content'), 7)
  assert.equal(
    missing.map(({ name }) => name),
    ['zlib_1.orig.tar.gz'],
  )
  assert.equal(left, [])
})

onDebian('a file of the cache that went bad is fetched again', async () => {
  const content = Buffer.from('content')
  const sha256 = createHash('sha256').update(content).digest('hex')
  const files = [{ name: 'z.tar', size: 7, sha256 }]
  const locked: LockedPackage = { version: '1', kind: 'source', folder: 'pool', files }
  const sources = mkdtempSync(join(folder, 'sources-'))
  writeFileSync(join(sources, `${sha256.slice(0, 16)}-z.tar`), 'c0ntent')
  let asked = 0
  const archive = async () => {
    asked += 1
    throw new CommandError('asked', 'asked')
  }
  const provide = () => provideLocked([['zlib', locked]], sources, archive, '', [])
  await failure(provide())
  assert.is(asked, 1)
  writeFileSync(join(sources, `${sha256.slice(0, 16)}-z.tar`), content)
  const { paths } = await provide()
  assert.is(paths.size, 1)
  assert.is(asked, 1)
})

needs(
  test,
  { 'apt-get': 'apt', mount: 'mount' },
  true,
)('a full disk ends in one clear error, and the cache holds nothing half done', async () => {
  const cache = join(folder, 'small-disk')
  mkdirSync(cache)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tmpfs', cache])
  try {
    const error = await withCache(cache, () => failure(provideBinaries(silent)))
    assert.match(
      error.message,
      /small-disk\S* has \d+\.\d MB of free space, building the programs takes 1500\.0 MB$/,
    )
    assert.match(error.help, /free some space/)
    assert.equal(below(join(cache, 'aria2-initrd/binaries')), ['build.lock'])
  } finally {
    execFileSync('umount', [cache])
  }
})

needs(
  test,
  { mount: 'mount' },
  true,
)('a disk that fills up during a download is told, and nothing is kept', async () => {
  const sources = join(folder, 'full')
  mkdirSync(sources)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', sources])
  try {
    const content = Buffer.alloc(200_000, 'x')
    const { missing, left } = await download(content, content, content.length, sources)
    assert.match(missing[0]?.reason ?? '', /No space left/)
    assert.equal(left, [])
  } finally {
    execFileSync('umount', [sources])
  }
})

/** The paths of the build root's packages. */
async function debs(): Promise<string[]> {
  const packages = join(cacheFolder(), 'binaries/build-root/packages')
  const { paths, missing } = await provideLocked(
    Object.entries(readLock().tools),
    packages,
    openDebian,
    '',
    [],
  )
  assert.equal(missing, [])
  return [...paths.values()]
}

onDebian('a recipe that fails names its log and shows its last lines', async () => {
  const root = await BuildRoot.open(await debs(), join(folder, 'work'), silent)
  try {
    const log = join(folder, 'kexec.log')
    // Without its sources in the root the recipe cannot get far.
    const error = await failure(root.run(recipeNamed('kexec'), log))
    assert.ok(
      error.message.startsWith(`building kexec failed (whole log: ${log}); it ends with\n`),
      error.message,
    )
    assert.match(error.message, /kexec-tools.*No such file/)
    assert.ok(existsSync(log))
  } finally {
    await root.remove()
  }
  assert.equal(readdirSync(join(folder, 'work')), [])
})

test('two builds in one cache take turns', async () => {
  const order: string[] = []
  const turn = (name: string) =>
    withBuildLock(join(folder, 'lock'), silent, async () => {
      order.push(`${name} begins`)
      await new Promise(resolve => setTimeout(resolve, 50))
      order.push(`${name} ends`)
    })
  await Promise.all([turn('one'), turn('two')])
  assert.is(order[1], order[0]?.replace('begins', 'ends'))
  assert.is(order.length, 4)
})

test('the lock is given back after a failure', async () => {
  const fails = withBuildLock(join(folder, 'lock'), silent, () =>
    Promise.reject(new CommandError('no', 'no')),
  )
  await failure(fails)
  assert.is(await withBuildLock(join(folder, 'lock'), silent, async () => 'mine'), 'mine')
})

test('a recipe’s key changes with its sources and with those of its libraries, and with nothing else', () => {
  const lock = readLock()
  const keys = (changed: Lock) => recipes.map(recipe => recipeKey(recipe, changed, 'root'))
  const other = lockWith('zlib', entry => {
    entry.version = '9'
  })
  const differing = recipes
    .filter((_, index) => keys(lock)[index] !== keys(other)[index])
    .map(({ name }) => name)
  assert.equal(differing.sort(), ['aria2c', 'zlib'])
  assert.equal(keys(lock), keys({ ...lock, tools: {} }))
  assert.is.not(
    recipeKey(recipeNamed('zlib'), lock, 'root'),
    recipeKey(recipeNamed('zlib'), lock, 'another root'),
  )
})

test('the lock names every package of the recipes, with a size and a sha256 for each file', () => {
  const lock = readLock()
  assert.is(lock.release, debianRelease)
  assert.equal(Object.keys(lock.packages).sort(), recipes.map(recipe => recipe.package).sort())
  for (const { files, version } of Object.values(lock.packages)) {
    assert.match(version, /^[0-9]/)
    assert.ok(
      files.length > 0 && files.every(({ size, sha256 }) => size > 0 && /^[0-9a-f]{64}$/.test(sha256)),
    )
  }
})

test('a lock file that is no JSON is named', () => {
  const path = join(folder, 'lock.json')
  writeFileSync(path, '{ "release"')
  assert.throws(
    () => readLock(path),
    (error: Error) => error instanceof CommandError && error.message.includes(path),
  )
})

const tool = (version: string): LockedPackage => ({ version, kind: 'binary', folder: 'pool', files: [] })

test('what an update of the lock would change is told line by line', () => {
  const lock: Lock = { release: 'trixie', packages: {}, tools: { gcc: tool('14.2'), make: tool('4.4') } }
  const fresh = {
    ...lock,
    packages: { zlib: { version: '2', kind: 'source' as const, folder: 'pool', files: [] } },
    tools: { gcc: tool('14.3') },
  }
  assert.equal(lockChanges(lock, fresh).sort(), [
    'source zlib: none -> 2',
    'tool gcc: 14.2 -> 14.3',
    'tool make: 4.4 -> none',
  ])
})

/** Updates a lock file that holds this. @returns what changed, and the lock that was written */
async function updated(
  name: string,
  lock: Lock,
  tools: Record<string, string> | CommandError,
  missing: { sources?: string[]; tools?: string[]; library?: string } = {},
) {
  const path = join(folder, `a lock of ${name}.json`)
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
  const toolsNow = async () => {
    if (tools instanceof CommandError) throw tools
    return tools
  }
  let asked = 0
  const fetchFiles = async () => {
    // The first question is for the newest of all, the second for what is left of it.
    const lacking = (names: string[] = []) =>
      asked > 0
        ? []
        : names.map(
            each =>
              ({
                name: `${each}.tar`,
                package: each,
                reason: '404  Not Found [IP: ::1]',
              }) as Fetched['sources']['missing'][number],
          )
    const answer = {
      sources: { paths: new Map<string, string>(), missing: lacking(missing.sources) },
      tools: { paths: new Map<string, string>(), missing: lacking(missing.tools) },
    }
    asked += 1
    return answer
  }
  const library = async () => missing.library
  const steps = { tools: toolsNow, archive: await openDebian(), fetchFiles, library }
  const changes = await updateLock(silent, path, steps).catch(error => error)
  return { changes, written: readLock(path) }
}

const newest = async (name: string) => (await (await openDebian()).newestVersion('binary', name)) ?? ''

onDebian(
  'build --update-lock: what has changed is told line by line, and the new lock is written',
  async () => {
    // Whatever Debian has changed since the project's own was written.
    const { written: lock } = await updated('today', readLock(), {})
    const { openssl, zlib } = lock.packages
    const [zlibFile] = zlib?.files ?? []
    assert.ok(openssl && zlibFile)
    if (openssl) openssl.version = '3.0.0-1'
    if (zlibFile) zlibFile.sha256 = '0'.repeat(64)
    lock.tools = { gcc: tool('4:1.0'), gone: tool('1') }
    const make = await newest('make')
    const { changes, written } = await updated('yesterday', lock, { gcc: await newest('gcc'), make })
    assert.equal(
      changes.slice(0, 1).join(),
      `source openssl: 3.0.0-1 -> ${written.packages.openssl?.version}`,
    )
    const [, told = ''] = changes as string[]
    assert.match(told, /^source zlib: (\S+), .*zlib\S+ 000000000000.* -> \1, .*zlib\S+ [0-9a-f]{12}/)
    assert.equal(changes.slice(2), [
      `tool gcc: 4:1.0 -> ${await newest('gcc')}`,
      'tool gone: 1 -> none',
      `tool make: none -> ${make}`,
    ])
    assert.equal(Object.keys(written.tools), ['gcc', 'make'])
    assert.is(written.tools.make?.folder, 'pool/main/m/make-dfsg')
    assert.match(written.tools.make?.files[0]?.name ?? '', /^make_\S+_amd64\.deb$/)
    assert.is(written.packages.zlib?.folder, 'pool/main/z/zlib')
    assert.is(written.packages['ca-certificates']?.folder, 'pool/main/c/ca-certificates')
    assert.match(written.packages.zlib?.files[0]?.sha256 ?? '', /^(?!0{64})[0-9a-f]{64}$/)
  },
)

onDebian(
  'build --update-lock changes nothing where nothing has changed, or where it cannot know all',
  async () => {
    const tools = { make: await newest('make') }
    const { written } = await updated('now', readLock(), tools)
    assert.equal((await updated('now', written, tools)).changes, [])
    const unlisted = await updated('a tool that went', written, { make: '1.0-1' })
    assert.match(unlisted.changes.message, 'the build root has make 1.0-1, which')
    assert.equal(unlisted.written, written)
    const old = lockWith('openssl', entry => {
      entry.version = '3.0.0-1'
    })
    const failed = await updated(
      'a failure',
      old,
      new CommandError('the build root could not be made', 'help'),
    )
    assert.instance(failed.changes, CommandError)
    assert.equal(failed.written, old)
    const unknown = structuredClone(readLock())
    unknown.packages.nonesuch = { version: '1', kind: 'source', folder: 'pool', files: [] }
    const gone = await updated('nonesuch', unknown, {})
    assert.is(gone.changes.message, 'Debian trixie has no nonesuch any more')
    assert.equal(gone.written, unknown)
  },
)

onDebian('build --update-lock: what no mirror has yet stays as it is, and the rest is taken', async () => {
  const old = lockWith('openssl', entry => {
    entry.version = '3.0.0-1'
  })
  if (old.packages.zlib) old.packages.zlib.version = '1:1.0-1'
  const tools = { make: await newest('make') }
  const some = await updated('a lagging mirror', old, tools, { sources: ['openssl'] })
  assert.equal(some.written.packages.openssl, old.packages.openssl)
  assert.is.not(some.written.packages.zlib?.version, '1:1.0-1')
  assert.equal(Object.keys(some.written.tools), ['make'])
  const lines = some.changes as string[]
  assert.ok(lines.some(line => line.startsWith('source zlib: 1:1.0-1 -> ')))
  assert.not.ok(lines.some(line => line.startsWith('source openssl: 3.0.0-1 -> ')))
  assert.is(lines.at(-1), 'source openssl: stays 3.0.0-1: the mirror lacks openssl.tar (404 Not Found)')

  const why = {
    tools: ['gcc-14'],
    library: 'nobody has the source of glibc 2',
  }
  const root = await updated('a tool that is not there yet', old, tools, { tools: why.tools })
  assert.equal(root.written.tools, old.tools)
  assert.is(
    (root.changes as string[]).at(-1),
    'the build root stays as it is: the mirror lacks gcc-14.tar (404 Not Found)',
  )
  const library = await updated('a C library without its source', old, tools, { library: why.library })
  assert.equal(library.written.tools, old.tools)
  assert.is((library.changes as string[]).at(-1), `the build root stays as it is: ${why.library}`)
})

test.run()
