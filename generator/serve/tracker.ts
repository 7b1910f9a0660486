import type { IncomingMessage } from 'node:http'
import TrackerServer from 'bittorrent-tracker/server'
import { closeServer, listen } from './origin.ts'

/** What a peer told the tracker. */
export interface Announce {
  /** `address:port` as other peers are told. */
  peer: string
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
  readonly announces: Announce[]
  /** Refusals and malformed requests, in words. */
  readonly warnings: string[]
  close(): Promise<void>
}

export interface TrackerOptions {
  /** The only torrents that are tracked (info hashes, hex); without it all are. */
  infoHashes?: string[]
  /** Default 127.0.0.1. */
  host?: string
  /** Default: any free one. */
  port?: number
  /** Seconds between a peer's announces, default 60. */
  interval?: number
}

/** An HTTP tracker (BEP 3) for the site's own torrents. */
export async function startTracker(options: TrackerOptions = {}): Promise<Tracker> {
  const { infoHashes, host = '127.0.0.1', port = 0, interval = 60 } = options
  const announces: Announce[] = []
  const warnings: string[] = []
  const ours = infoHashes?.map(hash => hash.toLowerCase())
  const tracked = (hash: string) => ours === undefined || ours.includes(hash)
  const tracker = new TrackerServer({
    http: true,
    udp: false,
    ws: false,
    stats: true,
    interval: interval * 1000,
    trustProxy: true,
    filter(infoHash, _announce, answer) {
      answer(tracked(infoHash) ? null : new Error('this torrent is not tracked here'))
    },
  })
  tracker.on('warning', error => warnings.push(error.message))
  // Also what a single peer's broken connection brings: nothing to end a tracker for.
  tracker.on('error', error => warnings.push(error.message))
  for (const event of ['start', 'update', 'complete', 'stop'] as const) {
    tracker.on(event, (peer, { info_hash, left, downloaded, uploaded }) => {
      // The library reports announces that it refused, too.
      if (!tracked(info_hash)) return
      announces.push({ peer, event, left, downloaded: Number(downloaded), uploaded: Number(uploaded) })
    })
  }
  // Before the tracker's own listener, which is added on the next tick.
  tracker.http.on('request', setPeerAddress)
  const address = await listen(tracker.http, host, port)
  return {
    url: `http://${host}:${address.port}/announce`,
    port: address.port,
    announces,
    warnings,
    close: () => closeServer(tracker.http),
  }
}

/**
 * Says where a peer is to be reached: where it calls from. A peer on the tracker's own machine calls from the loopback,
 * which is no use to others: it alone may name another address by `ip=` (BEP 3; aria2's --bt-external-ip sends it).
 * The tracker library takes an address from the proxy's header only, so that header is ours to write.
 */
function setPeerAddress(request: IncomingMessage): void {
  const caller = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  const named = /[?&]ip=(\d+(?:\.\d+){3})(?:&|$)/.exec(request.url ?? '')?.[1]
  const fromLoopback = caller === '::1' || caller.startsWith('127.')
  request.headers['x-forwarded-for'] = (fromLoopback && named) || caller
}
