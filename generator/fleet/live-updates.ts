/** Server-sent events for those who look on: all nodes first, then what has changed. */
import type { ServerResponse } from 'node:http'
import type { Fleet } from './fleet-nodes.ts'
import type { FleetMessage } from './fleet-view.ts'
import type { SwarmSeries } from './swarm-series.ts'

/** Milliseconds: between two messages, until an empty one shows that the line holds, and until a reader that takes nothing is left. */
const times = { message: 500, empty: 5000, patience: 30_000 }
/** More people do not look at once. */
const mostReaders = 64

interface Reader {
  response: ServerResponse
  /** What it has been told of. */
  version: number
  pointsUntil: number
  /** When something was last written, and when it last took all of it. */
  toldAt: number
  tookAt: number
}

export class LiveUpdates {
  readonly #fleet: Fleet
  readonly #series: SwarmSeries
  readonly #readers = new Set<Reader>()
  readonly #timer: NodeJS.Timeout

  constructor(fleet: Fleet, series: SwarmSeries) {
    this.#fleet = fleet
    this.#series = series
    this.#timer = setInterval(() => this.tell(), times.message).unref()
  }

  /** Lets one look on, to its end. @returns false where too many do */
  open(response: ServerResponse, now = Date.now()): boolean {
    if (this.#readers.size >= mostReaders) return false
    response.setHeader('Content-Type', 'text/event-stream')
    const reader = { response, version: 0, pointsUntil: 0, toldAt: now, tookAt: now }
    this.#readers.add(reader)
    response.on('close', () => this.#readers.delete(reader))
    response.write('retry: 2000\n\n')
    this.#send(reader, 'fleet', now)
    return true
  }

  /**
   * Tells each what has changed. One that has not taken what it was sent is not sent more: it gets all that has changed
   * once it has, or is left after half a minute.
   */
  tell(now = Date.now()): void {
    for (const reader of this.#readers) {
      const { response } = reader
      if (response.writableNeedDrain) {
        if (now - reader.tookAt > times.patience) response.destroy()
        continue
      }
      reader.tookAt = now
      const isNews = this.#fleet.version > reader.version || this.#series.since(reader.pointsUntil).length > 0
      if (isNews || now - reader.toldAt >= times.empty)
        this.#send(reader, this.#fleet.gone(reader.version) === undefined ? 'fleet' : 'changes', now)
    }
  }

  close(): void {
    clearInterval(this.#timer)
    for (const { response } of this.#readers) response.destroy()
  }

  #send(reader: Reader, kind: 'fleet' | 'changes', now: number): void {
    const since = kind === 'fleet' ? 0 : reader.version
    const points = this.#series.since(kind === 'fleet' ? 0 : reader.pointsUntil)
    const visitors = this.#fleet.visitors(kind === 'fleet' ? -1 : since)
    const message: FleetMessage = {
      nodes: this.#fleet.nodes(since),
      gone: kind === 'fleet' ? [] : (this.#fleet.gone(since) ?? []),
      points,
      ...(visitors === undefined ? {} : { visitors }),
    }
    reader.version = this.#fleet.version
    reader.pointsUntil = points.at(-1)?.at ?? reader.pointsUntil
    reader.toldAt = now
    // JSON has no line end of its own, so a message is one line.
    reader.response.write(`event: ${kind}\ndata: ${JSON.stringify(message)}\n\n`)
  }
}
