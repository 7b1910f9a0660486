/** `serve` as a whole: real nodes, and all that may happen to it while it runs. */
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { makeTorrent } from '../../generator/publish/torrent.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { cli } from '../support/cli.ts'
import { bytes, type Published, publishFolder, temporaryFolder, until } from './published.ts'
import { rawClient } from './raw-client.ts'
import { alive, fetchFrom, fetchTorrent, type Serve, startServe } from './serve-command.ts'

interface Context {
  published: Published
  folder: string
  serve: Serve
}

const test = suite<Context>('serve')
const { aria2c } = await provideBinaries(silent)
/** Not looked up in the cache each time. */
const seeder = ['--aria2c', aria2c.path]
test.before.each(async context => {
  context.published = await publishFolder()
  context.folder = context.published.folder
  context.serve = await startServe(context.folder, ...seeder)
})
test.after.each(async ({ serve, folder }) => {
  const children = serve.children()
  if (serve.child.exitCode === null && serve.child.signalCode === null)
    assert.is(await serve.stop(), 0, serve.stderr())
  await until('all that it started is gone', () => !children.some(alive))
  rmSync(folder, { recursive: true, force: true })
})

/** Fetches node.torrent and compares. */
async function nodeFetches({ serve, folder }: Context): Promise<void> {
  const node = temporaryFolder()
  assert.is(await fetchTorrent(aria2c.path, join(folder, 'node.torrent'), node, serve.tracker), 0)
  for (const file of ['kernel', 'initrd'])
    assert.ok(readFileSync(join(node, 'node', file)).equals(readFileSync(join(folder, 'node', file))), file)
}

/** Everything about the files of a folder that writing would change. */
function marksOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map(name => {
      const { mode, size, ino, mtimeMs, ctimeMs } = statSync(join(folder, name))
      return [name, mode, size, ino, mtimeMs, ctimeMs].join(' ')
    })
}

test('nodes fetch a torrent and a file; nothing is written into the folder; the end tells what went out', async context => {
  const { serve, folder, published } = context
  const before = marksOf(folder)
  await serve.says('node.torrent: complete, and given out')
  await serve.says('root.img.torrent: complete, and given out')
  assert.match(serve.stdout(), `node.torrent: 1.0 MB in 2 files, info hash ${published.node}`)
  await Promise.all([nodeFetches(context), nodeFetches(context)])
  const response = await fetch(`${serve.url}/root.img`)
  assert.ok(Buffer.from(await response.arrayBuffer()).equals(bytes(600_000, 'root')))
  assert.is((await fetch(`${serve.url}/absent\x1b[2J`)).status, 404)

  const [seederPid = 0] = serve.children()
  const open = readdirSync(`/proc/${seederPid}/fd`).map(fd => `/proc/${seederPid}/fd/${fd}`)
  const data = open.filter(fd => existsSync(fd) && readlinkSync(fd).startsWith(`${folder}/`))
  assert.ok(data.length > 0, 'the seeder has the files open')
  for (const fd of data) assert.is(lstatSync(fd).mode & 0o200, 0, `${readlinkSync(fd)} for reading only`)

  assert.is(await serve.stop(), 0)
  assert.equal(marksOf(folder), before)
  const said = serve.stdout()
  assert.is(
    said.match(/^127\.0\.0\.1:\d+: has all of node\.torrent \(1\.0 MB over BitTorrent\)$/gm)?.length,
    2,
  )
  assert.match(said, '127.0.0.1: has /root.img (600.3 kB over HTTP)')
  assert.match(said, '127.0.0.1: GET /absent%1B[2J: 404 no such file')
  assert.match(said, /^HTTP +\S+ kB sent in 2 answers, 1 whole file among them, 1 refusal$/m)
  assert.match(said, /^BitTorrent +[12]\.\d MB given by the seeder/m)
  assert.match(said, /^nodes +2 downloads of a torrent completed$/m)
  assert.is(serve.stderr(), '')
})

