/**
 * How peers find each other: the tracker's answers (generator/serve/tracker.ts), and whom aria2 dials and takes
 * (TrackerWatcherCommand.cc, ActivePeerConnectionCommand.cc, PeerListenCommand.cc, PeerReceiveHandshakeCommand.cc), and local discovery
 * (LpdDispatchMessageCommand.cc). That a node without any peer dials those of its segment after 1 s, without an announce, is left out.
 */
import { event, type Links } from './links.ts'
import { roundTrip } from './physical.ts'
import type { Scenario } from './scenario.ts'
import type { Host } from './swarm-host.ts'

/** Peers that are dialled at once without an announce. */
const dialsAtOnce = 5
/** BtRuntime::setMaxPeers: below this share of the most peers more are looked for. */
const enoughPeers = 0.8
/** MAX_PEER_LIST_SIZE: peers that are known and not connected. */
const mostKnown = 512

export class Meeting {
  announces: number[] = []
  readonly #listed: Host[] = []
  /** Nodes that have told their network of themselves, by its prefix. */
  readonly #segments = new Map<number, Set<Host>>()

  constructor(
    readonly links: Links,
    readonly scenario: Scenario,
    readonly random: () => number,
    readonly origin: Host,
    /** Makes a connection of a host that has dialled and one that has accepted. */
    readonly connect: (from: Host, to: Host) => void,
  ) {}

  /** When a host looks after such things next. */
  nextTurn(host: Host, time: number): number {
    const { turn } = this.scenario.profile
    return (Math.floor(time / turn - host.phase + 1e-6) + 1 + host.phase) * turn
  }

  wantTick(host: Host): void {
    if (host.tickAt !== Infinity) return
    host.tickAt = this.nextTurn(host, this.links.now)
    this.links.events.add(host.tickAt, event.tick, host)
  }

  /** An announce of a host that goes on: who was there is told, what it knows is dialled at its next turn. */
  announce(host: Host): void {
    const { links, scenario } = this
    if (host.gone || host.cut) return
    links.events.add(links.now + scenario.profile.announceEvery, event.announce, host)
    if (scenario.discovers && host !== this.origin) this.#discover(host)
    if (links.now < scenario.trackerAt || this.origin.cut) return
    this.count()
    if (!host.listed) {
      host.listed = true
      this.#listed.push(host)
    }
    if (!this.#wantsPeers(host)) return
    this.#hear(host)
    links.events.add(this.nextTurn(host, links.now + roundTrip), event.dial, host, 1)
  }

  /** Counts an announce, by the second; also those of the end, which change nothing. */
  count(): void {
    const second = Math.max(0, Math.floor(this.links.now))
    while (this.announces.length <= second) this.announces.push(0)
    this.announces[second] = (this.announces[second] as number) + 1
  }

  leave(host: Host): void {
    this.count()
    const at = this.#listed.indexOf(host)
    if (at < 0) return
    this.#listed[at] = this.#listed.at(-1) as Host
    this.#listed.pop()
  }

  /** Dials what it knows until it has enough after an announce, a few otherwise. */
  dial(host: Host, afterAnnounce: boolean): void {
    const { links, scenario } = this
    if (host.gone || host.cut) return
    if (!afterAnnounce) links.events.add(links.now + scenario.profile.dialEvery, event.dial, host)
    if (host.complete ? host.connections >= scenario.profile.maxPeers : !this.#wantsPeers(host)) return
    for (let dials = 0; host.untried.length > 0; dials += 1) {
      if (afterAnnounce ? !this.#wantsPeers(host) : dials === dialsAtOnce) return
      this.#knock(host, this.#next(host))
    }
  }

  /** Who starts tells its segment once; those who fetch there dial it after their next announce. */
  #discover(host: Host): void {
    const heard = this.#segments.get(host.prefix) ?? new Set()
    this.#segments.set(host.prefix, heard)
    if (heard.has(host)) return
    for (const other of heard) {
      if (other.complete || other.gone || other.cut || other.known.has(host.index)) continue
      if (other.untried.length >= mostKnown) continue
      other.known.add(host.index)
      other.untried.push(host)
    }
    heard.add(host)
  }

  /** Near ones first, of these the last one that it was told of (pushUnusedPeer). */
  #next(host: Host): Host {
    const near = host.untried.findLastIndex(other => other.prefix === host.prefix)
    return host.untried.splice(Math.max(0, near), 1)[0] as Host
  }

  /** Takes three of those who have dialled. A leecher that has got nothing yet takes anybody. */
  accept(host: Host): void {
    const { maxPeers, accepted } = this.scenario.profile
    for (const from of host.knocks.splice(0, accepted)) {
      if (from.gone) continue
      const isKnown = host.ends.some(end => end.peer.owner === from)
      // Far peers do not keep near ones out (PeerReceiveHandshakeCommand.cc).
      const farEnds = host.ends.length - host.nearEnds.length
      const hasRoom =
        host.connections < maxPeers ||
        (from.prefix === host.prefix && host.connections - farEnds < maxPeers) ||
        (!host.complete && host.ends.every(end => end.received === 0))
      if (hasRoom && !isKnown) {
        host.connections += 1
        host.known.add(from.index)
        this.connect(from, host)
      } else this.refused(from, host)
    }
    if (host.knocks.length > 0) this.wantTick(host)
  }

  /** Whoever was refused or has lost a peer tries the next one (prepareForNextPeer). */
  refused(host: Host, by: Host): void {
    host.connections -= 1
    if (!host.ends.some(end => end.peer.owner === by)) host.known.delete(by.index)
    if (host.untried.length > 0 && this.#wantsPeers(host)) this.#knock(host, this.#next(host))
  }

  /** BtRuntime::lessThanMinPeers. */
  #wantsPeers({ connections }: Host): boolean {
    return connections <= Math.floor(this.scenario.profile.maxPeers * enoughPeers)
  }

  #knock(host: Host, to: Host): void {
    host.connections += 1
    if (to.gone) this.refused(host, to)
    else if (!to.cut) {
      to.knocks.push(host)
      this.wantTick(to)
    }
  }

  #hear(host: Host): void {
    const { numWant } = this.scenario.profile
    const seen = new Set<Host>(this.scenario.tellsSeeder ? [this.origin] : [])
    for (const other of this.#some(numWant)) if (seen.size < numWant) seen.add(other)
    for (const other of seen) {
      if (other === host || host.known.has(other.index)) continue
      host.known.add(other.index)
      host.untried.push(other)
    }
  }

  /** Different ones by chance (Floyd's sample). */
  #some(count: number): Host[] {
    const all = this.#listed
    if (all.length <= count) return all
    const chosen = new Set<number>()
    for (let last = all.length - count; last < all.length; last += 1) {
      const at = Math.floor(this.random() * (last + 1))
      chosen.add(chosen.has(at) ? last : at)
    }
    return [...chosen].map(at => all[at] as Host)
  }
}
