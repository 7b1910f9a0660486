import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { CommandError } from '../host/console/command-error.ts'
import type { BootEvent } from '../stages/api/boot-event.ts'
import { AnswersInTurn } from './answers-in-turn.ts'
import { clientAddress } from './client-address.ts'
import type { HttpLimits } from './connection-book.ts'
import { answerFromFolder } from './file-answer.ts'
import { httpLimits, limitServer, serverOptions } from './http-limits.ts'
import { isReport, takeReport } from './report-answer.ts'
import { SharedRate } from './shared-rate.ts'

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
  /** All of the answer was given to the network. */
  whole: boolean
  /** Why it was refused, or broken off by the origin. */
  trouble?: string
}

export interface Origin {
  /** Without a slash at its end: `http://127.0.0.1:40123`. */
  readonly url: string
  readonly port: number
  /** Grows as requests come in, unless `onAnswer` is given; an entry's `sent` is final when the answer is. */
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
  /** Takes each request when its answer is over, instead of `requests`: for one that runs for weeks. */
  onAnswer?: (request: OriginRequest) => void
  /** Takes clients that were turned away before they asked for anything: the address, and why. */
  onRefusal?: (peer: string, reason: string) => void
  /** Takes what nodes report of themselves; without it a report is refused as any other POST. */
  onReport?: (peer: string, event: BootEvent) => void
  /** Default `httpLimits`. */
  limits?: HttpLimits
}

/** Serves a folder over HTTP with ranges. Files are looked up anew for each request; directories are not listed. */
export async function startOrigin(options: OriginOptions): Promise<Origin> {
  const { folder, host = '127.0.0.1', port = 0, limits = httpLimits, onAnswer, onReport } = options
  const requests: OriginRequest[] = []
  const rate = options.bytesPerSecond === undefined ? undefined : new SharedRate(options.bytesPerSecond)
  const inTurn = new AnswersInTurn()
  const onRefusal = options.onRefusal ?? (() => {})
  const server = createServer(serverOptions(limits), (request, response) => {
    const { socket } = request
    if (socket.destroyed) return
    const account = accountOf(request)
    const accepted = inTurn.add(socket, async () => {
      // Answers that wait for their turn do not learn that the client has left.
      if (response.destroyed || socket.destroyed) return
      const over = new Promise(resolve => response.once('close', resolve))
      const before = socket.bytesWritten
      response.on('close', () => {
        account.status = response.headersSent ? response.statusCode : 0
        account.sent = socket.bytesWritten - before
        account.whole = response.writableFinished
      })
      try {
        const trouble =
          onReport !== undefined && isReport(request)
            ? await takeReport(request, response, event => onReport(account.peer, event))
            : await answerFromFolder(folder, request, response, rate)
        if (trouble !== undefined) account.trouble = trouble
      } catch (error) {
        account.trouble = (error as Error).message
        response.destroy()
      }
      await over
      onAnswer?.(account)
    })
    if (!accepted) {
      onRefusal(account.peer, 'asks for too much at once')
      socket.destroy()
    } else if (onAnswer === undefined) requests.push(account)
  })
  limitServer(server, limits, onRefusal)
  const address = await listen(server, host, port)
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    requests,
    close: () => closeServer(server),
  }
}

/**
 * Connections that wait to be accepted. Of nodes that are switched on together those that find no place ask again after 1, 3 and
 * 7 s (TCP). The system has a bound of its own (net.core.somaxconn, 4,096).
 */
const waitingConnections = 16_384

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
    server.listen({ port, host, backlog: waitingConnections }, resolve)
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

function accountOf({ socket, headers, method, url }: IncomingMessage): OriginRequest {
  return {
    peer: clientAddress(socket),
    method: method ?? '',
    path: url ?? '',
    ...(headers.range === undefined ? {} : { range: headers.range }),
    ...(headers['user-agent'] === undefined ? {} : { userAgent: headers['user-agent'] }),
    status: 0,
    sent: 0,
    whole: false,
  }
}
