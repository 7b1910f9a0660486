import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { clientAddress, countedAs } from './client-address.ts'

/** What one client may cost. Times are in milliseconds. */
export interface HttpLimits {
  /** A request's header must be there by then, whole. */
  header: number
  /** Between an answer and the next request. */
  keepAlive: number
  /** A client that takes nothing of its answer for so long, or next to nothing, is hung up on. */
  idle: number
  /** More connections at once are hung up on. */
  connections: number
  /** Of these, so many may be of one address: a site behind NAT is one. */
  perAddress: number
}

interface Entry {
  socket: Socket
  /** What limits count it to. */
  client: string
  /** Answers that are not over. */
  answers: number
  /** Answers that are. */
  answered: number
  /** When it last did what is expected of it (`performance.now()`). */
  since: number
  /** Bytes that had been given to the network then. */
  written: number
}

/** The connections of a server, by client: who may have another one, and who has waited for long enough. */
export class ConnectionBook {
  readonly #limits: HttpLimits
  readonly #onRefusal: (peer: string, reason: string) => void
  readonly #entries = new Map<Socket, Entry>()
  readonly #clients = new Map<string, Set<Entry>>()

  constructor(limits: HttpLimits, onRefusal: (peer: string, reason: string) => void) {
    this.#limits = limits
    this.#onRefusal = onRefusal
  }

  enter(socket: Socket): void {
    const client = countedAs(clientAddress(socket))
    if (!this.#hasRoom(client)) {
      socket.destroy()
      return
    }
    const entry = { socket, client, answers: 0, answered: 0, since: performance.now(), written: 0 }
    this.#entries.set(socket, entry)
    const own = this.#clients.get(client) ?? new Set()
    this.#clients.set(client, own.add(entry))
    socket.once('close', () => this.#leave(entry))
  }

  /** A request is there, and its answer begins. */
  asked(socket: Socket, response: ServerResponse): void {
    const entry = this.#entries.get(socket)
    if (entry === undefined) return
    if (entry.answers === 0) entry.since = performance.now()
    entry.answers += 1
    response.once('close', () => {
      entry.answers -= 1
      entry.answered += 1
      entry.since = performance.now()
    })
  }

  /** Hangs up on those who have waited, or kept us waiting, for too long. */
  sweep(now = performance.now()): void {
    const { header, keepAlive, idle } = this.#limits
    for (const entry of this.#entries.values()) {
      const { socket, answers } = entry
      if (answers === 0) {
        // Node's own limits know no client that sends an empty line now and then.
        if (now - entry.since > header + keepAlive) socket.destroy()
        continue
      }
      // Only what waits for the client is the client's doing; the next piece is not read before it has taken this one.
      if (socket.writableLength === 0 || socket.bytesWritten !== entry.written) {
        entry.written = socket.bytesWritten
        entry.since = now
      } else if (now - entry.since >= idle) {
        this.#onRefusal(
          clientAddress(socket),
          `took nothing of its answer for ${idle / 1000} s, or next to nothing`,
        )
        socket.destroy()
      }
    }
  }

  #hasRoom(client: string): boolean {
    const { connections, perAddress } = this.#limits
    const own = this.#clients.get(client)
    if (own !== undefined && own.size >= perAddress) {
      // One that has had its answer is not missed.
      if (this.#hangUp(longestIdle(own))) return true
      this.#onRefusal(client, `more than ${perAddress} connections of one address`)
      return false
    }
    if (this.#entries.size < connections) return true
    const [largest, most] = this.#largest()
    if (this.#hangUp(longestIdle(most))) return true
    // Who has many makes room for one who has few.
    if (most.size > 2 * (own?.size ?? 0) + 1 && this.#hangUp([...most].at(-1))) {
      this.#onRefusal(largest, `more than ${connections} connections, most of them of this address`)
      return true
    }
    this.#onRefusal(client, `more than ${connections} connections`)
    return false
  }

  #largest(): [client: string, entries: Set<Entry>] {
    let largest: [string, Set<Entry>] = ['', new Set()]
    for (const each of this.#clients) if (each[1].size > largest[1].size) largest = each
    return largest
  }

  #hangUp(entry: Entry | undefined): boolean {
    if (entry === undefined) return false
    entry.socket.destroy()
    this.#leave(entry)
    return true
  }

  #leave(entry: Entry): void {
    if (!this.#entries.delete(entry.socket)) return
    const own = this.#clients.get(entry.client)
    own?.delete(entry)
    if (own?.size === 0) this.#clients.delete(entry.client)
  }
}

/** Of those that had an answer and ask for nothing, the one that has done so for the longest time. */
function longestIdle(entries: Set<Entry>): Entry | undefined {
  let found: Entry | undefined
  for (const entry of entries)
    if (entry.answers === 0 && entry.answered > 0 && (found === undefined || entry.since < found.since))
      found = entry
  return found
}
