/** A swarm from the first node's start to the last one's end, by discrete events. */
import { EventQueue } from './event-queue.ts'
import { FarPieces } from './far-pieces.ts'
import { type Arrival, event, Links } from './links.ts'
import { Meeting } from './meeting.ts'
import { PeerPolicy } from './peer-policy.ts'
import { announceAfter, receiveCost, roundTrip, sendCost, showCost } from './physical.ts'
import { grainOf, type Scenario } from './scenario.ts'
import { allPieces, End, type Gate, Host, setPiece } from './swarm-host.ts'

/** Seconds of simulated time after which a swarm that does not end is given up. */
const longest = 7200
/** Seconds after which nobody needed a seeding node (UNNEEDED_FOR). */
const unneededFor = 1

export interface SwarmOutcome {
  /** Seconds after the first start; Infinity where it never came. Lost nodes are not among them. */
  completions: number[]
  /** Seconds that each of these took from its own start, in the same order. */
  took: number[]
  makespan: number
  /** When the last node boots on. */
  booted: number
  /** Payload bytes that the origin sent, over the file. */
  copies: number
  /** Payload bytes over uplinks. */
  uplinkBytes: number
  /** Announces in each second. */
  announces: number[]
  /** Bytes that came twice, over all that came. */
  wasted: number
  events: number
}

/** The same scenario gives the same outcome. */
export function simulateSwarm(scenario: Scenario): SwarmOutcome {
  return new SwarmRun(scenario).run()
}

class SwarmRun {
  readonly #random: () => number
  readonly #events = new EventQueue()
  readonly #links: Links
  readonly #policy: PeerPolicy
  readonly #meeting: Meeting
  readonly #origin: Host
  readonly #nodes: Host[]
  readonly #lost: Set<number>
  readonly #grain
  readonly #seenPieces: Uint8Array
  #unseen: number
  #left = 0

