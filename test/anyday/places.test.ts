// Where a locked file is looked for, each place alone; and where the places are known from.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import type { ArchiveOptions } from '../../generator/host/debian/archive-options.ts'
import { findFiles, type WantedFile } from '../../generator/host/debian/find-files.ts'
import { knownMirrors } from '../../generator/host/debian/mirror.ts'
import { needs } from '../support/needs.ts'
import { type StandInMirror, standInMirror } from './stand-in-mirror.ts'

const onDebian = needs(test, { 'apt-get': 'apt' })
const folder = mkdtempSync(join(tmpdir(), 'places-'))
const servers: StandInMirror[] = []
test.after(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true })
})

/** A server that ends with the tests. */
async function server(files: Record<string, Buffer> = {}): Promise<StandInMirror> {
  const made = await standInMirror(files)
  servers.push(made)
  return made
}

/** Nothing listens there. */
const nobody = 'http://127.0.0.1:9'

/** Runs on a machine whose apt has these sources and settings. */
async function onMachine<T>(sources: string[], work: () => Promise<T>, settings = ''): Promise<T> {
  const at = (name: string) => join(folder, name)
  writeFileSync(at('sources.list'), sources.map(line => `${line}\n`).join(''))
  const own = `Dir::Etc::sourcelist "${at('sources.list')}";\nDir::Etc::sourceparts "/dev/null";\n`
  writeFileSync(at('apt.conf'), own + settings)
  const before = process.env.APT_CONFIG
  process.env.APT_CONFIG = at('apt.conf')
  try {
    return await work()
  } finally {
    if (before === undefined) delete process.env.APT_CONFIG
    else process.env.APT_CONFIG = before
  }
}

const content = Buffer.from('the source that was reviewed')
const digest = (kind: string) => createHash(kind).update(content).digest('hex')

function wanted(pool = 'pool/main/z/zlib', name = 'zlib_1+x~1.orig.tar.gz'): WantedFile {
  const to = join(mkdtempSync(join(folder, 'to-')), 'file')
  return { name, size: content.length, sha256: digest('sha256'), sha1: digest('sha1'), folder: pool, to }
}

const lockTime = new Date('2026-11-21T09:15:44Z')

/** Looks for the file on a machine with this mirror. @returns what is missing */
function find(mirror: string, file: WantedFile, options: ArchiveOptions = {}, security = nobody) {
  const sources = [`deb ${mirror} trixie main`, `deb ${security} trixie-security main`]
  return onMachine(sources, async () => {
    const archive = await DebianArchive.open('trixie', silent, options)
    const missing = await findFiles([file], archive, '', [lockTime])
    if (missing.length === 0) assert.equal(readFileSync(file.to), content)
    assert.equal(readdirSync(join(file.to, '..')).length, missing.length === 0 ? 1 : 0, 'nothing half done')
    return missing
  })
}

const pool = 'pool/main/z/zlib/zlib_1+x~1.orig.tar.gz'
const securityPool = 'pool/updates/main/z/zlib/zlib_1+x~1.orig.tar.gz'

onDebian("the machine's own mirror is asked first, and no one else when it has the file", async () => {
  const [own, other] = [await server({ [pool]: content }), await server({ [pool]: content })]
  assert.equal(await find(own.address, wanted(), { mirrors: [other.address] }), [])
  assert.equal(own.asked, [pool])
  assert.equal(other.asked, [])
})

onDebian(
  'a security update is looked for on its own mirror, and in the release that took it over',
  async () => {
    const security = await server({ [securityPool]: content })
    assert.equal(await find(nobody, wanted('pool/updates/main/z/zlib'), {}, security.address), [])
    assert.equal(security.asked, [securityPool])
    const own = await server({ [pool]: content })
    assert.equal(await find(own.address, wanted('pool/updates/main/z/zlib')), [])
    assert.equal(own.asked, [pool])
  },
)

onDebian('a mirror that an option names has what the own one has dropped', async () => {
  const [own, other] = [await server(), await server({ [pool]: content })]
  assert.equal(await find(own.address, wanted(), { mirrors: [nobody, `${other.address}/`] }), [])
  assert.equal(own.asked.filter(path => path === pool).length, 1)
  assert.equal(other.asked, [pool])
})

