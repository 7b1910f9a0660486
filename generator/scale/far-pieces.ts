/**
 * What aria2 asks of peers that are far away while near ones are connected: FarPieces.cc of aria2-near-first.patch. Near is who has
 * an address of the same prefix.
 */
import type { Links } from './links.ts'
import { requestLength } from './physical.ts'
import type { Grain } from './scenario.ts'
import { type End, type Host, hasPiece, unsetPiece } from './swarm-host.ts'

/** MIN_FAR_REQUESTS, in bytes: far peers together are asked for so much, or for twice what they sent lately. */
const leastAsked = 16 * requestLength
/** FAR_TURN: seconds that the next one waits for the near peer that is to fetch a piece. */
const turn = 1
/** NEAR_SILENCE: a near peer that told of no piece for so many seconds is not waited for. */
const silence = 3
/** NEAR_PATIENCE: who got no piece for so many seconds asks anybody. */
const patience = 10
/**
 * FAR_STALL: a far peer that sends nothing for so many seconds is asked for no more, and what it was asked for leaves room; in end game
 * another one may be asked for it.
 */
const stall = 5

const isNear = (end: End): boolean => end.isNear
/** What super seeding shows to one peer alone is that one's to fetch. */
const isOthers = (end: End): boolean => !end.isNear && !end.peer.isShown

export class FarPieces {
  constructor(
    readonly links: Links,
    readonly grain: Grain,
    /** Tells that a host is to look again at its next turn, whatever comes. */
    readonly onWait: (host: Host) => void,
  ) {}

  /** Whether the peer is asked sparingly. */
  isRationed(end: End): boolean {
    const { owner } = end
    return isOthers(end) && this.links.now - owner.gotAt < patience && owner.ends.some(isNear)
  }

  /** Blocks that may be asked of a far peer besides. */
  room(next: End): number {
    if (this.#isStalled(next)) return 0
    const others = next.owner.ends.filter(end => isOthers(end) && !this.#isStalled(end))
    const asked = others.reduce((sum, end) => sum + end.asked.length, 0)
    const recent = others.reduce((sum, end) => sum + end.recentReceived, 0)
    const most = Math.max(leastAsked, 2 * recent)
    return Math.max(1, Math.round(most / this.grain.blockLength)) - asked
  }

  /** The pieces that the peer may be asked for now. */
  choose(end: End): Uint32Array {
    const { owner } = end
    const { now } = this.links
    const chosen = end.has.map((word, at) => word & ~(owner.have[at] as number))
    const rivals: Host[] = []
    for (const near of owner.ends) {
      if (!near.isNear) continue
      const isLive = now - near.newsAt < silence
      if (isLive) this.#ageFetching(near)
      for (let word = 0; word < chosen.length; word += 1) {
        const fetching = isLive ? (near.fetching[word] as number) | (near.fetchingBefore[word] as number) : 0
        chosen[word] = (chosen[word] as number) & ~((near.has[word] as number) | fetching)
      }
      if (isLive && !near.peer.owner.complete) rivals.push(near.peer.owner)
    }
    this.#reckonRanks(owner, rivals)
    for (let word = 0; word < chosen.length; word += 1)
      for (let bits = chosen[word] as number; bits !== 0; bits &= bits - 1) {
        const piece = word * 32 + 31 - Math.clz32(bits & -bits)
        if (!this.#isFree(owner, piece)) unsetPiece(chosen, piece)
      }
    return chosen
  }

  /** A far peer is asked for a piece: near peers are told. */
  ask(owner: Host, piece: number): void {
    owner.farAskedAt[piece] = this.links.now
    for (const near of owner.ends) if (near.isNear) this.links.send(near, { kind: 'fetching', piece })
  }

  /** FETCHING_LIFETIME: what a near peer said it fetches is void after once to twice so long. */
  #ageFetching(near: End): void {
    if (this.links.now - near.fetchingSince < this.#stallSeconds) return
    near.fetchingSince = this.links.now
    near.fetchingBefore = near.fetching
    near.fetching = new Uint32Array(near.fetching.length)
  }

  /** Seconds: coarser blocks come more seldom than aria2's. */
  get #stallSeconds(): number {
    return (stall * this.grain.blockLength) / requestLength
  }

  #isStalled(end: End): boolean {
    return this.links.now - end.movedAt >= this.#stallSeconds
  }

  #isFree(owner: Host, piece: number): boolean {
    const { now } = this.links
    if (hasPiece(owner.used, piece))
      return owner.endGame && now - (owner.farAskedAt[piece] as number) >= stall
    const rank = owner.ranks[piece] as number
    if (rank === 0) return true
    if (owner.wantedAt[piece] === Infinity) owner.wantedAt[piece] = now
    const isTurn = now - (owner.wantedAt[piece] as number) >= rank * turn
    if (!isTurn) this.onWait(owner)
    return isTurn
  }

  #reckonRanks(owner: Host, rivals: Host[]): void {
    const among = rivals.map(({ index }) => index).join()
    if (among === owner.ranksAmong) return
    owner.ranksAmong = among
    for (let piece = 0; piece < this.grain.pieces; piece += 1) {
      const own = weigh(owner.index, piece)
      owner.ranks[piece] = rivals.filter(({ index }) => weigh(index, piece) > own).length
    }
  }
}

/** Every host reckons the same: highest random weight of host and piece. */
function weigh(host: number, piece: number): number {
  let mixed = Math.imul(host + 1, 0x9e3779b1) ^ Math.imul(piece + 1, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
