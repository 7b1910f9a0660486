import type { IncomingMessage, ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import bencode from 'bencode'
import TrackerServer from 'bittorrent-tracker/server'
import { announceInterval } from '../swarm/origin-profile.ts'
import { unsoundAnnounce } from './announce-check.ts'
import { httpLimits, limitServer, serverOptions } from './http-limits.ts'
import { closeServer, listen } from './origin.ts'

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
  /** Takes each announce, instead of `announces`: for one that runs for weeks. */
  onAnnounce?: (announce: Announce) => void
  /** Takes each refusal, instead of `warnings`: the address, where it is known, and why. */
  onRefusal?: (peer: string, reason: string) => void
}

/** So many peers of a torrent are remembered; the library's own limit, 1,000, would forget nodes of a large site. */
const mostPeers = 20_000

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
  const tracked = (hash: string) => ours?.has(hash) ?? true
  const tracker = new TrackerServer({
    http: serverOptions(httpLimits),
    udp: false,
    ws: false,
    // Its page of statistics ends the process over a peer id that it cannot read.
    stats: false,
    interval: interval * 1000,
    // A node that left without a word, as by kexec, is told to nobody soon after.
    peersCacheTtl: interval * 3000,
    peersCacheLength: mostPeers,
    trustProxy: true,
    filter(infoHash, _announce, answer) {
      answer(tracked(infoHash) ? null : new Error('this torrent is not tracked here'))
    },
  })
  tracker.on('warning', error => refused('', error.message))
  // Also what a single peer's broken connection brings: nothing to end a tracker for.
  tracker.on('error', error => refused('', error.message))
  for (const event of ['start', 'update', 'complete', 'stop'] as const) {
    tracker.on(event, (peer, { info_hash: infoHash, left, downloaded, uploaded }) => {
      // The library reports announces that it refused, too.
      if (!tracked(infoHash)) return
      const announce = {
        peer,
        infoHash,
        event,
        left,
        downloaded: Number(downloaded ?? 0),
        uploaded: Number(uploaded ?? 0),
      }
      if (onAnnounce === undefined) announces.push(announce)
      else onAnnounce(announce)
    })
  }
  // Before the tracker's own listener, which is added on the next tick.
  tracker.http.on('request', (request, response) => {
    const reason = unsoundAnnounce(request)
    if (reason === undefined) setPeerAddress(request)
    else {
      refused(request.socket.remoteAddress ?? '', reason)
      refuse(response, reason)
    }
  })
  limitServer(tracker.http, httpLimits, refused)
  const address = await listen(tracker.http, host, port)
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}/announce`,
    port: address.port,
    announces,
    warnings,
    close: () => closeServer(tracker.http),
  }
}

/** A peer looks for the reason in the answer, whatever its status. The library leaves alone what is answered. */
function refuse(response: ServerResponse, reason: string): void {
  response.setHeader('Connection', 'close')
  response.end(bencode.encode({ 'failure reason': reason }))
}

/**
 * Says where a peer is to be reached: where it calls from. A peer on the tracker's own machine calls from the loopback,
 * which is no use to others: it alone may name another address by `ip=` (BEP 3; aria2's --bt-external-ip sends it).
 * The tracker library takes an address from the proxy's header only, so that header is ours to write.
 */
function setPeerAddress({ socket, headers, url }: IncomingMessage): void {
  const caller = (socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const named = /[?&]ip=(\d+(?:\.\d+){3})(?:&|$)/.exec(url ?? '')?.[1]
  const ownMachine =
    caller === '::1' || caller.startsWith('127.') || socket.remoteAddress === socket.localAddress
  headers['x-forwarded-for'] = (ownMachine && named) || caller
}
