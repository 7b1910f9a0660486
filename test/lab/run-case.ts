/** One run of a case: the machines are made, the nodes started together, and everything is taken away again. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import type { CaseResult, LabCase, NodeResult } from './case.ts'
import { aria2Version, startNode } from './lab-node.ts'
import { fluidBound } from './measure.ts'
import { createNetwork, type LabNetwork, type LinkRate, rackName } from './network.ts'
import { makeNodeRoot } from './node-root.ts'
import { type Seeder, startLabSeeder, startServers } from './origin.ts'
import { nodeResult, payloadOf, summary } from './outcome.ts'
import { isByTorrent, publishPayload, spoilPieces } from './published.ts'
import { seederWords } from './seeder-words.ts'
import { ownFolder, removeStaleFolders } from './stale.ts'
import { watch } from './watch.ts'

export interface RunOptions {
  /** The folder for the consoles; by default they are kept only when something is wrong, and named then. */
  logs?: string
}

/** Runs a case once. */
export async function runCase(lab: LabCase, options: RunOptions = {}): Promise<CaseResult> {
  removeStaleFolders()
  const work = mkdtempSync(ownFolder())
  const logs = options.logs ?? mkdtempSync(join(tmpdir(), 'aria2-initrd-lab-logs-'))
  mkdirSync(logs, { recursive: true })
  let keep = options.logs !== undefined
  const tidy = () => {
    rmSync(work, { recursive: true, force: true })
    if (!keep) rmSync(logs, { recursive: true, force: true })
  }
  process.once('exit', tidy)
  let network: LabNetwork | undefined
  try {
    network = createNetwork({
      origin: { up: lab.originRate, down: lab.originRate },
      nodes: linkRates(lab),
      ...(lab.secondRack === undefined ? {} : { secondRack: lab.secondRack }),
      ...(lab.racks === undefined ? {} : { racks: lab.racks }),
    })
    const result = await runIn(network, lab, work, logs)
    if (!result.complete && !keep) {
      keep = true
      process.stderr.write(`not all nodes have the file; their consoles are in ${logs}\n`)
    }
    return result
  } catch (error) {
    keep = true
    throw error instanceof CommandError
      ? error
      : new CommandError((error as Error).message, `the logs are in ${logs}`)
  } finally {
    network?.remove()
    process.off('exit', tidy)
    tidy()
  }
}

function linkRates({ nodes, rate, slowNode = rate, liar }: LabCase): LinkRate[] {
  const rates = Array.from({ length: nodes + (liar === true ? 1 : 0) }, () => rate)
  rates[0] = slowNode
  return rates.map(each => ({ up: each, down: each }))
}

async function runIn(network: LabNetwork, lab: LabCase, work: string, logs: string): Promise<CaseResult> {
  const load = loadavg()[0] ?? 0
  const { origin } = network
  const hosts = network.nodes.slice(0, lab.nodes)
  const published = await publishPayload(lab, join(work, 'served'), origin.address)
  const root = join(work, 'root')
  await makeNodeRoot(root, {
    cmdline: `url=${published.url} retries=1 ${lab.parameters ?? ''}`.trim(),
    ...(lab.aria2c === undefined ? {} : { aria2c: lab.aria2c }),
  })
  const nodeAria2c = lab.aria2c ?? (await provideBinaries(silent)).aria2c.path
  const originAria2c = lab.originAria2c ?? nodeAria2c

  const servers = await startServers(origin, {
    folder: published.folder,
    infoHash: published.infoHash,
    racks: lab.racks?.by === 'map' ? hosts.map(host => [host.address, rackName(host)]) : [],
    opentracker: lab.opentracker === true,
    work,
    logs,
  })
  if (lab.trackerLate === undefined) await servers.startTracker()
  const seeders: Seeder[] = []
  if (isByTorrent(lab) && lab.unseeded !== true) {
    const words = seederWords(lab, { aria2c: originAria2c, ...published })
    seeders.push(await startLabSeeder(origin, [originAria2c, ...words], join(logs, 'seeder')))
  }
  // After the digests of the torrent have been taken.
  if (lab.wrongOrigin === true) spoilPieces(published.file, published.pieceLength)
  const liar = lab.liar === true ? network.nodes.at(-1) : undefined
  if (liar !== undefined) {
    const folder = join(work, 'wrong')
    mkdirSync(folder)
    copyFileSync(published.file, join(folder, published.name))
    spoilPieces(join(folder, published.name), published.pieceLength)
    const words = seederWords(lab, { aria2c: nodeAria2c, ...published, folder })
    seeders.push(await startLabSeeder(liar, [nodeAria2c, ...words], join(logs, 'liar')))
  }

  const nodes = hosts.map((host, index) =>
    startNode(host, {
      name: `node${index + 1}`,
      root,
      method: lab.method === 'naive' || lab.method === 'http-wget' ? lab.method : 'stage',
      url: published.url,
      options: lab.nodeOptions ?? '',
      parameters: lab.racks?.by === 'parameter' ? `"rack=${rackName(host)}"` : '',
      log: join(logs, `node${index + 1}`),
    }),
  )
  await Promise.all(nodes.map(node => node.ready))
  const before = new Map([origin, ...hosts].map(host => [host, network.traffic(host)]))
  const uplinksBefore = network.uplinks()
  const { lost, ...watched } = await watch({ network, nodes, servers, lab, published })
  const traffic = new Map(
    [...before].map(([host, { sent, received }]) => {
      const now = network.traffic(host)
      return [host, { sent: now.sent - sent, received: now.received - received }]
    }),
  )

  // What the switch sends on its side of an uplink goes into the rack.
  const intoRacks = network.uplinks().map(({ received }, at) => received - (uplinksBefore[at]?.received ?? 0))

  const results: NodeResult[] = []
  for (const node of nodes) {
    const moved = traffic.get(node.host) ?? { sent: 0, received: 0 }
    results.push(await nodeResult(node, published, moved, lost.has(node)))
  }
  for (const seeder of seeders) await seeder.stop()
  const originSent = traffic.get(origin)?.sent ?? 0
  return {
    ...summary(lab, results),
    bound: fluidBound(lab),
    originSent,
    copies: originSent / lab.size,
    ...(intoRacks.length === 0 ? {} : { uplinkCopies: Math.max(...intoRacks) / lab.size }),
    ...(lab.opentracker === true
      ? {}
      : { payloadCopies: payloadOf(await servers.report(), origin.address) / lab.size }),
    ...watched,
    load,
    aria2: aria2Version(nodeAria2c),
  }
}
