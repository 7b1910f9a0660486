import { isIPv4 } from 'node:net'
import { ipv6Groups } from './client-address.ts'
import { PeersByClient } from './peers-by-client.ts'

/** A peer as others are told of it. */
export interface Peer {
  host: string
  port: number
  /** 20 bytes, as it announced itself. */
  id: Buffer
}

/** A peer, and its bytes in answers. */
export interface ListedPeer extends Peer {
  /** Address and port in 6 bytes (BEP 23), of IPv6 in 18 (BEP 7). */
  compact: Buffer
}

/** The peer with its bytes. */
export function listed<Kind extends Peer>(peer: Kind): Kind & ListedPeer {
  const { host, port } = peer
  const address = isIPv4(host)
    ? host.split('.').map(Number)
    : ipv6Groups(host).flatMap(group => {
        const number = Number.parseInt(group, 16)
        return [number >> 8, number & 0xff]
      })
  return { ...peer, compact: Buffer.from([...address, port >> 8, port & 0xff]) }
}

/** What a peer announces. */
export interface PeerNews extends Peer {
  /** The address that the announce came from, or the network of it: what limits count. */
  client: string
  /** Where it stands; empty where nobody knows. */
  rack: string
  /** It lacks nothing. */
  complete: boolean
  left: boolean
}

interface Remembered extends PeerNews, ListedPeer {
  /** When it last announced itself (`performance.now()`). */
  seen: number
}

/** Peers of one client that are remembered: a site behind NAT, or a machine's guests, are one. */
export const peersOfAddress = 256

/** Peers that are remembered in all; more than the nodes of a large site. */
const mostPeers = 20_000

const nearForEachOther = 2

/** The peers of a torrent. */
export class SwarmPeers {
  /** By host and port, the one that has been silent for the longest time first. */
  readonly #peers = new Map<string, Remembered>()
  readonly #all = new PeersByClient<Remembered>()
  readonly #racks = new Map<string, PeersByClient<Remembered>>()
  readonly #lifetime: number
  #complete = 0

  /** @param lifetime milliseconds after which a silent peer is forgotten */
  constructor(lifetime: number) {
    this.#lifetime = lifetime
  }

  get complete(): number {
    return this.#complete
  }

  get incomplete(): number {
    return this.#peers.size - this.#complete
  }

  /** Takes in what a peer says of itself. Who leaves must be who came: behind NAT others share its address. */
  announce(news: PeerNews, now = performance.now()): void {
    this.#forgetSilent(now)
    const key = keyOf(news)
    const known = this.#peers.get(key)
    if (news.left && known !== undefined && !known.id.equals(news.id)) return
    // One that comes back with less than it had has begun anew.
    if (known !== undefined) this.#remove(key, known)
    if (news.left) return
    this.#makeRoom(news.client)
    const peer = { ...listed(news), seen: now }
    this.#peers.set(key, peer)
    if (peer.complete) this.#complete += 1
    this.#all.add(peer)
    if (peer.rack === '') return
    const rack = this.#racks.get(peer.rack) ?? new PeersByClient<Remembered>()
    this.#racks.set(peer.rack, rack)
    rack.add(peer)
  }

  /**
   * So many peers by chance. Of a rack's own come two for each other one, as far as there are any: peers are dialled in this order, and a
   * rack whose nodes know nobody else would be an island.
   */
  some(count: number, rack = ''): ListedPeer[] {
    if (rack === '') return this.#all.some(count)
    const near = this.#racks.get(rack)?.some(count) ?? []
    const others = this.#all.some(count).filter(peer => peer.rack !== rack)
    const chosen: ListedPeer[] = []
    while (chosen.length < count && near.length + others.length > 0)
      chosen.push(...near.splice(0, nearForEachOther), ...others.splice(0, 1))
    return chosen.slice(0, count)
  }

  #makeRoom(client: string): void {
    const own = this.#all.of(client)
    if (own.length >= peersOfAddress) {
      const oldest = own.reduce((one, other) => (other.seen < one.seen ? other : one))
      this.#remove(keyOf(oldest), oldest)
    }
    if (this.#peers.size < mostPeers) return
    const [oldest] = this.#peers
    if (oldest !== undefined) this.#remove(...oldest)
  }

  #forgetSilent(now: number): void {
    for (const [key, peer] of this.#peers) {
      if (now - peer.seen <= this.#lifetime) return
      this.#remove(key, peer)
    }
  }

  #remove(key: string, peer: Remembered): void {
    this.#peers.delete(key)
    if (peer.complete) this.#complete -= 1
    this.#all.remove(peer)
    const rack = this.#racks.get(peer.rack)
    rack?.remove(peer)
    if (rack?.size === 0) this.#racks.delete(peer.rack)
  }
}

const keyOf = ({ host, port }: Peer): string => `${host}:${port}`
