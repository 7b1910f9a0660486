/** What the fleet's page, the terminal, /metrics and `fleet export` see: plain data, as JSON carries it. */

/** Where a boot stands. `silent`: it has said nothing for longer than its stage takes. */
export type FleetState = 'booting' | 'silent' | 'failed' | 'handed-over' | 'complete' | 'up'

const ended: readonly FleetState[] = ['failed', 'handed-over', 'complete', 'up']

/** Whether a boot is over, for better or worse. */
export const isEnded = (state: FleetState): boolean => ended.includes(state)

/** What a node was seen by: its request of stage one or another file, an announce, a report of its own. */
export type Sighting = 'http' | 'tracker' | 'report'

/** One node: an address, and the hardware address that it says it has. Texts are a stranger's: never markup, cut to 200 characters. */
export interface FleetNode {
  /** Tells it from all others; opaque. */
  key: string
  /** The address that it speaks from, and what it says of itself; empty where it has not. */
  address: string
  mac: string
  ip: string
  hostname: string
  serial: string
  uuid: string
  rack: string
  state: FleetState
  /** The stage in /init's words; `stage one`, `files` or `swarm` where only servers have seen it. */
  stage: string
  seenBy: Sighting[]
  /** Of the download, 0 to 100; absent where it is not known. */
  percent?: number
  /** Bytes a second at the moment. */
  rateFromServer: number
  rateFromSwarm: number
  /** Bytes until now. */
  fromServer: number
  fromSwarm: number
  /** Unix time in ms: when this boot was first seen, when its stage began, when it last spoke. */
  began: number
  stageBegan: number
  lastSeen: number
  /** Seconds from power-on to the end of the boot, once it has ended; else to the last word. */
  seconds: number
  /** Why it failed, in its console's words; for a silent one what usually is the cause. */
  cause: string
  /** The last thing that it said. */
  said: string
  hardware: string
  /** Of this node's last boots that came to an end: median seconds. */
  usualSeconds?: number
  /** Others claim the same hardware address from another address. */
  contested: boolean
}

/** The name that people know a node by. */
export const nodeName = ({
  hostname,
  mac,
  address,
}: Pick<FleetNode, 'hostname' | 'mac' | 'address'>): string => hostname || mac || address

/** One event of one node's timeline. */
export interface TimelineEntry {
  /** Milliseconds since its kernel started. */
  ms: number
  stage: string
  event: string
  text: string
}

/** The swarm as a whole, for the plot: one point each second or more. */
export interface SwarmPoint {
  /** Unix time in ms. */
  at: number
  /** Nodes in each state, and those that have all files. */
  states: Record<FleetState, number>
  /** Bytes that the server has sent until now, by HTTP and as a seeder. */
  serverBytes: number
  /** Bytes that nodes have got from torrents until now, by their own account: peers' and the seeder's. */
  swarmBytes: number
}

/** A former boot of a node. */
export interface FormerBoot {
  began: number
  seconds: number
  state: FleetState
  stage: string
  cause: string
  fromServer: number
  fromSwarm: number
}

/** What `/fleet/node` answers with. */
export interface NodeDetails {
  node: FleetNode
  /** Of the boot under way, or the last. */
  timeline: TimelineEntry[]
  /** The last first; none without `serve --state`. */
  boots: FormerBoot[]
}

/** Somebody who fetches files and is no node, as far as is known. */
export interface FileVisitor {
  address: string
  /** As it calls itself, without the rest: `curl/8.14.1`; empty where it does not. */
  program: string
  /** What it asked for last, and when (Unix time in ms). */
  path: string
  at: number
}

/** Sent over server-sent events: `fleet` first and after a gap, then `changes`. */
export interface FleetMessage {
  /** Nodes that are new or have changed; all of them in the first message. */
  nodes: FleetNode[]
  /** Keys of nodes that are forgotten. */
  gone: string[]
  points: SwarmPoint[]
  /** All of them, where they have changed. */
  visitors?: FileVisitor[]
}

export const fleetPaths = {
  page: '/fleet',
  live: '/fleet/live',
  /** `?key=`: NodeDetails. */
  node: '/fleet/node',
  metrics: '/metrics',
  events: '/events',
} as const