test('INT, TERM and HUP end it, also with clients that hang', async context => {
  const first = await rawClient(Number(new URL(context.serve.url).port))
  first.socket.write('GET /root.img HTTP/1.1\r\nHost:')
  const second = await rawClient(context.serve.trackerPort)
  second.socket.write('GET /announce?')
  assert.is(await context.serve.stop('SIGINT'), 0)
  await Promise.all([first.end, second.end])
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const serve = await startServe(context.folder, ...seeder, '--rate', '1.5M')
    const [seederPid = 0] = serve.children()
    assert.is(await serve.stop(signal), 0)
    assert.not.ok(alive(seederPid))
  }
})

test('a reader who leaves ends it', async ({ serve }) => {
  serve.child.stdout?.destroy()
  const absent = () => fetch(`${serve.url}/absent`).catch(() => undefined)
  await until('it ends', async () => {
    await absent()
    return serve.child.exitCode !== null
  })
  assert.is(serve.child.exitCode, 0)
})

test('when it is killed, its seeder ends too', async ({ serve }) => {
  const [seederPid = 0] = serve.children()
  assert.ok(alive(seederPid))
  await serve.stop('SIGKILL')
  await until('the seeder ends', () => !alive(seederPid))
})

test('a torrent that appears is given out, one that goes is not', async context => {
  const { serve, folder } = context
  writeFileSync(join(folder, 'late.img'), bytes(400_000, 'late'))
  const torrent = await makeTorrent({ files: [join(folder, 'late.img')], name: 'late.img' })
  // As an upload grows: first a part of the torrent, then all of it.
  writeFileSync(join(folder, 'late.img.torrent'), torrent.subarray(0, 100))
  await serve.says('late.img.torrent: not served as a torrent')
  writeFileSync(join(folder, 'late.img.torrent'), torrent)
  await serve.says('late.img.torrent: complete, and given out')
  const node = temporaryFolder()
  assert.is(await fetchTorrent(aria2c.path, join(folder, 'late.img.torrent'), node, serve.tracker), 0)
  assert.ok(readFileSync(join(node, 'late.img')).equals(bytes(400_000, 'late')))

  const hidden = join(temporaryFolder(), 'late.img.torrent')
  renameSync(join(folder, 'late.img.torrent'), hidden)
  await serve.says('late.img.torrent: gone')
  assert.is.not(await fetchTorrent(aria2c.path, hidden, temporaryFolder(), serve.tracker, 3), 0)
  await serve.says('tracker: this torrent is not tracked here')
})

test('data that are not what the torrent says are not given out, and never mended', async ({
  serve,
  folder,
}) => {
  await serve.says('node.torrent: complete, and given out')
  const kernel = join(folder, 'node', 'kernel')
  const right = readFileSync(kernel)
  const wrong = Buffer.from(right)
  wrong[200_000] = (wrong[200_000] ?? 0) ^ 1
  writeFileSync(kernel, wrong)
  await serve.says('node.torrent: not seeded: node/kernel is not what the torrent says (piece 3)')
  truncateSync(kernel, 1000)
  await serve.says('node.torrent: not seeded: node/kernel has 1000 bytes where the torrent has 700000')
  unlinkSync(kernel)
  await serve.says('node.torrent: not seeded: node/kernel is not there')
  assert.is.not(
    await fetchTorrent(aria2c.path, join(folder, 'node.torrent'), temporaryFolder(), serve.tracker, 3),
    0,
  )
  assert.not.ok(existsSync(kernel), 'nobody wrote it')
  writeFileSync(kernel, right)
  await until(
    'it is given out again',
    () => serve.stdout().split('node.torrent: complete, and given out').length === 3,
  )
})

test('a seeder that is killed is started again, with its torrents', async context => {
  const { serve } = context
  await serve.says('node.torrent: complete, and given out')
  const [seederPid = 0] = serve.children()
  process.kill(seederPid, 'SIGKILL')
  await serve.says('the seeder (aria2c) ended with signal SIGKILL; it is started again')
  await serve.says('the seeder runs again')
  assert.is.not(serve.children()[0], seederPid)
  await nodeFetches(context)
})

