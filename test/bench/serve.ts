// `node --import tsx test/bench/serve.ts`: when a site outgrows `serve`. For `serve` beside nginx and opentracker, set up
// as `serve --print` says: CPU time of the server for each GB and each announce, which tells what one core can do, and
// how long a thousand nodes wait that are switched on together. As root; nginx and opentracker are installed when missing.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { ensurePrograms } from '../../generator/host/debian/host-packages.ts'
import { infoHash, makeTorrent } from '../../generator/publish/torrent.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { printedConfiguration } from '../../generator/serve/printed-configuration.ts'
import { childrenOf } from '../serve/serve-command.ts'
import { printTable } from './table.ts'

const why = 'compare serve with it'
await ensurePrograms(
  [
    { program: 'nginx', package: 'nginx', why },
    { program: 'opentracker', package: 'opentracker', why },
  ],
  terminalProgress(),
)

const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-bench-'))
chmodSync(work, 0o755)
const started: ChildProcess[] = []
process.on('exit', () => {
  // nginx takes its workers with it when it is asked, and not when it is killed.
  for (const child of started) child.kill('SIGTERM')
  rmSync(work, { recursive: true, force: true })
})

const MiB = 1024 * 1024
const big = join(work, 'root.img')
writeFileSync(big, Buffer.alloc(256 * MiB, 'x'))
const torrent = await makeTorrent({ files: [big], name: 'root.img' })
writeFileSync(join(work, 'root.img.torrent'), torrent)
const hash = infoHash(torrent).replace(/../g, '%$&')

interface Server {
  name: string
  port: number
  /** All of its processes. */
  pids: number[]
}

/** Starts a server and waits until it listens. */
async function start(name: string, port: number, program: string, ...words: string[]): Promise<Server> {
  const child = spawn(program, words, { stdio: ['ignore', 'ignore', 'inherit'], cwd: work })
  started.push(child)
  for (let up = false; !up; ) {
    await new Promise(resolve => setTimeout(resolve, 100))
    up = await request(port, '').then(
      () => true,
      () => false,
    )
  }
  const pid = child.pid ?? 0
  return { name, port, pids: [pid, ...childrenOf(pid)] }
}

/** Sends a request on a connection of its own and reads to the end; the bytes that came. */
function request(port: number, path: string, localAddress?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let length = 0
    const from = localAddress === undefined ? {} : { localAddress }
    const socket = connect({ port, host: '127.0.0.1', ...from }, () => {
      if (path === '') socket.destroy()
      else socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    })
    socket.on('data', piece => {
      length += piece.length
    })
    socket.on('close', () => resolve(length))
    socket.on('error', reject)
  })
}

/** Seconds of CPU time that a server has used so far. Linux counts in hundredths. */
function cpuSeconds({ pids }: Server): number {
  const ticks = pids.map(pid => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return ticks.reduce((sum, each) => sum + each, 0) / 100
}

/** Does something so many times, with so many at once. */
async function many(count: number, atOnce: number, each: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await each(index)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** CPU time for each GB, and the seconds until a thousand have a torrent file that ask at the same moment. */
async function measureHttp(server: Server): Promise<string[]> {
  const before = cpuSeconds(server)
  const begin = performance.now()
  await many(24, 8, () => request(server.port, '/root.img'))
  const seconds = (performance.now() - begin) / 1000
  const gigabytes = (24 * 256 * MiB) / 1e9
  const each = (cpuSeconds(server) - before) / gigabytes
  const crowd = performance.now()
  await many(1000, 1000, () => request(server.port, '/root.img.torrent'))
  const waited = (performance.now() - crowd) / 1000
  return [
    server.name,
    `${each.toFixed(2)} s`,
    `${(8 / each).toFixed(0)} Gbit/s`,
    `${(gigabytes / seconds).toFixed(2)} GB/s`,
    `${waited.toFixed(1)} s`,
  ]
}

const nodes = 5000

async function measureTracker(server: Server): Promise<string[]> {
  const announce = (index: number) =>
    request(
      server.port,
      `/announce?info_hash=${hash}&peer_id=-BENCH-${String(index).padStart(13, '0')}&port=${10_000 + (index % nodes)}` +
        '&uploaded=0&downloaded=0&left=5&compact=1&numwant=50&event=started',
      // Each node has an address of its own, as in life.
      `127.1.${index >> 8}.${index & 255}`,
    )
  await many(nodes, 50, announce)
  const before = cpuSeconds(server)
  const begin = performance.now()
  await many(nodes, 50, announce)
  const seconds = (performance.now() - begin) / 1000
  const each = (cpuSeconds(server) - before) / nodes
  return [
    server.name,
    `${(each * 1e6).toFixed(0)} µs`,
    `${(1 / each).toFixed(0)}/s`,
    `${(nodes / seconds).toFixed(0)}/s`,
    `${seconds.toFixed(1)} s`,
  ]
}

const port = async () => (await freePort('127.0.0.1')) ?? 0
const ports = {
  folder: work,
  bind: '127.0.0.1',
  port: await port(),
  trackerPort: await port(),
  seederPort: 0,
}
writeFileSync(join(work, 'site.conf'), await printedConfiguration('nginx', ports))
writeFileSync(join(work, 'whitelist.txt'), await printedConfiguration('opentracker', ports))
writeFileSync(
  join(work, 'nginx.conf'),
  `daemon off; pid ${work}/pid; error_log stderr; worker_processes 1; events { worker_connections 4096; }
  http { access_log off; include ${work}/site.conf; }`,
)
const own = { origin: await port(), tracker: await port() }
const serverFile = fileURLToPath(new URL('serve-servers.ts', import.meta.url))
const origin = await start(
  'serve',
  own.origin,
  process.execPath,
  ...['--import', import.meta.resolve('tsx'), serverFile, work, String(own.origin), String(own.tracker)],
)
const tracker = { ...origin, port: own.tracker }
const nginx = await start(
  'nginx',
  ports.port,
  'nginx',
  '-p',
  work,
  '-e',
  'stderr',
  '-c',
  join(work, 'nginx.conf'),
)
const opentracker = await start(
  'opentracker',
  ports.trackerPort,
  'opentracker',
  ...['-i', '127.0.0.1', '-p', String(ports.trackerPort), '-d', '.', '-w', 'whitelist.txt'],
)

printTable('HTTP', [
  ['', 'CPU time per GB', 'one core can send', 'here, 8 at once', '1,000 nodes have the torrent after'],
  await measureHttp(origin),
  await measureHttp(nginx),
])
printTable(`tracker, ${nodes} nodes in the swarm`, [
  ['', 'CPU time per announce', 'one core can answer', 'here, 50 at once', 'all of them at once take'],
  await measureTracker(tracker),
  await measureTracker(opentracker),
])
process.stdout.write(`\nclient and server on this machine, load ${loadavg()[0]?.toFixed(1)}\n`)
process.exit(0)