  constructor(readonly scenario: Scenario) {
    this.#random = seeded(scenario.seed)
    const grain = grainOf(scenario)
    this.#grain = grain
    this.#links = new Links(this.#events, scenario, grain)
    const piecesInTorrent = Math.ceil(scenario.size / scenario.pieceLength)
    const showTime = (grain.joined * piecesInTorrent * showCost) / scenario.profile.speed
    const far = new FarPieces(this.#links, grain, scenario.profile, host => this.#meeting.wantTick(host))
    this.#policy = new PeerPolicy(
      this.#links,
      grain,
      this.#random,
      showTime,
      host => this.#hasMore(host),
      far,
    )
    this.#seenPieces = new Uint8Array(grain.pieces)
    this.#unseen = grain.pieces
    this.#lost = new Set(scenario.lost.map(({ node }) => node))
    this.#origin = this.#host(-1, 0, 0, scenario.originRate)
    this.#nodes = Array.from({ length: scenario.nodes }, (_, node) =>
      this.#host(node, scenario.rackOf(node), scenario.prefixOf(node), scenario.nodeRate(node)),
    )
    this.#meeting = new Meeting(this.#links, scenario, this.#random, this.#origin, (from, to) => {
      this.#events.add(this.#links.now + roundTrip, event.joined, new Pair(from, to))
    })
    this.#prepareOrigin()
  }

  run(): SwarmOutcome {
    const { scenario } = this
    let count = 0
    for (const host of this.#nodes) {
      const start = scenario.startOf(host.index) + announceAfter
      this.#events.add(start, event.announce, host)
      this.#events.add(start + scenario.profile.dialEvery, event.dial, host)
    }
    for (const { node, at, how } of scenario.lost)
      this.#events.add(at, event.call, () => this.#lose(node, how))
    while (
      this.#left < scenario.nodes - this.#lost.size &&
      this.#events.next() &&
      this.#events.time < longest
    ) {
      this.#links.now = this.#events.time
      count += 1
      this.#happen(this.#events.kind, this.#events.subject as object, this.#events.value)
    }
    return this.#outcome(count)
  }

  #happen(kind: number, subject: object, value: number): void {
    switch (kind) {
      case event.sent:
        this.#links.sent(subject as End)
        break
      case event.block: {
        const end = subject as End
        if (end.open) this.#policy.takeBlock(end, value)
        break
      }
      case event.have: {
        const end = subject as End
        if (end.open) this.#policy.takeHave(end, value)
        break
      }
      case event.message: {
        const { end, message } = subject as Arrival
        if (end.open) this.#policy.takeMessage(end, message)
        break
      }
      case event.tick:
        this.#tick(subject as Host)
        break
      case event.announce:
        this.#meeting.announce(subject as Host)
        break
      case event.dial:
        this.#meeting.dial(subject as Host, value === 1)
        break
      case event.room:
        this.#links.room(subject as Gate)
        break
      case event.joined:
        this.#join(subject as Pair)
        break
      default:
        ;(subject as () => void)()
    }
  }

  #host(index: number, rack: number, prefix: number, rate: number): Host {
    const host = new Host(
      index,
      rack,
      prefix,
      this.#grain,
      this.#random,
      this.#links.gate(rate),
      this.#links.gate(rate),
    )
    // A node sends about as much as it receives, with the one thread that it has for both.
    host.sendWork = (index < 0 ? sendCost : sendCost + receiveCost) / this.scenario.profile.speed
    host.receiveWork = host.sendWork
    return host
  }

  #prepareOrigin(): void {
    const origin = this.#origin
    const { pieces } = this.#grain
    origin.complete = true
    origin.unused = 0
    origin.got = Array.from({ length: pieces }, (_, piece) => piece)
    for (const piece of origin.got) setPiece(origin.have, piece)
    origin.unshown = allPieces(pieces)
    const { announceEvery, dialEvery } = this.scenario.profile
    // It is there before the nodes are, and announces itself at any time.
    this.#events.add(-announceEvery * this.#random(), event.announce, origin)
    this.#events.add(dialEvery * this.#random(), event.dial, origin)
  }

  #tick(host: Host): void {
    host.tickAt = Infinity
    if (host.gone) return
    if (host.knocks.length > 0) this.#meeting.accept(host)
    for (const end of host.ends) this.#policy.interact(end)
    if (host.unshown !== undefined && host.ends.length > 0) this.#meeting.wantTick(host)
  }

  #join({ from, to }: Pair): void {
    if (from.gone || to.gone || from.cut || to.cut) return
    const words = from.have.length
    const mine = new End(from, to, words)
    const theirs = new End(to, from, words)
    mine.peer = theirs
    theirs.peer = mine
    for (const end of [mine, theirs]) {
      end.owner.ends.push(end)
      if (end.isNear) end.owner.nearEnds.push(end)
    }
    this.#policy.begin(theirs)
    this.#policy.begin(mine)
    this.#meeting.wantTick(to)
  }

  #hasMore(host: Host): void {
    this.#meeting.wantTick(host)
    const piece = host.got.at(-1) as number
    if (this.#seenPieces[piece] === 0) {
      this.#seenPieces[piece] = 1
      this.#unseen -= 1
      if (this.#unseen === 0 && this.scenario.originGone) this.#origin.cut = true
    }
    if (host.got.length < this.#grain.pieces) return
    host.complete = true
    for (const { peer } of host.nearEnds) peer.owner.nearUntil = 0
    host.completeAt = this.#links.now
    host.neededAt = this.#links.now
    this.#meeting.count()
    this.#seed(host)
  }

  /** A complete node stays while a peer lacks something; two that are complete part (checkActiveInteraction). */
  #seed(host: Host): void {
    if (host.gone) return
    const { now } = this.#links
    for (const end of [...host.ends]) {
      if (end.has.every((word, at) => word === host.have[at])) this.#part(end)
      else host.neededAt = now
    }
    if (now - host.neededAt >= unneededFor || now - host.completeAt >= this.scenario.seedTime)
      this.#leave(host)
    else this.#events.add(now + this.scenario.profile.turn, event.call, () => this.#seed(host))
  }

  #part(end: End): void {
    const { peer } = end
    if (!end.open) return
    this.#policy.end(end)
    this.#policy.end(peer)
    for (const [one, other] of [
      [end, peer],
      [peer, end],
    ] as const) {
      this.#meeting.refused(one.owner, other.owner)
      // What it was asked for may be asked of others.
      if (!one.owner.complete) this.#meeting.wantTick(one.owner)
    }
    if (this.#origin.ends.length === 0 && this.#origin.unshown === undefined) {
      // The first peer of a swarm begins a new round of super seeding.
      this.#origin.unshown = allPieces(this.#grain.pieces)
    }
  }

  #leave(host: Host): void {
    host.gone = true
    host.leftAt = this.#links.now
    if (!this.#lost.has(host.index)) this.#left += 1
    this.#meeting.leave(host)
    for (const end of [...host.ends]) this.#part(end)
  }

  #lose(node: number, how: 'power' | 'cable'): void {
    const host = this.#nodes[node] as Host
    if (how === 'cable') host.cut = true
    else if (!host.gone) this.#leave(host)
  }

  #outcome(events: number): SwarmOutcome {
    const { size, startOf } = this.scenario
    const stay = this.#nodes.filter(({ index }) => !this.#lost.has(index))
    const completions = stay.map(({ completeAt }) => completeAt)
    const blocks = stay.length * this.#grain.pieces * this.#grain.blocks
    return {
      completions,
      took: stay.map(({ index, completeAt }) => completeAt - startOf(index)),
      makespan: completions.reduce((most, each) => Math.max(most, each), 0),
      booted: stay.reduce((most, { leftAt }) => Math.max(most, leftAt), 0),
      copies: this.#origin.bytesSent / size,
      uplinkBytes: this.#links.uplinkBytes,
      announces: this.#meeting.announces,
      wasted: this.#policy.wastedBlocks / blocks,
      events,
    }
  }
}

/** Two hosts that have shaken hands. */
class Pair {
  constructor(
    readonly from: Host,
    readonly to: Host,
  ) {}
}

/** Numbers from 0 to 1 by chance, the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
