import { createServer, type ServerResponse } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import bencode from 'bencode'
import { announceInterval } from '../swarm/origin-profile.ts'
import { type AnnounceQuery, announceQuery } from './announce-query.ts'
import { clientAddress, countedAs } from './client-address.ts'
import { httpLimits, limitServer, serverOptions } from './http-limits.ts'
import { closeServer, listen } from './origin.ts'
import { listed, type Peer, SwarmPeers } from './swarm-peers.ts'

/** What a peer told the tracker. */
export interface Announce {
  /** `address:port` as other peers are told. */
  peer: string
  /** Of the torrent, in lower-case hex. */
  infoHash: string
  event: 'start' | 'update' | 'complete' | 'stop'
  /** Bytes that it still lacks; 0 is a seeder. */
  left: number
  /** Payload bytes since it started, from and to peers and web seeds. */
  downloaded: number
  uploaded: number
  /** Where it says that it stands; empty where it does not. */
  rack: string
}

export interface Tracker {
  /** The announce URL, as seen from the tracker's own machine. */
  readonly url: string
  readonly port: number
  /** Grows as announces come in, unless `onAnnounce` is given. */
  readonly announces: Announce[]
  /** Refusals and malformed requests, in words, unless `onRefusal` is given. */
  readonly warnings: string[]
  close(): Promise<void>
}

export interface TrackerOptions {
  /** The only torrents that are tracked (info hashes, hex); without it all are. A set or map may change meanwhile. */
  infoHashes?: string[] | { has(infoHash: string): boolean }
  /** Default 127.0.0.1. */
  host?: string
  /** Default: any free one. */
  port?: number
  /** Seconds between a peer's announces. */
  interval?: number
  /** The site's own seeder of a torrent (info hash, hex): it is in every answer, before all others, by each address. */
  seeder?: (infoHash: string) => OwnSeeder | undefined
  /** Where the peers of an address stand that do not say it themselves; empty where nobody knows. They are told. */
  rackOf?: (address: string) => string
  /** Takes each announce, instead of `announces`: for one that runs for weeks. */
  onAnnounce?: (announce: Announce) => void
  /** Takes each refusal, instead of `warnings`: the address, where it is known, and why. */
  onRefusal?: (peer: string, reason: string) => void
}

export interface OwnSeeder {
  hosts: string[]
  port: number
}

/** A silent peer is told to nobody after so many intervals: it left without a word, as by kexec. */
const intervalsOfSilence = 3

/** An HTTP tracker (BEP 3) for the site's own torrents. */
export async function startTracker(options: TrackerOptions = {}): Promise<Tracker> {
  const { infoHashes, host = '127.0.0.1', port = 0, interval = announceInterval, onAnnounce } = options
  const announces: Announce[] = []
  const warnings: string[] = []
  const refused = (peer: string, reason: string) => {
    if (options.onRefusal !== undefined) options.onRefusal(peer, reason)
    else warnings.push(reason)
  }
  const ours = Array.isArray(infoHashes) ? new Set(infoHashes.map(hash => hash.toLowerCase())) : infoHashes
  const swarms = new Map<string, SwarmPeers>()
  const swarmOf = (infoHash: string): SwarmPeers | undefined => {
    if (ours?.has(infoHash) === false) {
      swarms.delete(infoHash)
      return undefined
    }
    const swarm = swarms.get(infoHash) ?? new SwarmPeers(interval * 1000 * intervalsOfSilence)
    swarms.set(infoHash, swarm)
    return swarm
  }
  const server = createServer(serverOptions(httpLimits), (request, response) => {
    const address = clientAddress(request.socket)
    const query = announceQuery(request)
    const swarm = 'reason' in query ? undefined : swarmOf(query.infoHash)
    if ('reason' in query || swarm === undefined) {
      const { status, reason } =
        'reason' in query ? query : { status: 200, reason: 'this torrent is not tracked here' }
      refused(address, reason)
      refuse(response, status, reason)
      return
    }
    const { event, left, infoHash, downloaded, uploaded, peerId } = query
    const peer = { host: hostOf(request.socket, address, query), port: query.port, id: peerId }
    const client = countedAs(address)
    const rack = query.rack || options.rackOf?.(peer.host) || ''
    swarm.announce({ ...peer, client, rack, complete: left === 0, left: event === 'stop' })
    const seeder = options.seeder?.(infoHash)
    response.end(answerOf(query, rack, swarm, interval, seeder))
    const name = `${isIPv6(peer.host) ? `[${peer.host}]` : peer.host}:${peer.port}`
    const announce = { peer: name, infoHash, event, left, downloaded, uploaded, rack: query.rack }
    if (onAnnounce === undefined) announces.push(announce)
    else onAnnounce(announce)
  })
  limitServer(server, httpLimits, refused)
  const address = await listen(server, host, port)
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}/announce`,
    port: address.port,
    announces,
    warnings,
    close: () => closeServer(server),
  }
}

function refuse(response: ServerResponse, status: number, reason: string): void {
  response.statusCode = status
  response.setHeader('Connection', 'close')
  response.end(bencode.encode({ 'failure reason': reason }))
}

/** What an IPv6 address and its port have. */
const ipv6Bytes = 18

function answerOf(
  { wanted, compact, event }: AnnounceQuery,
  rack: string,
  swarm: SwarmPeers,
  interval: number,
  seeder: OwnSeeder | undefined,
): Uint8Array {
  const isSeeder = ({ host, port }: Peer) => seeder?.hosts.includes(host) === true && port === seeder.port
  const some = event === 'stop' ? [] : swarm.some(wanted, rack)
  const known = some.find(isSeeder)?.id ?? Buffer.alloc(20)
  const peers =
    seeder === undefined || event === 'stop' || wanted === 0
      ? some
      : [
          ...seeder.hosts.map(host => listed({ host, port: seeder.port, id: known })),
          ...some.filter(peer => !isSeeder(peer)),
        ].slice(0, wanted)
  const bytes = (has: (length: number) => boolean) =>
    Buffer.concat(peers.flatMap(each => (has(each.compact.length) ? [each.compact] : [])))
  const ipv6Peers = compact ? bytes(length => length === ipv6Bytes) : []
  return bencode.encode({
    interval,
    complete: swarm.complete,
    incomplete: swarm.incomplete,
    peers: compact
      ? bytes(length => length < ipv6Bytes)
      : peers.map(({ host, port, id }) => ({ ip: host, port, 'peer id': id })),
    ...(ipv6Peers.length > 0 ? { peers6: ipv6Peers } : {}),
    ...(rack === '' ? {} : { rack }),
  })
}

/**
 * Where a peer is to be reached: where it calls from. A peer on the tracker's own machine calls from the loopback, which
 * is no use to others: it alone may name another address by `ip=` (BEP 3; aria2's --bt-external-ip sends it).
 */
function hostOf(socket: Socket, address: string, { ip }: AnnounceQuery): string {
  const ownMachine =
    address === '::1' || address.startsWith('127.') || socket.remoteAddress === socket.localAddress
  return (ownMachine && ip) || address
}
