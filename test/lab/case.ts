/** What a run of the lab is: the machines, the method, what goes wrong; and what came of it. */
import type { NodeTimes } from './lab-node.ts'
import type { Traffic } from './network.ts'

/** `swarm` and `http-aria2` are the shipped stage; the others are what it is compared with. */
export type Method = 'http-wget' | 'http-aria2' | 'naive' | 'swarm'

export const methods: Method[] = ['http-wget', 'http-aria2', 'naive', 'swarm']

/**
 * How nodes know their rack: each has a prefix of its own (the default); or all have one, and know it by `rack=`, by the tracker's map of
 * addresses, or not at all.
 */
export type RackSign = 'prefix' | 'parameter' | 'map' | 'nothing'

export const rackSigns: RackSign[] = ['prefix', 'parameter', 'map', 'nothing']

export interface LabCase {
  nodes: number
  /** Bytes of the file. */
  size: number
  /** Bits a second of each node's link, each way. */
  rate: number
  /** Bits a second of the origin's link, each way. */
  originRate: number
  method: Method
  /** Paths of other builds of aria2c. */
  aria2c?: string
  originAria2c?: string
  /** More words for aria2c on nodes and origin; they win. */
  nodeOptions?: string
  originOptions?: string
  /** More for the nodes' kernel command line, such as `seed_time=0`. */
  parameters?: string
  /** What `url=` names instead of the method's own; `{}` becomes the origin's address without a slash at its end. */
  url?: string
  /** Bytes; by default what publishing takes for the size. */
  pieceLength?: number
  /** Names the file's HTTP address in the torrent. */
  webSeed?: boolean
  /** Seconds from one node's start to the next one's. */
  stagger?: number
  /** Bits a second of the first node's link. */
  slowNode?: number
  /** Pulls this share of the nodes' cables, from the last one on, so many seconds after the start. */
  cut?: { share: number; at: number }
  /** Seconds after which the last node's power goes off. */
  die?: number
  /** Bits a second of the uplink behind which the second half of the nodes are; all have addresses of one prefix. */
  secondRack?: number
  /** The nodes stand in so many racks, each behind an uplink of so many bits a second; the origin stands outside. */
  racks?: { count: number; uplink: number; by?: RackSign }
  /** The last rack's uplink is gone from one second after the start until another one. */
  uplinkGone?: { from: number; until: number }
  /** Seconds from one rack's start to the next one's. */
  waves?: number
  /** Seconds after the start at which the tracker comes up; Infinity is never. */
  trackerLate?: number
  /** Debian's opentracker in place of the tracker of `serve`. */
  opentracker?: boolean
  /** The origin's file has another byte in each piece than its torrent says. */
  wrongOrigin?: boolean
  /** One more machine seeds the torrent with wrong data. */
  liar?: boolean
  /** The origin has the web server and the tracker, and seeds nothing. */
  unseeded?: boolean
  /** The origin's cable is pulled when the nodes together have every piece. */
  originGone?: boolean
  /** Seconds after which a run has failed. */
  limit: number
}

export interface NodeResult extends Traffic {
  name: string
  times: NodeTimes
  /** Seconds from its start to the complete file; undefined when it never came. */
  took?: number
  /** Whether the file's bytes are the original's. */
  same: boolean
  /** The case took its cable or its power. */
  lost: boolean
}

export interface CaseResult {
  nodes: NodeResult[]
  /** Seconds from the first start to the last complete file among the nodes that were not lost. */
  makespan: number
  /** Seconds from the first start to the end of the last stage, seeding included: when the last node boots on. */
  booted: number
  /** Seconds, of the times that each node took by itself. */
  median: number
  slowest: number
  /** Of the nodes whose link is not the slow one. */
  slowestOther: number
  /** The fluid model's least makespan, in seconds. */
  bound: number
  /** Bytes on the origin's cable that left it, headers included. */
  originSent: number
  /** The same as a multiple of the file. */
  copies: number
  /** Bytes that came into a rack over its uplink, headers included, as a multiple of the file: the rack with the most. */
  uplinkCopies?: number
  /** How many pieces the nodes behind the uplink that was gone had when it came back: each of them, and all together. */
  apart?: { each: number[]; together: number }
  /** By the servers' own books: BitTorrent payload and HTTP answers. opentracker keeps none. */
  payloadCopies?: number
  /** Share of the time that the machine had nothing to do, of the time that was measured. */
  idle: number
  /** Load average of the last minute when the run began. */
  load: number
  /** Seconds after the start when the origin's cable was pulled. */
  originGoneAt?: number
  /** All that were not lost have the file, and it is the original. */
  complete: boolean
  aria2: string
}
