import { type Server, type ServerOptions, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'

/** What one client may cost. Times are in milliseconds. */
export interface HttpLimits {
  /** A request's header must be there by then, whole. */
  header: number
  /** A client that takes nothing of its answer for so long is hung up on. */
  idle: number
  /** More connections at once are hung up on. */
  connections: number
}

/** A slow node on a busy network is well within these; a client that hangs costs a connection for a minute at most. */
export const httpLimits: HttpLimits = { header: 10_000, idle: 60_000, connections: 4096 }

/** What Node wants to know when it makes the server. */
export function serverOptions({ header }: HttpLimits): ServerOptions {
  return {
    headersTimeout: header,
    requestTimeout: header * 2,
    connectionsCheckingInterval: Math.min(1000, header),
    maxHeaderSize: 16 * 1024,
  }
}

/**
 * Sets the limits that a server takes afterwards.
 *
 * @param onRefusal takes the address and the reason when a client is turned away
 */
export function limitServer(
  server: Server,
  { idle, connections }: HttpLimits,
  onRefusal: (peer: string, reason: string) => void,
): void {
  server.maxConnections = connections
  server.on('drop', drop => onRefusal(drop?.remoteAddress ?? '', `more than ${connections} connections`))
  server.timeout = idle
  // Without an answer under way the other limits hold; with one, only what waits for the client is the client's doing.
  server.on('timeout', socket => {
    if (socket.writableLength === 0) return
    onRefusal(socket.remoteAddress ?? '', `took nothing of its answer for ${idle / 1000} s`)
    socket.destroy()
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex & { remoteAddress?: string }) => {
    // A client that hangs up, in the middle of a header too, is an everyday thing.
    if (error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable) {
      socket.destroy()
      return
    }
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
    onRefusal(socket.remoteAddress ?? '', `${status} ${STATUS_CODES[status]}`)
    socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`)
    socket.destroy()
  })
}