test('a folder that vanishes, and comes back', async context => {
  const { serve, folder } = context
  await serve.says('node.torrent: complete, and given out')
  renameSync(folder, `${folder}-away`)
  await serve.says('the folder cannot be read')
  await serve.says('node.torrent: gone')
  assert.is((await fetch(`${serve.url}/root.img`)).status, 503)
  renameSync(`${folder}-away`, folder)
  await serve.says('the folder is back')
  await nodeFetches(context)
})

test('a port that is taken is one clear error, and nothing is left behind', async ({ folder }) => {
  const taken = createServer()
  await new Promise<void>(resolve => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = String(typeof address === 'object' ? address?.port : '')
  for (const option of ['--port', '--tracker-port', '--seeder-port', '--fleet-port']) {
    const serve = await startServe(folder, ...seeder, option, port)
    assert.is(await serve.stop(), 1, option)
    assert.match(
      serve.stderr(),
      new RegExp(`^aria2-initrd: error: cannot listen on 127.0.0.1:${port}: .*\nhelp: .*\n$`),
    )
    assert.equal(serve.children(), [])
  }
  taken.close()
})

test('a seeder that is none is one clear error', async ({ folder }) => {
  for (const [program, reason] of [
    ['/absent', 'cannot start /absent'],
    ['/bin/false', 'aria2c did not start as a seeder: status 1'],
  ] as const) {
    const serve = await startServe(folder, '--aria2c', program)
    assert.is(await serve.stop(), 1)
    assert.match(serve.stderr(), `aria2-initrd: error: ${reason}`)
  }
})

test('what publish writes for this address is served without a warning, the Metalink too', async () => {
  const folder = temporaryFolder()
  const kernel = join(temporaryFolder(), 'vmlinuz')
  writeFileSync(kernel, bytes(500_000, 'vmlinuz'))
  const [port = 0, trackerPort = 0] = [await freePort('127.0.0.1'), await freePort('127.0.0.1')]
  const url = `http://127.0.0.1:${port}`
  const tracker = `http://127.0.0.1:${trackerPort}/announce`
  const options = ['--base-url', url, '--tracker', tracker, '-o', folder, '--name', 'node', '--no-stage-one']
  const published = cli('publish', kernel, ...options)
  assert.is(published.status, 0, published.stderr)
  const ports = ['--port', String(port), '--tracker-port', String(trackerPort)]
  const serve = await startServe(folder, ...seeder, ...ports)
  await serve.says(`${readlinkSync(join(folder, 'node.current'))}.torrent: complete, and given out`)
  assert.not.match(serve.stdout(), 'warning')
  for (const file of ['node.torrent', 'node.meta4']) {
    const node = temporaryFolder()
    assert.is(await fetchFrom(aria2c.path, `${url}/${file}`, node), 0, file)
    const got =
      readdirSync(node, { recursive: true, encoding: 'utf8' }).find(name => name.endsWith('vmlinuz')) ?? ''
    assert.ok(readFileSync(join(node, got)).equals(readFileSync(kernel)), file)
  }
  assert.is(await serve.stop(), 0)
})

test('what a person may get wrong is said', ({ folder }) => {
  const cases: [string[], string, number][] = [
    [[join(folder, 'absent')], 'no such file', 1],
    [[join(folder, 'root.img')], 'a part of the path is not a folder', 1],
    [[folder, '--port', '65536'], 'ports are 0 to 65535', 2],
    [[folder, '--bind', 'localhost'], 'give an IPv4 or IPv6 address', 2],
    [[folder, '--bind', '203.0.113.1'], 'cannot listen on 203.0.113.1', 1],
    [[folder, '--rate', 'fast'], 'give bytes a second', 2],
    [[folder, '--print', 'apache'], 'Allowed choices are nginx, opentracker, aria2c', 2],
    [[folder, '--print', 'nginx', '--rate', '1M'], 'exclude each other', 2],
    [[], "missing required argument 'dir'", 2],
  ]
  for (const [words, wanted, status] of cases) {
    const ran = cli('serve', ...words)
    assert.match(ran.stderr, wanted)
    assert.is(ran.status, status, words.join(' '))
  }
})

test.run()
