/** A machine of the swarm and its ends of connections: what aria2 keeps of pieces, requests and peers. */
import type { Grain } from './scenario.ts'

/** A piece of which not all is there: its blocks, by whether they have come and how often they are asked for. */
export interface Progress {
  came: Uint8Array
  asked: Uint8Array
  missing: number
  /** Connections that have it among their targets. */
  users: number
}

/** What goes over a connection between blocks; sent in order with them. */
export type Message =
  | { kind: 'have'; upTo: number }
  | { kind: 'request'; blocks: number[] }
  | { kind: 'show'; pieces: number[] }
  | { kind: 'fetching'; piece: number }
  | { kind: 'all' }

/**
 * A link with the queue before it. Who would overflow it waits at its sender, as TCP's congestion control has it on the average,
 * and those who wait take turns.
 */
export class Gate {
  /** Blocks that are being sent to it. */
  coming = 0
  /** From `firstWaiting` on. */
  waiting: End[] = []
  firstWaiting = 0
  /** Somebody looks after those who wait. */
  isWatched = false
  /** When what has come so far has passed. */
  free = 0

  constructor(
    /** Seconds for a block, headers included. */
    readonly time: number,
    /** Seconds of the longest queue. */
    readonly queue: number,
  ) {}

  /** Seconds of queue that a block would meet which takes a time to be sent, behind all that is there or on its way. */
  backlog(now: number, sendTime: number): number {
    return Math.max(0, this.free - now) + Math.max(0, this.coming * this.time - sendTime)
  }

  /** When a block that comes at a time has passed. */
  pass(from: number): number {
    this.coming -= 1
    this.free = Math.max(from, this.free) + this.time
    return this.free
  }
}

/** One host's end of a connection. */
export class End {
  peer!: End
  open = true
  /** The pieces that the peer has, as far as it has said so. */
  readonly has: Uint32Array
  /** How many of the peer's pieces, in the order of their coming, have been heard of. */
  heard = 0
  /** The same of our own pieces, as told to the peer. */
  told = 0
  /** Pieces that this connection has checked out, and blocks that the peer was asked for. */
  targets: number[] = []
  asked: number[] = []
  /** What waits to be sent: blocks as numbers, and messages behind them. */
  out: (number | Message)[] = []
  inTurn = false
  /** It has waited before a link, and has a place there for its next block. */
  place: Gate | undefined
  /** Bytes to and from the peer, and in the last 200 ms. */
  sent = 0
  received = 0
  measuredAt = 0
  sentThen = 0
  receivedThen = 0
  recentSent = 0
  recentReceived = 0
  /** The peer is shown single pieces: those that it does not have yet. */
  isShown = false
  shown: number[] = []
  /** Pieces that a near peer fetches from far away, and when it last told of a piece. */
  fetching: Uint32Array
  /** The same as it told earlier, and since when it is of the other. */
  fetchingBefore: Uint32Array
  fetchingSince = 0
  newsAt = 0
  /** When the peer last sent something, or was asked for nothing. */
  movedAt = 0
  readonly isNear: boolean
  isFar = false
  /** Its blocks asked for and lately received are in its owner's sums of far peers. */
  isCounted = false

  constructor(
    readonly owner: Host,
    { prefix }: Host,
    words: number,
  ) {
    this.has = new Uint32Array(words)
    this.fetching = new Uint32Array(words)
    this.fetchingBefore = new Uint32Array(words)
    this.isNear = owner.prefix === prefix
  }
}

