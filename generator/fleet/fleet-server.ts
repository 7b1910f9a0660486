/** The fleet's own port: the page, and what programs read. Nodes have no business here. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { isIPv6 } from 'node:net'
import type { HttpLimits } from '../serve/connection-book.ts'
import { httpLimits, limitServer, serverOptions } from '../serve/http-limits.ts'
import { closeServer, listen } from '../serve/origin.ts'
import type { EventStream } from './event-stream.ts'
import { type FleetAccess, refusalOf, tokenCookie } from './fleet-access.ts'
import type { FleetMetrics } from './fleet-metrics.ts'
import { fleetPaths } from './fleet-view.ts'
import type { LiveUpdates } from './live-updates.ts'
import { pageFile } from './page-files.ts'

export interface FleetServer {
  /** Of the page. */
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** What there is to see. */
export interface FleetShows {
  live: LiveUpdates
  events: EventStream
  metrics: FleetMetrics
  /** What /fleet/node answers with; undefined for a key that there is not. */
  details(key: string): object | undefined
}

export interface FleetServerOptions {
  bind: string
  /** 0 is any free one. */
  port: number
  access: FleetAccess
  shows: FleetShows
  /** Takes clients that were turned away: the address, and why. */
  onRefusal: (peer: string, reason: string) => void
}

/** People who look, and the programs of a site: some dozens. */
const limits: HttpLimits = { ...httpLimits, connections: 512, perAddress: 128 }

const headers = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
}

/** Shows the fleet over HTTP. */
export async function startFleetServer(options: FleetServerOptions): Promise<FleetServer> {
  const { bind, access } = options
  const server = createServer(serverOptions(limits), (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    const refusal = refusalOf(request, access)
    if (refusal !== undefined) answer(response, refusal.status, `${refusal.reason}\n`)
    else if (!keepToken(request, response))
      show(request, response, options).catch(error => {
        options.onRefusal('', `cannot show ${pathOf(request)}: ${error.message}`)
        response.destroy()
      })
  })
  limitServer(server, limits, options.onRefusal)
  const { port } = await listen(server, bind, options.port)
  return {
    url: `http://${isIPv6(bind) ? `[${bind}]` : bind}:${port}${fleetPaths.page}`,
    port,
    close: () => closeServer(server),
  }
}

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?')[0] ?? ''
const queryOf = ({ url = '' }: IncomingMessage) => new URLSearchParams(url.split('?')[1] ?? '')

async function show(
  request: IncomingMessage,
  response: ServerResponse,
  { shows }: FleetServerOptions,
): Promise<void> {
  const path = pathOf(request)
  const isFollowing = path === fleetPaths.live || path === fleetPaths.events
  if (isFollowing && request.method === 'HEAD') answer(response, 200, '')
  else if (isFollowing) {
    const isOpen = (path === fleetPaths.live ? shows.live : shows.events).open(response)
    if (!isOpen) answer(response, 503, 'too many look on\n')
  } else if (path === fleetPaths.metrics)
    answer(response, 200, shows.metrics.text(), 'text/plain; version=0.0.4; charset=utf-8')
  else if (path === fleetPaths.node) {
    const details = shows.details(queryOf(request).get('key') ?? '')
    if (details === undefined) answer(response, 404, 'no such node\n')
    else answer(response, 200, JSON.stringify(details), 'application/json')
  } else if (path === '/') answer(response.setHeader('Location', fleetPaths.page), 302, '')
  else {
    const file = await pageFile(path)
    if (file === undefined) answer(response, 404, 'no such page\n')
    else answer(response, 200, file.content, file.type)
  }
}

/** Of the page's address the token goes into a cookie: no history and no screen shows it. */
function keepToken(request: IncomingMessage, response: ServerResponse): boolean {
  const token = queryOf(request).get('token')
  if (token === null || pathOf(request) !== fleetPaths.page) return false
  response.setHeader(
    'Set-Cookie',
    `${tokenCookie}=${encodeURIComponent(token)}; Path=/; HttpOnly; SameSite=Strict`,
  )
  answer(response.setHeader('Location', fleetPaths.page), 303, '')
  return true
}

function answer(
  response: ServerResponse,
  status: number,
  content: string | Buffer,
  type = 'text/plain; charset=utf-8',
): void {
  response.statusCode = status
  if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer')
  if (status === 405) response.setHeader('Allow', 'GET, HEAD')
  response.setHeader('Content-Type', type)
  response.setHeader('Content-Length', Buffer.byteLength(content))
  // Node leaves the content out where HEAD asks.
  response.end(content)
}
