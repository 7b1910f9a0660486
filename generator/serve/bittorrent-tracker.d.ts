// What is used of bittorrent-tracker 11's server, which brings no types.
declare module 'bittorrent-tracker/server' {
  import type { Server as HttpServer } from 'node:http'

  interface AnnounceParams {
    /** In lower-case hex. */
    info_hash: string
    left: number
    downloaded: string
    uploaded: string
  }

  interface TrackerServerOptions {
    http: boolean
    udp: boolean
    ws: boolean
    stats: boolean
    /** Milliseconds. */
    interval: number
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
