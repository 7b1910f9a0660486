/** What each link and each processor takes at the least: the bounds of a delivery, by what they are called. */
import { pieceLengthFor } from '../swarm/piece-length.ts'
import { frameShare, receiveCost, sendCost, showCost } from './physical.ts'

/** A site as `plan` is told of it; rates in bits a second each way, sizes in bytes. */
export interface Site {
  nodes: number
  racks: number
  nodeRate: number
  /** Between a rack's switch and the others. */
  uplink: number
  originRate: number
  size: number
  /** The first stage, which firmware or iPXE fetches by HTTP. */
  stageOne: number
}

/** What can be bought or changed; `aria2` is the one thread that it has. */
export type Part =
  | 'origin link'
  | 'node link'
  | 'uplinks'
  | 'aria2 of a node'
  | 'aria2 of the origin'
  | 'cache link'

export interface Bound {
  part: Part
  seconds: number
}

const seconds = (bytes: number, rate: number): number => (bytes * 8) / (rate * frameShare)

/** The longest first. */
const sorted = (bounds: Bound[]): Bound[] => bounds.sort((a, b) => b.seconds - a.seconds)

export const nodesInRack = ({ nodes, racks }: Site): number => Math.ceil(nodes / racks)

/** Every node fetches from the one web server; its connections share evenly, so that all end together. */
export function httpBounds(site: Site, size = site.size): Bound[] {
  return sorted([
    { part: 'origin link', seconds: seconds(site.nodes * size, site.originRate) },
    { part: 'uplinks', seconds: seconds(nodesInRack(site) * size, site.uplink) },
    { part: 'node link', seconds: seconds(size, site.nodeRate) },
  ])
}

/** A cache in each rack, with a node's link, gives on what it fetches while it fetches it. */
export function cacheBounds(site: Site): Bound[] {
  const { racks, size, originRate, uplink, nodeRate } = site
  return sorted([
    { part: 'origin link', seconds: seconds(racks * size, originRate) },
    { part: 'cache link', seconds: seconds(nodesInRack(site) * size, nodeRate) },
    { part: 'uplinks', seconds: seconds(size, uplink) },
    { part: 'node link', seconds: seconds(size, nodeRate) },
  ])
}

/** No swarm is faster: one copy leaves the origin and crosses each uplink, every node receives one and sends nearly one. */
export function swarmBounds(site: Site): Bound[] {
  const { nodes, size, nodeRate, uplink, originRate } = site
  const pieces = Math.ceil(size / pieceLengthFor(size))
  return sorted([
    { part: 'origin link', seconds: seconds(size, originRate) },
    { part: 'aria2 of the origin', seconds: size * sendCost + pieces * pieces * showCost },
    {
      part: 'node link',
      seconds: Math.max(seconds(size, nodeRate), seconds(nodes * size, originRate + nodes * nodeRate)),
    },
    { part: 'aria2 of a node', seconds: size * (sendCost + receiveCost) },
    { part: 'uplinks', seconds: seconds(size, uplink) },
  ])
}
