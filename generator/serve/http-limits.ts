import { readFileSync } from 'node:fs'
import { type Server, type ServerOptions, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { ConnectionBook, type HttpLimits } from './connection-book.ts'

/** Connections of each server: ten thousand nodes that are switched on together, and some. */
const wantedConnections = 16_384

/**
 * A connection may have a file open beside its socket, and the tracker has as many connections as the origin: where the system
 * allows fewer open files (`Max open files` in proc_pid_limits(5)), a third of them.
 */
function allowedConnections(): number {
  try {
    const [, openFiles] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return Math.min(wantedConnections, Math.floor(Number(openFiles ?? Number.POSITIVE_INFINITY) / 3))
  } catch {
    return wantedConnections
  }
}

/** A slow node on a busy network is well within these; a client that hangs costs a connection for a minute at most. */
export const httpLimits: HttpLimits = {
  header: 10_000,
  keepAlive: 5000,
  idle: 60_000,
  connections: allowedConnections(),
  perAddress: 1024,
}

/** What Node wants to know when it makes the server. */
export function serverOptions({ header, keepAlive }: HttpLimits): ServerOptions {
  return {
    headersTimeout: header,
    requestTimeout: header * 2,
    keepAliveTimeout: keepAlive,
    connectionsCheckingInterval: Math.min(1000, header),
    maxHeaderSize: 16 * 1024,
    // A node that lost its link sends no farewell. The system asks after so long and then each second (libuv), ten times.
    keepAlive: true,
    keepAliveInitialDelay: 5000,
  }
}

/**
 * Sets the limits that a server takes afterwards.
 *
 * @param onRefusal takes the address and the reason when a client is turned away
 */
export function limitServer(
  server: Server,
  limits: HttpLimits,
  onRefusal: (peer: string, reason: string) => void,
): void {
  const book = new ConnectionBook(limits, onRefusal)
  server.on('connection', socket => book.enter(socket))
  server.on('request', (request, response) => book.asked(request.socket, response))
  const sweep = setInterval(() => book.sweep(), Math.min(1000, limits.idle / 4)).unref()
  server.on('close', () => clearInterval(sweep))
  // Too many open files, a peer that is gone before it is welcomed: nothing to end a server for.
  server.once('listening', () => server.on('error', error => onRefusal('', error.message)))
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