onDebian('the snapshot archive has it by digest', async () => {
  const snapshot = await server({ [`file/${digest('sha1')}`]: content })
  const own = await server()
  assert.equal(await find(own.address, wanted(), { snapshot: snapshot.address }), [])
  assert.equal(snapshot.asked, [`file/${digest('sha1')}`])
})

onDebian('the snapshot archive has it by the time when it was current', async () => {
  for (const [from, archive] of [
    ['pool/main/z/zlib', 'debian'],
    ['pool/updates/main/z/zlib', 'debian-security'],
  ] as const) {
    const path = `archive/${archive}/20261121T091544Z/${from}/zlib_1+x~1.orig.tar.gz`
    const snapshot = await server({ [path]: content })
    assert.equal(await find((await server()).address, wanted(from), { snapshot: snapshot.address }), [])
    assert.is(snapshot.asked.at(-1), path)
  }
})

onDebian(
  'other bytes under its name are refused wherever they are, and the next place is asked',
  async () => {
    const wrong = Buffer.from('the source that was reviewer')
    const [own, other] = [await server({ [pool]: wrong }), await server({ [pool]: wrong })]
    const snapshot = await server({ [`file/${digest('sha1')}`]: wrong })
    const options = { mirrors: [other.address], snapshot: snapshot.address }
    const [missing] = await find(own.address, wanted(), options)
    assert.match(missing?.reason ?? '', /Hash Sum mismatch/)
    snapshot.files.set(`file/${digest('sha1')}`, content)
    assert.equal(await find(own.address, wanted(), options), [])
  },
)

onDebian('what nobody has is missing, with what the own mirror said', async () => {
  const [missing] = await find((await server()).address, wanted(), { mirrors: [nobody], snapshot: nobody })
  assert.match(missing?.reason ?? '', /^404\b/)
})

onDebian('a place that does not answer is asked for one of many files, and the next for all', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `f${index}.deb`)
  const files = Object.fromEntries(names.map(name => [`pool/main/z/zlib/${name}`, content]))
  const other = await server(files)
  const steps: string[] = []
  const progress = {
    ...silent,
    track(label: string, total: number) {
      steps.push(`${label}: ${total}`)
      return silent.track(label, total)
    },
  }
  await onMachine([`deb ${nobody} trixie main`], async () => {
    const archive = await DebianArchive.open('trixie', progress, { mirrors: [other.address] })
    const all = names.map(name => wanted('pool/main/z/zlib', name))
    assert.equal(await findFiles(all, archive, 'all'), [])
  })
  assert.is(other.asked.length, names.length)
  assert.equal(steps, [`fetching 39 files from ${other.address}: ${39 * content.length}`])
})

onDebian('nobody is asked with --offline', async () => {
  const own = await server({ [pool]: content })
  const [missing] = await find(own.address, wanted(), { offline: true })
  assert.is(missing?.reason, 'the cache does not have it')
  assert.equal(own.asked, [])
})

onDebian("mirrors, security updates and snapshots are known from the machine's apt", async () => {
  const debian = 'http://mirror.example/debian'
  const known = (sources: string[], options: ArchiveOptions = {}, settings = '') =>
    onMachine(sources, () => knownMirrors(options), settings)
  assert.equal(
    await known([`deb ${debian} bookworm main`, 'deb http://s.example/sec bookworm-security main']),
    {
      main: [debian],
      security: ['http://s.example/sec', `${debian}-security`],
      snapshot: undefined,
    },
  )
  const options = { mirrors: ['http://b.example/debian/'], securityMirror: 'http://c.example/s/' }
  assert.equal(await known([`deb ${debian}/ trixie main`, 'deb http://x.example/x jammy main'], options), {
    main: [debian, 'http://b.example/debian'],
    security: ['http://c.example/s', `${debian}-security`, 'http://b.example/debian-security'],
    snapshot: undefined,
  })
  const dated = await known(['deb http://snap.example/archive/debian/20261121T000000Z trixie main'])
  assert.is(dated.snapshot, 'http://snap.example')
  const apt3 = 'Acquire::Snapshots::URI::Origin::Debian "https://old.example/archive/debian/@SNAPSHOTID@/";\n'
  assert.is((await known([`deb ${debian} trixie main`], {}, apt3)).snapshot, 'https://old.example')
  assert.is(
    (await known([`deb ${debian} trixie main`], { snapshot: 'http://mine/' }, apt3)).snapshot,
    'http://mine',
  )
})

test.run()
