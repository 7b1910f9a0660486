/** One run of a case: the machines are made, the nodes started together, and everything is taken away again. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../../generator/command-error.ts'
import { provideBinaries } from '../../generator/image/binaries/index.ts'
import { silent } from '../../generator/progress.ts'
import { makeTorrent, suitablePieceLength } from '../../generator/publish/torrent.ts'
import type { CaseResult, LabCase, NodeResult } from './case.ts'
import { aria2Version, type LabNode, startNode } from './lab-node.ts'
import { fluidBound, median, ticks } from './measure.ts'
import { createNetwork, type LabNetwork } from './network.ts'
import { makeNodeRoot } from './node-root.ts'
import { type OriginReport, type Servers, startLabSeeder, startServers } from './origin.ts'
import { sha256Of, writePayload } from './payload.ts'
import { seederWords } from './seeder-words.ts'
import { Spread } from './spread.ts'

const name = 'payload'

/** Runs a case once. The folder of logs is named when something is wrong, and taken away else. */
export async function runCase(lab: LabCase): Promise<CaseResult> {
  const work = mkdtempSync(join(tmpdir(), 'aria2-initrd-lab-'))
  let keep = false
  const tidy = () => {
    if (!keep) rmSync(work, { recursive: true, force: true })
  }
  process.once('exit', tidy)
  let network: LabNetwork | undefined
  try {
    network = createNetwork({
      origin: { up: lab.originRate, down: lab.originRate },
      nodes: Array.from({ length: lab.nodes }, (_, index) => {
        const rate = index === 0 ? (lab.slowNode ?? lab.rate) : lab.rate
        return { up: rate, down: rate }
      }),
      ...(lab.secondRack === undefined ? {} : { secondRack: lab.secondRack }),
    })
    const result = await runIn(network, lab, work)
    keep = !result.complete
    if (keep) process.stderr.write(`not all nodes have the file; their consoles are in ${work}\n`)
    return result
  } catch (error) {
    keep = true
    throw error instanceof CommandError
      ? error
      : new CommandError((error as Error).message, `the logs are in ${work}`)
  } finally {
    network?.remove()
    process.off('exit', tidy)
    tidy()
  }
}

async function runIn(network: LabNetwork, lab: LabCase, work: string): Promise<CaseResult> {
  const load = loadavg()[0] ?? 0
  const served = join(work, 'served')
  mkdirSync(served)
  const file = join(served, name)
  await writePayload(file, lab.size)
  const digest = await sha256Of(file)
  const originUrl = `http://${network.origin.address}`
  const pieceLength = lab.pieceLength ?? suitablePieceLength(lab.size)
  const torrent = await makeTorrent({
    files: [file],
    name,
    announce: [`${originUrl}:6969/announce`],
    pieceLength,
    ...(lab.webSeed === true ? { webSeeds: [`${originUrl}/${name}`] } : {}),
  })
  writeFileSync(join(served, `${name}.torrent`), torrent)

  const byTorrent = lab.method === 'naive' || lab.method === 'swarm'
  const url = lab.url?.replaceAll('{}', originUrl) ?? `${originUrl}/${name}${byTorrent ? '.torrent' : ''}`
  const root = join(work, 'root')
  await makeNodeRoot(root, {
    cmdline: `url=${url} retries=1 ${lab.parameters ?? ''}`.trim(),
    ...(lab.aria2c === undefined ? {} : { aria2c: lab.aria2c }),
  })

  const servers = await startServers(network.origin, served, join(work, 'origin.log'))
  if (lab.trackerLate === undefined) await servers.startTracker()
  const originAria2c = lab.originAria2c ?? lab.aria2c ?? (await provideBinaries(silent)).aria2c.path
  const seeder = byTorrent
    ? await startLabSeeder(
        network.origin,
        [originAria2c, ...seederWords(lab, served, join(served, `${name}.torrent`))],
        join(work, 'seeder.log'),
      )
    : undefined

  const nodes = network.nodes.map((host, index) =>
    startNode(host, {
      root,
      method: lab.method === 'naive' || lab.method === 'http-wget' ? lab.method : 'stage',
      url,
      options: lab.nodeOptions ?? '',
      log: join(work, `node${index + 1}.log`),
    }),
  )
  await Promise.all(nodes.map(node => node.ready))
  const before = network.nodes.map(host => network.traffic(host))
  const originBefore = network.traffic(network.origin).sent
  const { idle, lost } = await watch(network, nodes, servers, lab, pieceLength)
  const originSent = network.traffic(network.origin).sent - originBefore

  const results: NodeResult[] = []
  for (const [index, node] of nodes.entries()) {
    const { sent, received } = network.traffic(node.host)
    const path = node.off ? undefined : node.pathOf(name)
    const { start, complete } = node.times
    results.push({
      name: `node${index + 1}`,
      times: node.times,
      ...(start === undefined || complete === undefined ? {} : { took: complete - start }),
      same: complete !== undefined && path !== undefined && (await sha256Of(path)) === digest,
      sent: sent - (before[index]?.sent ?? 0),
      received: received - (before[index]?.received ?? 0),
      lost: lost.has(node),
    })
  }
  await seeder?.stop()
  const report = await servers.report()
  return {
    ...summary(results),
    bound: fluidBound(lab),
    originSent,
    copies: originSent / lab.size,
    payloadCopies: payloadOf(report, network.origin.address) / lab.size,
    idle,
    load,
    aria2: aria2Version(lab.aria2c ?? (await provideBinaries(silent)).aria2c.path),
  }
}

