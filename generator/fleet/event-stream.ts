/** Events as JSON lines, for a site's own programs: `curl -N …/events | jq`. */
import type { ServerResponse } from 'node:http'
import type { FleetEvent, FleetListener } from './fleet-listener.ts'
import type { Fleet } from './fleet-nodes.ts'
import type { FleetNode } from './fleet-view.ts'

const mostReaders = 64
/** A reader that is so far behind is left (bytes). */
const mostBehind = 2 << 20

/** A line of it. */
export interface FleetEventLine extends FleetEvent {
  key: string
  address: string
  mac: string
  hostname: string
  rack: string
  state: string
  stage: string
  cause: string
}

export class EventStream implements FleetListener {
  readonly #fleet: Fleet
  readonly #readers = new Set<ServerResponse>()

  constructor(fleet: Fleet) {
    this.#fleet = fleet
    fleet.listen(this)
  }

  /** Lets one read along, from now on. @returns false where too many do */
  open(response: ServerResponse): boolean {
    if (this.#readers.size >= mostReaders) return false
    response.setHeader('Content-Type', 'application/x-ndjson')
    this.#readers.add(response)
    response.on('close', () => this.#readers.delete(response))
    response.flushHeaders()
    return true
  }

  happened(node: FleetNode, event: FleetEvent): void {
    if (this.#readers.size === 0) return
    const { key, address, mac, hostname, rack, state, stage, cause } = node
    const line: FleetEventLine = { ...event, key, address, mac, hostname, rack, state, stage, cause }
    const text = `${JSON.stringify(line)}\n`
    for (const reader of this.#readers) {
      if (reader.writableLength > mostBehind) reader.destroy()
      else reader.write(text)
    }
  }

  close(): void {
    this.#fleet.unlisten(this)
    for (const reader of this.#readers) reader.destroy()
  }
}