export class Host {
  ends: End[] = []
  /** Those of them that are near, in the same order. */
  nearEnds: End[] = []
  /** Pieces that one of these has. */
  readonly nearHas: Uint32Array
  /** Pieces that one of these fetches from far away, as long as it is not silent; until when that holds (FarPieces). */
  readonly nearFetching: Uint32Array
  nearUntil = 0
  /** Blocks that far peers are asked for, of all connections together, and bytes that they sent lately. */
  farAsked = 0
  farRecent = 0
  readonly have: Uint32Array
  /** Pieces that a connection has checked out. */
  readonly used: Uint32Array
  /** Pieces in the order of their coming. */
  got: number[] = []
  /** When the last of them came, or its first connection. */
  gotAt = -1
  /** How many connected peers have a piece, and this host's own order among pieces that are equally rare. */
  readonly counts: Uint16Array
  readonly rank: Uint16Array
  /** Missing pieces that nobody has checked out. */
  unused: number
  progress = new Map<number, Progress>()
  endGame = false
  complete = false
  completeAt = Infinity
  leftAt = Infinity
  /** Its process has ended; its cable is pulled. */
  gone = false
  cut = false

  /** Seconds of its processor for a byte, and until when it has work. */
  sendWork = 0
  receiveWork = 0
  workFree = 0
  sendFree = 0
  /** Connections that have something to send, in turn. */
  turns: End[] = []
  sending: End | undefined
  bytesSent = 0

  /** Peers that it was told of and has not dialled, and all that it knows. */
  untried: Host[] = []
  known = new Set<number>()
  connections = 0
  /** Hosts that have dialled it and wait for an answer. */
  knocks: Host[] = []
  /** When it looks after what waits for no event; a tick is due at most once. */
  readonly phase: number
  /** How many near hosts come before it in fetching a piece from far away, and among whom that was reckoned. */
  readonly ranks: Uint8Array
  ranksAmong: Host[] = []
  /** By piece, its weight among near hosts that could fetch it; made when first needed. */
  weights: Uint32Array | undefined
  /** When a piece was first wanted of a far host, and when one was asked for it. */
  readonly wantedAt: Float64Array
  readonly farAskedAt: Float64Array
  tickAt = Infinity
  neededAt = 0
  listed = false
  /** Pieces that super seeding has shown to nobody. */
  unshown: Uint32Array | undefined

  constructor(
    readonly index: number,
    readonly rack: number,
    /** Hosts of one prefix take each other for near. */
    readonly prefix: number,
    { pieces }: Grain,
    random: () => number,
    readonly up: Gate,
    readonly down: Gate,
  ) {
    const words = Math.ceil(pieces / 32)
    this.have = new Uint32Array(words)
    this.used = new Uint32Array(words)
    this.nearHas = new Uint32Array(words)
    this.nearFetching = new Uint32Array(words)
    this.counts = new Uint16Array(pieces)
    this.rank = Uint16Array.from({ length: pieces }, (_, piece) => piece)
    for (let at = pieces - 1; at > 0; at -= 1) {
      const other = Math.floor(random() * (at + 1))
      const kept = this.rank[at] as number
      this.rank[at] = this.rank[other] as number
      this.rank[other] = kept
    }
    this.unused = pieces
    this.phase = random()
    this.ranks = new Uint8Array(pieces)
    this.wantedAt = new Float64Array(pieces).fill(Infinity)
    this.farAskedAt = new Float64Array(pieces)
  }
}

export const hasPiece = (bits: Uint32Array, piece: number): boolean =>
  ((bits[piece >> 5] as number) & (1 << (piece & 31))) !== 0

export function setPiece(bits: Uint32Array, piece: number): void {
  bits[piece >> 5] = (bits[piece >> 5] as number) | (1 << (piece & 31))
}

export function unsetPiece(bits: Uint32Array, piece: number): void {
  bits[piece >> 5] = (bits[piece >> 5] as number) & ~(1 << (piece & 31))
}

export function addPieces(bits: Uint32Array, more: Uint32Array): void {
  for (let word = 0; word < bits.length; word += 1)
    bits[word] = (bits[word] as number) | (more[word] as number)
}

/** All of the pieces. */
export function allPieces(pieces: number): Uint32Array {
  const bits = new Uint32Array(Math.ceil(pieces / 32)).fill(0xffffffff)
  if (pieces % 32 !== 0) bits[bits.length - 1] = 2 ** (pieces % 32) - 1
  return bits
}