/** From the first start to the end of the last stage, with everything that the case has go wrong in between. */
async function watch(
  network: LabNetwork,
  nodes: LabNode[],
  servers: Servers,
  lab: LabCase,
  pieceLength: number,
): Promise<{ idle: number; lost: Set<LabNode> }> {
  const begin = performance.now()
  const seconds = () => (performance.now() - begin) / 1000
  const lost = new Set<LabNode>()
  const events: { at: number; act: () => void }[] = nodes.map((node, index) => ({
    at: index * (lab.stagger ?? 0),
    act: () => node.go(),
  }))
  if (lab.cut !== undefined)
    for (const node of nodes.slice(nodes.length - Math.round(nodes.length * lab.cut.share)))
      events.push({
        at: lab.cut.at,
        act() {
          network.cut(node.host)
          lost.add(node)
        },
      })
  const last = nodes.at(-1)
  if (lab.die !== undefined && last !== undefined)
    events.push({
      at: lab.die,
      act() {
        last.kill()
        lost.add(last)
      },
    })
  if (lab.trackerLate !== undefined && Number.isFinite(lab.trackerLate))
    events.push({ at: lab.trackerLate, act: () => void servers.startTracker() })
  events.sort((a, b) => a.at - b.at)

  let spread = lab.originGone === true ? new Spread(lab.size, pieceLength) : undefined
  const first = ticks()
  let idle: number | undefined
  const over = (node: LabNode) => node.off || lost.has(node) || node.times.end !== undefined
  const has = (node: LabNode) => over(node) || node.times.complete !== undefined
  while (seconds() < lab.limit) {
    while ((events[0]?.at ?? Infinity) <= seconds()) events.shift()?.act()
    if (spread !== undefined) {
      for (const node of nodes) {
        const path = node.pathOf(name)
        if (path !== undefined) spread.add(path)
      }
      if (spread.complete) {
        network.cut(network.origin)
        process.stderr.write(`the origin is gone after ${seconds().toFixed(1)} s\n`)
        spread = undefined
      }
    }
    if (nodes.every(has)) idle ??= idleSince(first)
    // As the ancestor calls it, aria2 may give for ever.
    if (nodes.every(lab.method === 'naive' ? has : over)) break
    await sleep(spread === undefined ? 50 : 300)
  }
  return { idle: idle ?? idleSince(first), lost }
}

function idleSince(first: { idle: number; all: number }): number {
  const now = ticks()
  return (now.idle - first.idle) / Math.max(1, now.all - first.all)
}

function summary(
  nodes: NodeResult[],
): Pick<CaseResult, 'nodes' | 'makespan' | 'booted' | 'median' | 'slowest' | 'complete'> {
  const stay = nodes.filter(node => !node.lost)
  const begin = Math.min(...nodes.map(node => node.times.start ?? Infinity))
  const took = stay.map(node => node.took ?? Infinity)
  return {
    nodes,
    makespan: Math.max(...stay.map(node => node.times.complete ?? Infinity)) - begin,
    booted: Math.max(...stay.map(node => node.times.end ?? Infinity)) - begin,
    median: median(took),
    slowest: Math.max(...took),
    complete: stay.every(node => node.same),
  }
}

/** Payload bytes that the origin gave: what its aria2 told the tracker at its end, and what HTTP answered. */
function payloadOf({ announces, httpSent }: OriginReport, address: string): number {
  const uploads = announces.filter(({ peer }) => peer.startsWith(`${address}:`)).map(each => each.uploaded)
  return httpSent + Math.max(0, ...uploads)
}
