import { accessSync, constants } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import sirv from 'sirv'
import { CommandError } from '../command-error.ts'
import { PacedResponse, SharedRate } from './paced-response.ts'

/** One line of the access log. */
export interface OriginRequest {
  /** The address that asked, as the origin saw it. */
  peer: string
  method: string
  /** Path and query, as asked. */
  path: string
  /** The Range header, such as `bytes=0-1048575`. */
  range?: string
  userAgent?: string
  /** 0 until it is answered. */
  status: number
  /** Bytes given to the network for this answer, its header included. */
  sent: number
}

export interface Origin {
  /** Without a slash at its end: `http://127.0.0.1:40123`. */
  readonly url: string
  readonly port: number
  /** Grows as requests come in; an entry's `sent` is final when the answer is. */
  readonly requests: OriginRequest[]
  /** Stops at once, also in the middle of an answer. */
  close(): Promise<void>
}

export interface OriginOptions {
  folder: string
  /** Default 127.0.0.1, which a guest on QEMU's user network reaches as 10.0.2.2. */
  host?: string
  /** Default: any free one. */
  port?: number
  /** What all answers together may use. */
  bytesPerSecond?: number
}

/** Serves a folder over HTTP with ranges. Files are looked up anew for each request; directories are not listed. */
export async function startOrigin(options: OriginOptions): Promise<Origin> {
  const { folder, host = '127.0.0.1', port = 0 } = options
  const requests: OriginRequest[] = []
  const rate = options.bytesPerSecond === undefined ? undefined : new SharedRate(options.bytesPerSecond)
  const serve = sirv(folder, { dev: true, dotfiles: true, extensions: [], setHeaders: asItLies })
  const server = createServer((request, response) => {
    requests.push(accountOf(request, response))
    if (!readable(folder, request)) {
      response.statusCode = 403
      response.end()
      return
    }
    if (!soundRange(request.headers.range)) delete request.headers.range
    // sirv is content with the part of a response that PacedResponse has.
    serve(
      request,
      rate === undefined ? response : (new PacedResponse(response, rate) as unknown as ServerResponse),
    )
  })
  const address = await listen(server, host, port)
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    requests,
    close: () => closeServer(server),
  }
}

/** Listens, or says in one sentence why that cannot be. */
export async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CommandError(
          `cannot listen on ${host}:${port}: ${error.message}`,
          'choose another address or port, or stop the program that uses this one',
        ),
      ),
    )
    server.listen(port, host, resolve)
  })
  return server.address() as AddressInfo
}

/** Stops listening and hangs up on everyone. */
export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

/** sirv calls a .gz file an encoding of what is in it; here a compressed initrd is what is asked for. */
function asItLies(response: ServerResponse, path: string): void {
  if (/\.(gz|br)$/.test(path)) response.setHeader('Content-Encoding', 'identity')
}

/** sirv would end the process over a file that it finds and cannot open. */
function readable(folder: string, request: IncomingMessage): boolean {
  try {
    accessSync(join(folder, decodeURI(new URL(request.url ?? '/', 'http://origin').pathname)), constants.R_OK)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EACCES'
  }
}

/** Others may be ignored (RFC 9110, 14.2); sirv would take them for something else, or throw. */
function soundRange(range: string | undefined): boolean {
  const [, first, last] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(range ?? '') ?? []
  return first !== undefined && (last === '' || Number(first) <= Number(last))
}

function accountOf(request: IncomingMessage, response: ServerResponse): OriginRequest {
  const { socket, headers } = request
  // A connection may carry several requests.
  const before = socket.bytesWritten
  const account: OriginRequest = {
    peer: socket.remoteAddress ?? '',
    method: request.method ?? '',
    path: request.url ?? '',
    ...(headers.range === undefined ? {} : { range: headers.range }),
    ...(headers['user-agent'] === undefined ? {} : { userAgent: headers['user-agent'] }),
    status: 0,
    sent: 0,
  }
  response.on('close', () => {
    account.status = response.headersSent ? response.statusCode : 0
    account.sent = socket.bytesWritten - before
  })
  return account
}
