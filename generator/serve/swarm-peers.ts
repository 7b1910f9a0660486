import { isIPv4 } from 'node:net'
import { ipv6Groups } from './client-address.ts'

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
  /** It lacks nothing. */
  complete: boolean
  left: boolean
}

interface Remembered extends PeerNews, ListedPeer {
  /** When it last announced itself (`performance.now()`). */
  seen: number
}

interface Client {
  name: string
  peers: Remembered[]
  /** Its place in the list of clients. */
  at: number
}

/** Peers of one client that are remembered: a site behind NAT, or a machine's guests, are one. */
export const peersOfAddress = 256

/** Peers that are remembered in all; more than the nodes of a large site. */
const mostPeers = 20_000

/** The peers of a torrent. */
export class SwarmPeers {
  /** By host and port, the one that has been silent for the longest time first. */
  readonly #peers = new Map<string, Remembered>()
  readonly #clients = new Map<string, Client>()
  readonly #list: Client[] = []
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
    const client = this.#clients.get(news.client) ?? this.#newClient(news.client)
    client.peers.push(peer)
  }

  /** So many peers by chance, of as many clients as there are: the peers of one cannot hide those of the others. */
  some(count: number): ListedPeer[] {
    const clients = this.#someClients(Math.min(count, this.#list.length))
    const firsts = clients.map(({ peers }) => Math.floor(Math.random() * peers.length))
    const chosen: ListedPeer[] = []
    for (let round = 0; chosen.length < count; round += 1) {
      const before = chosen.length
      clients.forEach(({ peers }, index) => {
        const peer = peers[((firsts[index] ?? 0) + round) % peers.length]
        if (round < peers.length && chosen.length < count && peer !== undefined) chosen.push(peer)
      })
      if (chosen.length === before) break
    }
    return chosen
  }

  /** Different ones by chance (Fisher and Yates, without a copy of the list). */
  #someClients(count: number): Client[] {
    const moved = new Map<number, number>()
    return Array.from({ length: count }, (_, index) => {
      const other = index + Math.floor(Math.random() * (this.#list.length - index))
      const chosen = moved.get(other) ?? other
      moved.set(other, moved.get(index) ?? index)
      return this.#list[chosen] as Client
    })
  }

  #newClient(name: string): Client {
    const client = { name, peers: [], at: this.#list.length }
    this.#clients.set(name, client)
    this.#list.push(client)
    return client
  }

  #makeRoom(client: string): void {
    const own = this.#clients.get(client)?.peers ?? []
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
    const client = this.#clients.get(peer.client)
    if (client === undefined) return
    client.peers.splice(client.peers.indexOf(peer), 1)
    if (client.peers.length > 0) return
    this.#clients.delete(client.name)
    const last = this.#list.pop()
    if (last === undefined || last === client) return
    last.at = client.at
    this.#list[client.at] = last
  }
}

const keyOf = ({ host, port }: Peer): string => `${host}:${port}`
