/** The fleet as another machine's terminal or script sees it: over HTTP, from the port that `serve` shows it on. */
import type { ReadableStream } from 'node:stream/web'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../host/console/command-error.ts'
import { type FileVisitor, type FleetMessage, type FleetNode, fleetPaths } from './fleet-view.ts'

export interface FleetSource {
  /** Where serve shows it: `http://127.0.0.1:8001`. */
  url: string
  token?: string
}

/** How it stands after a message. */
export interface FleetPicture {
  /** By key. */
  nodes: ReadonlyMap<string, FleetNode>
  /** What has come with this message. */
  news: FleetNode[]
  /** Those who fetch files and are no nodes, the last one first. */
  visitors: readonly FileVisitor[]
  /** The server's clock, at the beginning of this connection (Unix time in ms). */
  serverTime: number
}

/** Bytes of one message that are taken: 20,000 nodes with all that they may say. */
const mostBytes = 256 << 20

/**
 * Follows a fleet: a picture for each message. A connection that breaks is made anew, each second.
 *
 * @throws CommandError where nobody answers at the beginning, or who does will not tell
 */
export async function* followFleet(source: FleetSource, signal: AbortSignal): AsyncGenerator<FleetPicture> {
  let hasAnswered = false
  while (!signal.aborted) {
    try {
      for await (const picture of onePass(source, signal)) {
        hasAnswered = true
        yield picture
      }
    } catch (error) {
      if (signal.aborted) return
      if (!hasAnswered || error instanceof CommandError) throw asCommandError(error, source.url)
    }
    await sleep(1000, undefined, { signal }).catch(() => {})
  }
}

async function* onePass({ url, token }: FleetSource, signal: AbortSignal): AsyncGenerator<FleetPicture> {
  const response = await fetch(new URL(fleetPaths.live, url), {
    signal,
    ...(token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } }),
  })
  if (!response.ok || response.body === null) throw await refused(response, url)
  const serverTime = Date.parse(response.headers.get('date') ?? '') || Date.now()
  const nodes = new Map<string, FleetNode>()
  let visitors: FileVisitor[] = []
  for await (const { kind, message } of messages(response.body as ReadableStream<Uint8Array>)) {
    if (kind === 'fleet') nodes.clear()
    for (const key of message.gone) nodes.delete(key)
    for (const node of message.nodes) nodes.set(node.key, node)
    visitors = message.visitors ?? visitors
    yield { nodes, news: message.nodes, visitors, serverTime }
  }
}

/** Server-sent events (HTML, 9.2.6), as far as ours go: `event:` and one line of `data:`. */
async function* messages(body: ReadableStream<Uint8Array>) {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body) {
    const piece = decoder.decode(bytes, { stream: true })
    text += piece
    if (text.length > mostBytes) throw new Error('a message without end')
    // Within a message there is no line end: a long one is not searched again with each piece.
    if (!piece.includes('\n')) continue
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    for (const block of blocks) {
      const [, kind, data] = /^event: (\w+)\ndata: ([^\n]*)$/.exec(block) ?? []
      if (data !== undefined) yield { kind, message: JSON.parse(data) as FleetMessage }
    }
  }
}

async function refused(response: Response, url: string): Promise<CommandError> {
  const said = (await response.text()).slice(0, 200).trim()
  if (response.status === 401)
    return new CommandError(`${url} wants a token`, 'add --token FILE, the one that serve --fleet-token has')
  return new CommandError(
    `${url} does not show a fleet: ${response.status} ${said}`,
    "serve prints the fleet's address when it starts; it is not the one of the files",
  )
}

function asCommandError(error: unknown, url: string): CommandError {
  if (error instanceof CommandError) return error
  const { cause, message } = error as Error
  const reason =
    cause instanceof Error ? cause.message || ((cause as NodeJS.ErrnoException).code ?? '') : message
  return new CommandError(
    `cannot reach the fleet at ${url}: ${reason}`,
    'start serve there, or give the address that it prints: --url http://HOST:8001',
  )
}
