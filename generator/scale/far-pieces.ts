/**
 * What aria2 asks of peers that are far away while near ones are connected: FarPieces.cc of aria2-near-first.patch. Near is who has
 * an address of the same prefix.
 */
import type { Links } from './links.ts'
import { requestLength } from './physical.ts'
import type { Grain, SwarmProfile } from './scenario.ts'
import { addPieces, type End, type Host, hasPiece, unsetPiece } from './swarm-host.ts'

/**
 * FAR_STALL: a far peer that sends nothing for so many seconds is asked for no more, and what it was asked for leaves room; in end game
 * another one may be asked for it.
 */
const stall = 5

export class FarPieces {
  /** What `choose` found last, and the near hosts that it looked at. */
  readonly #chosen: Uint32Array
  readonly #rivals: Host[] = []

  constructor(
    readonly links: Links,
    readonly grain: Grain,
    readonly profile: SwarmProfile,
    /** Tells that a host is to look again at its next turn, whatever comes. */
    readonly onWait: (host: Host) => void,
  ) {
    this.#chosen = new Uint32Array(Math.ceil(grain.pieces / 32))
  }

  /**
   * Whether an end is a far one, and is in its owner's sums of these. What super seeding shows to one peer alone is that one's to fetch;
   * a peer that has stalled takes no room.
   */
  count(end: End): void {
    const { owner } = end
    end.isFar = end.open && !end.isNear && !end.peer.isShown
    const isCounted = end.isFar && !this.#isStalled(end)
    if (isCounted === end.isCounted) return
    end.isCounted = isCounted
    owner.farAsked += isCounted ? end.asked.length : -end.asked.length
    owner.farRecent += isCounted ? end.recentReceived : -end.recentReceived
  }

  /** Whether the peer is asked sparingly. */
  isRationed(end: End): boolean {
    const { owner } = end
    return end.isFar && owner.nearEnds.length > 0 && this.links.now - owner.gotAt < this.profile.nearPatience
  }

  /** Blocks that may be asked of a far peer besides. */
  room(next: End): number {
    if (this.#isStalled(next)) return 0
    const { farAsked, farRecent } = next.owner
    const most = Math.max(this.profile.farRequests, 2 * farRecent)
    return Math.max(1, Math.round(most / this.grain.blockLength)) - farAsked
  }

  /** The pieces that the peer may be asked for now; they hold until it is called again. */
  choose({ owner, has }: End): Uint32Array {
    const { now } = this.links
    const chosen = this.#chosen
    if (now >= owner.nearUntil) this.#lookAround(owner)
    let [any, lacking] = [0, 0]
    for (let word = 0; word < chosen.length; word += 1) {
      const near = (owner.nearHas[word] as number) | (owner.nearFetching[word] as number)
      const theirs = (has[word] as number) & ~(owner.have[word] as number)
      chosen[word] = theirs & ~near
      lacking |= theirs
      any |= theirs & ~near
    }
    // No block will come that makes it look again.
    if (lacking !== 0 && owner.farAsked === 0) this.onWait(owner)
    if (any === 0) return chosen
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
    for (const near of owner.nearEnds) this.links.send(near, { kind: 'fetching', piece })
  }

  /** A near peer told of a piece that it has, or that it fetches. */
  hear(end: End): void {
    const { now } = this.links
    if (now - end.newsAt >= this.profile.nearSilence) end.owner.nearUntil = 0
    end.newsAt = now
  }

  /** What live near peers fetch and who of them has a turn; it holds until one of them is silent, comes, goes or is complete. */
  #lookAround(owner: Host): void {
    const { now } = this.links
    owner.nearFetching.fill(0)
    owner.nearUntil = Infinity
    let rivals = 0
    for (const near of owner.nearEnds) {
      if (now - near.newsAt >= this.profile.nearSilence) continue
      this.#ageFetching(near)
      const until = Math.min(near.newsAt + this.profile.nearSilence, near.fetchingSince + this.#stallSeconds)
      owner.nearUntil = Math.min(owner.nearUntil, until)
      addPieces(owner.nearFetching, near.fetching)
      addPieces(owner.nearFetching, near.fetchingBefore)
      const host = near.peer.owner
      if (host.complete) continue
      this.#rivals[rivals] = host
      rivals += 1
    }
    this.#rivals.length = rivals
    this.#reckonRanks(owner)
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
    const isTurn = now - (owner.wantedAt[piece] as number) >= rank * this.profile.farTurn
    if (!isTurn) this.onWait(owner)
    return isTurn
  }

  #reckonRanks(owner: Host): void {
    const rivals = this.#rivals
    const { ranks, ranksAmong } = owner
    if (rivals.length === ranksAmong.length && rivals.every((each, at) => each === ranksAmong[at])) return
    owner.ranksAmong = [...rivals]
    const own = this.#weights(owner)
    ranks.fill(0)
    for (const rival of rivals) {
      const theirs = this.#weights(rival)
      for (let piece = 0; piece < own.length; piece += 1)
        if ((theirs[piece] as number) > (own[piece] as number)) ranks[piece] = (ranks[piece] as number) + 1
    }
  }

  #weights(host: Host): Uint32Array {
    host.weights ??= Uint32Array.from({ length: this.grain.pieces }, (_, piece) => weigh(host.index, piece))
    return host.weights
  }
}

/** Every host reckons the same: highest random weight of host and piece. */
function weigh(host: number, piece: number): number {
  let mixed = Math.imul(host + 1, 0x9e3779b1) ^ Math.imul(piece + 1, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
