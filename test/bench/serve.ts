// `node --import tsx test/bench/serve.ts`: when a site outgrows `serve`. For `serve` beside nginx and opentracker: processor time
// of the server for each GB and each announce, which tells what one core can do, and how long a thousand nodes wait that ask
// at once. As root; nginx and opentracker are installed when missing.
import { loadavg } from 'node:os'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { trackers } from '../../generator/scale/site-plan.ts'
import {
  addressOfNode,
  announceOf,
  type CrowdServer,
  cpuSeconds,
  request,
  startCrowdServers,
} from './crowd-servers.ts'
import { printTable } from './table.ts'

const MiB = 1024 * 1024
const servers = await startCrowdServers(256 * MiB, terminalProgress())

/** Does something so many times, with so many at once. */
async function many(count: number, atOnce: number, each: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    for (let index = next++; index < count; index = next++) await each(index)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

/** CPU time for each GB, and the seconds until a thousand have a torrent file that ask at the same moment. */
async function measureHttp(server: CrowdServer): Promise<string[]> {
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

/** What each tracker answers on a core in a second, at the least. */
const measured = new Map<string, number>()

async function measureTracker(server: CrowdServer, racks = 0): Promise<string[]> {
  const announce = (index: number) =>
    request(server.port, announceOf(servers.infoHash, index, racks), addressOfNode(index))
  await many(nodes, 50, announce)
  const before = cpuSeconds(server)
  const begin = performance.now()
  await many(nodes, 50, announce)
  const seconds = (performance.now() - begin) / 1000
  const each = (cpuSeconds(server) - before) / nodes
  measured.set(server.name, Math.min(measured.get(server.name) ?? Infinity, 1 / each))
  return [
    `${server.name}${racks === 0 ? '' : `, nodes in ${racks} racks`}`,
    `${(each * 1e6).toFixed(0)} µs`,
    `${(1 / each).toFixed(0)}/s`,
    `${(nodes / seconds).toFixed(0)}/s`,
    `${seconds.toFixed(1)} s`,
  ]
}

printTable('HTTP', [
  ['', 'CPU time per GB', 'one core can send', 'here, 8 at once', '1,000 nodes have the torrent after'],
  await measureHttp(servers.origin),
  await measureHttp(servers.nginx),
])
printTable(`tracker, ${nodes} nodes in the swarm`, [
  ['', 'CPU time per announce', 'one core can answer', 'here, 50 at once', 'all of them at once take'],
  await measureTracker(servers.tracker),
  await measureTracker(servers.tracker, 125),
  await measureTracker(servers.opentracker),
])
for (const { name, announcesPerSecond } of trackers) {
  const share = announcesPerSecond / (measured.get(name.startsWith('serve') ? 'serve' : name) ?? 0)
  process.stdout.write(
    `plan counts on ${announcesPerSecond}/s of ${name}: ${(share * 100).toFixed(0)} % of that\n`,
  )
  if (share > 1) process.exitCode = 1
}
process.stdout.write(`\nclient and server on this machine, load ${loadavg()[0]?.toFixed(1)}\n`)
process.exit()
