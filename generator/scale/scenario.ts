/** What is simulated: the machines, the cables between them, and what goes wrong. */

import { announceRetry, swarmPeers } from '../stages/fetch/swarm-profile.ts'
import { requestLength } from './physical.ts'

/** Numbers of the profile and of aria2 that can be tried at other values. */
export interface SwarmProfile {
  /** `--bt-max-peers` of nodes and origin. */
  maxPeers: number
  /** Seconds between a peer's announces: `--bt-tracker-interval` wins over what the tracker asks for. */
  announceEvery: number
  /** Peers that are asked of the tracker (DefaultBtAnnounce.cc). */
  numWant: number
  /** COOPERATIVE_REFRESH_INTERVAL, in seconds: how often aria2 looks after what waits for no event. */
  turn: number
  /** Connections that are accepted in one such turn (PeerListenCommand.cc). */
  accepted: number
  /** Seconds between dials without an announce (ActivePeerConnectionCommand.cc). */
  dialEvery: number
  /** aria2's speed, of what it was measured to be. */
  speed: number
  /** FAR_TURN: seconds that the next one waits for the near peer that is to fetch a piece. */
  farTurn: number
  /** MIN_FAR_REQUESTS, in bytes: far peers together are asked for so much, or for twice what they sent lately. */
  farRequests: number
  /** MIN_FAR_PEER_REQUESTS, in bytes: one far peer is asked for so much at the least, or for what it sent lately. */
  farLeast: number
  /** NEAR_SILENCE: a near peer that told of no piece for so many seconds is not waited for. */
  nearSilence: number
  /** NEAR_PATIENCE: who got no piece for so many seconds asks anybody. */
  nearPatience: number
}

export const shippedProfile: SwarmProfile = {
  maxPeers: swarmPeers,
  announceEvery: announceRetry,
  numWant: 50,
  turn: 0.05,
  accepted: 3,
  dialEvery: 10,
  speed: 1,
  farTurn: 1,
  farRequests: 16 * requestLength,
  farLeast: 2 * requestLength,
  nearSilence: 3,
  nearPatience: 10,
}

export interface Scenario {
  nodes: number
  /** Bytes of the file. */
  size: number
  /** Bytes, as published. */
  pieceLength: number
  /** Bits a second of the origin's link, each way. */
  originRate: number
  /** Bits a second of a node's link, each way. */
  nodeRate: (node: number) => number
  /** The rack of a node; the origin is in rack 0. */
  rackOf: (node: number) => number
  racks: number
  /** The network that a node sees itself in by its address; the origin is in network 0. */
  prefixOf: (node: number) => number
  /** Bits a second between a rack and the others, each way. Without it, and for rack 0, there is no limit. */
  uplink?: number
  /** Seconds of queue before a link of so many bits a second. */
  queue: (rate: number) => number
  /** Seconds after the first node's start. */
  startOf: (node: number) => number
  /** Seconds that a complete node seeds at the most (`seed_time`). */
  seedTime: number
  /** When the tracker comes up. */
  trackerAt: number
  /** Nodes of one prefix hear each other by multicast (`--bt-enable-lpd`). */
  discovers: boolean
  /** `serve`'s tracker names the site's own seeder in each answer. */
  tellsSeeder: boolean
  /** When a node's power goes off, or its cable is pulled. */
  lost: { node: number; at: number; how: 'power' | 'cable' }[]
  /** The origin's cable is pulled when the nodes together have every piece. */
  originGone: boolean
  profile: SwarmProfile
  /** The most blocks that are simulated, of all nodes together; pieces and blocks are joined to keep below. */
  detail: number
  seed: number
}

/** How a file is cut up for the simulation. */
export interface Grain {
  pieces: number
  /** Blocks of a piece. */
  blocks: number
  /** Bytes of a block. */
  blockLength: number
  /** Pieces of the torrent in one of the simulation. */
  joined: number
}

/**
 * Real pieces and blocks as long as their number allows it. Beyond, blocks are joined, down to four in a piece, then pieces, down to
 * 128. That is as coarse as it may be: 64 pieces of two blocks double the makespan (test/scale/README.md).
 */
export function grainOf({ nodes, size, pieceLength, detail }: Scenario): Grain {
  let pieces = Math.ceil(size / pieceLength)
  let blocks = Math.ceil(Math.min(pieceLength, size) / requestLength)
  const real = pieces
  const isTooFine = () => pieces * blocks * nodes > detail
  while (isTooFine() && blocks > 4) blocks = Math.ceil(blocks / 2)
  while (isTooFine() && pieces > 128) pieces = Math.ceil(pieces / 2)
  return { pieces, blocks, blockLength: size / pieces / blocks, joined: real / pieces }
}
