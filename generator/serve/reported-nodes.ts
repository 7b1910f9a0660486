/** What nodes have reported of themselves: a line for each event that somebody waits for, and a table at the end. */
import type { Fleet } from '../fleet/fleet-nodes.ts'
import { trouble } from '../fleet/fleet-table.ts'
import { isEnded, nodeName } from '../fleet/fleet-view.ts'
import { inColumns } from '../host/console/columns.ts'
import type { BootEvent } from '../stages/api/boot-event.ts'
import { EventLines, printable } from './event-lines.ts'

/** Rows of the table. */
const mostRows = 200
/** Lines within ten seconds: a boot has some fifty events. */
const mostLines = { ofClient: 100, ofAll: 1000 }
/** Characters of a text that a line shows. */
const mostText = 200

const cut = (text: string, most = mostText): string => text.slice(0, most)

export class ReportedNodes {
  readonly #lines: EventLines
  readonly #fleet: Fleet

  constructor(write: (line: string) => void, fleet: Fleet) {
    this.#lines = new EventLines(write, mostLines)
    this.#fleet = fleet
  }

  took(peer: string, event: BootEvent): void {
    const { node, stage, event: kind, ms, text } = event
    const name = cut(nodeName({ ...node, address: peer }), 64)
    const seconds = (ms / 1000).toFixed(1)
    const said = kind === 'says' || kind === 'failed' || kind === 'progress' ? text : `${kind} ${text}`
    const line = kind === 'up' ? 'the next system is up' : `${seconds} s ${cut(stage, 32)}: ${cut(said)}`
    this.#lines.achieved(peer, line, `${peer} (${name})`)
    this.#fleet.reported(peer, event)
  }

  flush(): void {
    this.#lines.flush()
  }

  /** A table of them, those first that gave up, then those that are under way; nothing where nobody has reported. */
  summary(): string[] {
    const nodes = this.#fleet.nodes().filter(({ seenBy }) => seenBy.includes('report'))
    if (nodes.length === 0) return []
    const failed = nodes.filter(({ state }) => state === 'failed')
    const rows = nodes
      .sort((a, b) => trouble(a) - trouble(b) || b.seconds - a.seconds)
      .slice(0, mostRows)
      .map(node => {
        const { mac, state, stage, seconds, fromServer, fromSwarm, cause, said } = node
        return [
          nodeName(node),
          mac,
          isEnded(state) || state === 'silent' ? state : stage,
          `${seconds.toFixed(1)} s`,
          `${mebibytes(fromServer)} server, ${mebibytes(fromSwarm)} swarm`,
          state === 'failed' || state === 'silent' ? cause : isEnded(state) ? '' : said,
        ]
      })
    const left = nodes.length - rows.length
    return [
      `reports     ${nodes.length} of nodes, ${failed.length} gave up`,
      ...inColumns(rows.map(row => row.map(printable))).map(line => `  ${line}`),
      ...(left > 0 ? [`  and ${left} more`] : []),
    ]
  }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
