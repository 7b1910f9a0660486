// What is used of bittorrent-tracker 11's server, which brings no types.
declare module 'bittorrent-tracker/server' {
  import type { Server as HttpServer, ServerOptions as HttpServerOptions } from 'node:http'

  interface AnnounceParams {
    /** In lower-case hex. */
    info_hash: string
    left: number
    downloaded?: string
    uploaded?: string
  }

  interface TrackerServerOptions {
    http: boolean | HttpServerOptions
    udp: boolean
    ws: boolean
    stats: boolean
    /** Milliseconds. */
    interval: number
    /** Milliseconds after which a silent peer is forgotten. */
    peersCacheTtl: number
    /** Peers of a torrent that are remembered. */
    peersCacheLength: number
    /** Take the peer's address from X-Forwarded-For. */
    trustProxy: boolean
    filter(infoHash: string, announce: AnnounceParams, answer: (refusal: Error | null) => void): void
  }

  export default class TrackerServer {
    constructor(options: TrackerServerOptions)
    readonly http: HttpServer
    on(event: 'warning' | 'error', listener: (error: Error) => void): this
    on(
      event: 'start' | 'update' | 'complete' | 'stop',
      listener: (peer: string, announce: AnnounceParams) => void,
    ): this
  }
}
