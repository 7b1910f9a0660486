// Mirrors that answer, and not with what they should: the next place is asked, and alone they leave nothing behind. Lists
// that nobody vouches for are taken from nobody.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { DebianArchive } from '../../generator/host/debian/archive.ts'
import { findFiles } from '../../generator/host/debian/find-files.ts'
import { needs } from '../support/needs.ts'
import { standInMirror } from './stand-in-mirror.ts'

const onDebian = needs(test, { 'apt-get': 'apt' })
const folder = mkdtempSync(join(tmpdir(), 'bad-mirror-'))
test.after(() => rmSync(folder, { recursive: true }))

// A machine whose apt knows one mirror, where nothing listens.
writeFileSync(join(folder, 'sources.list'), 'deb http://127.0.0.1:9/debian trixie main\n')
writeFileSync(
  join(folder, 'apt.conf'),
  `Dir::Etc::sourcelist "${folder}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n`,
)
process.env.APT_CONFIG = join(folder, 'apt.conf')
process.env.XDG_CACHE_HOME = join(folder, 'cache')

const content = Buffer.from('the source that was reviewed')
const digest = (kind: string) => createHash(kind).update(content).digest('hex')
const pool = 'pool/main/z/zlib'
const name = 'zlib_1.orig.tar.gz'

/** What a mirror does with a request. */
const faults: Record<string, (response: ServerResponse, path: string) => void> = {
  'says 200 to everything, with a page about it': response =>
    response.end('<html>Welcome to the hotel network. Please accept our terms.</html>'),
  'has other bytes of the same length': response => response.end(Buffer.alloc(content.length, 'x')),
  'has nothing in it': response => response.writeHead(200, { 'content-length': 0 }).end(),
  'breaks off in the middle': response => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, 10), () => response.destroy())
  },
  'breaks off, and says that this was all': response => response.end(content.subarray(0, 10)),
  'goes on after the end': response => response.end(Buffer.concat([content, Buffer.alloc(100_000)])),
  'sends everyone to itself': (response, path) => response.writeHead(301, { location: path }).end(),
  'sends everyone on without end': (response, path) =>
    response.writeHead(302, { location: `${path}?` }).end(),
  'leads to a file of this machine': response =>
    response.writeHead(302, { location: `file://${folder}/planted` }).end(),
  'is out of order': response => response.writeHead(503).end(),
  'forbids it': response => response.writeHead(403).end(),
  'answers in another protocol': response => response.socket?.end('SSH-2.0-OpenSSH_10.0\r\n'),
  'hangs up': response => response.destroy(),
  'takes the question and never answers': () => {},
  'stops in the middle': response => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, 10))
  },
  'gives a byte in ten seconds': response => {
    response.writeHead(200, { 'content-length': content.length })
    const timer = setInterval(() => response.write('t'), 10_000)
    response.on('close', () => clearInterval(timer))
  },
}

const servers: Server[] = []
test.after(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

async function badMirror(answer: (response: ServerResponse, path: string) => void) {
  const server = createServer(({ url = '' }, response) => answer(response, url))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  servers.push(server)
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Looks for the file on these mirrors. @returns why it is missing; undefined where it is there, and right */
async function find(mirrors: string[]): Promise<string | undefined> {
  const to = join(mkdtempSync(join(folder, 'to-')), 'file')
  const archive = await DebianArchive.open('trixie', silent, { mirrors })
  const file = {
    name,
    folder: pool,
    size: content.length,
    sha256: digest('sha256'),
    sha1: digest('sha1'),
    to,
  }
  const [missing] = await findFiles([file], archive, '')
  assert.equal(readdirSync(join(to, '..')), missing === undefined ? ['file'] : [], 'nothing half done')
  if (missing === undefined) assert.equal(readFileSync(to), content)
  return missing?.reason
}

const good = await standInMirror({ [`${pool}/${name}`]: content })
test.after(() => good.close())
const ended = new Map<string, Promise<(string | undefined)[]>>()

onDebian(
  'bad mirrors are asked, all at once; one that gives next to nothing is given up after a minute',
  async () => {
    writeFileSync(join(folder, 'planted'), Buffer.alloc(content.length, 'p'))
    for (const [what, answer] of Object.entries(faults)) {
      const bad = await badMirror(answer)
      ended.set(what, Promise.all([find([bad, good.address]), find([bad])]))
    }
    await Promise.all(ended.values())
  },
)

for (const what of Object.keys(faults)) {
  onDebian(`a mirror that ${what}: the next one is asked, and alone it is an error`, async () => {
    const [beside, alone] = (await ended.get(what)) ?? []
    assert.is(beside, undefined)
    assert.match(alone ?? '', /./)
  })
}

test.run()
