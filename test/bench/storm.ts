/** A storm: ten thousand nodes whose power comes back within one second, against each server, all on this machine. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { quantile } from '../../generator/scale/site-plan.ts'
import {
  addressOfNode,
  announceOf,
  type CrowdServer,
  mostMemory,
  request,
  startCrowdServers,
} from './crowd-servers.ts'
import type { Bench } from './own-image.ts'
import { seconds } from './table.ts'

/** Nodes, and the milliseconds in which all of them ask. */
const [nodes, within] = [10_000, 1000]
/** Bytes of what each of them fetches: all of stage one would be 240 GB. */
const fetched = 64 * 1024

/** One request of each node, evenly over the second; a row: how many were answered, when, and what the server's memory was. */
async function storm(
  server: CrowdServer,
  kind: string,
  least: number,
  pathOf: (index: number) => string,
): Promise<string[]> {
  const begin = performance.now()
  const waits: number[] = []
  let last = begin
  const ask = async (index: number) => {
    const due = begin + (index * within) / nodes
    await new Promise(resolve => setTimeout(resolve, due - performance.now()))
    const asked = performance.now()
    const length = await request(server.port, pathOf(index), addressOfNode(index)).catch(() => 0)
    last = performance.now()
    if (length >= least) waits.push(last - asked)
  }
  await Promise.all(Array.from({ length: nodes }, (_, index) => ask(index)))
  const share = (part: number) => seconds(quantile(waits, part))
  return [
    ...[`${server.name}, ${kind}`, String(waits.length), String(nodes - waits.length)],
    ...[share(0.5), share(0.99), seconds(last - begin), `${Math.round(mostMemory(server))} MiB`],
  ]
}

/** HTTP and announces, `serve` beside nginx and opentracker. */
export async function stormRows({ progress }: Bench): Promise<string[][]> {
  const servers = await startCrowdServers(2 ** 20, progress)
  writeFileSync(join(servers.folder, 'stage-one'), Buffer.alloc(fetched, 'x'))
  try {
    const rows = [['', 'answered', 'lost', 'half after', '99 % after', 'the last after', 'most memory']]
    for (const server of [servers.origin, servers.nginx])
      rows.push(await storm(server, 'HTTP', fetched, () => '/stage-one'))
    for (const server of [servers.tracker, servers.opentracker])
      rows.push(await storm(server, 'announces', 50, index => announceOf(servers.infoHash, index)))
    return rows
  } finally {
    servers.stop()
  }
}
