/** The time that is measured: nodes start, the case's faults happen, the last stage ends. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CaseResult, LabCase } from './case.ts'
import type { LabNode } from './lab-node.ts'
import { ticks } from './measure.ts'
import { type LabNetwork, rackOfNode } from './network.ts'
import type { Servers } from './origin.ts'
import type { Published } from './published.ts'
import { Spread } from './spread.ts'

export interface Watched {
  /** Share of the time, up to the last complete file, that the machine had nothing to do. */
  idle: number
  /** The nodes that the case took the cable or the power of. */
  lost: Set<LabNode>
  /** Seconds after the start. */
  originGoneAt?: number
  apart?: NonNullable<CaseResult['apart']>
}

interface Scene {
  network: LabNetwork
  nodes: LabNode[]
  servers: Servers
  lab: LabCase
  published: Published
}

interface Event {
  /** Seconds after the start. */
  at: number
  act(): void
}

/** Starts the nodes and returns when nothing more will come, or at the case's limit. */
export async function watch(scene: Scene): Promise<Watched> {
  const { nodes, lab } = scene
  const lost = new Set<LabNode>()
  let apart: CaseResult['apart']
  const events = eventsOf(scene, lost, found => {
    apart = found
  })
  let spread = lab.originGone === true ? new Spread(lab.size, scene.published.pieceLength) : undefined
  let originGoneAt: number | undefined
  const over = (node: LabNode) => node.off || lost.has(node) || node.times.end !== undefined
  const has = (node: LabNode) => over(node) || node.times.complete !== undefined

  const begin = performance.now()
  const seconds = () => (performance.now() - begin) / 1000
  const first = ticks()
  let idle: number | undefined
  while (seconds() < lab.limit) {
    while ((events[0]?.at ?? Infinity) <= seconds()) events.shift()?.act()
    if (spread !== undefined && everyPieceIsOut(spread, scene)) {
      scene.network.cut(scene.network.origin)
      originGoneAt = seconds()
      spread = undefined
    }
    if (nodes.every(has)) idle ??= idleSince(first)
    // As the ancestor calls it, aria2 may give for ever.
    if (nodes.every(lab.method === 'naive' ? has : over)) break
    await sleep(spread === undefined ? 50 : 300)
  }
  return {
    idle: idle ?? idleSince(first),
    lost,
    ...(apart === undefined ? {} : { apart }),
    ...(originGoneAt === undefined ? {} : { originGoneAt }),
  }
}

/** Seconds after the first node's start. */
export function startOf(node: number, lab: LabCase): number {
  return node * (lab.stagger ?? 0) + (rackOfNode(node, lab.nodes, lab) - 2) * (lab.waves ?? 0)
}

function eventsOf(scene: Scene, lost: Set<LabNode>, onBack: (apart: CaseResult['apart']) => void): Event[] {
  const { network, nodes, servers, lab } = scene
  const events: Event[] = nodes.map((node, index) => ({
    at: startOf(index, lab),
    act: () => node.go(),
  }))
  const { cut, die, trackerLate, uplinkGone } = lab
  if (uplinkGone !== undefined) {
    const rack = network.nodes.at(-1)?.rack ?? 1
    events.push(
      { at: uplinkGone.from, act: () => network.setUplink(rack, 'down') },
      {
        at: uplinkGone.until,
        act() {
          onBack(piecesBehind(scene, rack))
          network.setUplink(rack, 'up')
        },
      },
    )
  }
  if (cut !== undefined)
    for (const node of nodes.slice(nodes.length - Math.round(nodes.length * cut.share)))
      events.push({
        at: cut.at,
        act() {
          network.cut(node.host)
          lost.add(node)
        },
      })
  const last = nodes.at(-1)
  if (die !== undefined && last !== undefined)
    events.push({
      at: die,
      act() {
        last.kill()
        lost.add(last)
      },
    })
  if (trackerLate !== undefined && Number.isFinite(trackerLate))
    events.push({ at: trackerLate, act: () => void servers.startTracker() })
  return events.sort((a, b) => a.at - b.at)
}

function piecesBehind({ nodes, lab, published }: Scene, rack: number): CaseResult['apart'] {
  const ofNode = () => new Spread(lab.size, published.pieceLength)
  const together = ofNode()
  const paths = nodes.filter(({ host }) => host.rack === rack).map(node => node.pathOf(published.name))
  const each = paths.map(path => {
    const own = ofNode()
    if (path !== undefined) {
      own.add(path)
      together.add(path)
    }
    return own.pieces
  })
  return { each, together: together.pieces }
}

/** Whether each piece has come to one node or another. */
function everyPieceIsOut(spread: Spread, { nodes, published }: Scene): boolean {
  for (const node of nodes) {
    const path = node.pathOf(published.name)
    if (path !== undefined) spread.add(path)
  }
  return spread.complete
}

function idleSince(first: { idle: number; all: number }): number {
  const now = ticks()
  return (now.idle - first.idle) / Math.max(1, now.all - first.all)
}
