/** What nodes have reported of themselves: a line for each event that somebody waits for, and a table at the end. */
import type { BootEvent, BootEventKind } from '../stages/api/boot-event.ts'
import { countedAs } from './client-address.ts'
import { EventLines, printable } from './event-lines.ts'

/** More nodes than any site has are not kept, nor more of one address than a site behind NAT has; nor shown in a table. */
const mostNodes = { all: 20_000, ofAddress: 1024, shown: 200 }
/** Lines within ten seconds: a boot has some fifty events. */
const mostLines = { ofClient: 100, ofAll: 1000 }
/** Characters of a text that are kept and shown. */
const mostText = 200

interface Reported {
  name: string
  mac: string
  stage: string
  event: BootEventKind
  ms: number
  text: string
  cause: string
  fromServer: number
  fromSwarm: number
}

/** How a boot ends; those who look want to see first who is in trouble. */
const ends: readonly BootEventKind[] = ['gave-up', 'complete', 'handed-over']
const trouble = ({ event }: Reported): number =>
  event === 'gave-up' ? 0 : ends.includes(event) ? 1 + ends.indexOf(event) : 1

const cut = (text: string, most = mostText): string => text.slice(0, most)

export class ReportedNodes {
  readonly #lines: EventLines
  /** By the address that reports, and what it says that it is: nobody can report in the place of another address. */
  readonly #nodes = new Map<string, Reported>()
  readonly #ofAddress = new Map<string, number>()

  constructor(write: (line: string) => void) {
    this.#lines = new EventLines(write, mostLines)
  }

  took(peer: string, event: BootEvent): void {
    const { node, stage, event: kind, ms, text, cause, kibFromServer, kibFromSwarm } = event
    const name = cut(node.hostname || node.mac || peer, 64)
    const seconds = (ms / 1000).toFixed(1)
    const said = kind === 'says' || kind === 'failed' || kind === 'progress' ? text : `${kind} ${text}`
    this.#lines.achieved(peer, `${seconds} s ${cut(stage, 32)}: ${cut(said)}`, `${peer} (${name})`)
    const key = `${peer} ${cut(node.mac, 64)}`
    if (!this.#nodes.has(key) && !this.#hasRoom(peer)) return
    this.#nodes.set(key, {
      name,
      mac: cut(node.mac, 64),
      stage: cut(stage, 32),
      event: kind,
      ms,
      text: cut(text),
      cause: cut(cause),
      fromServer: kibFromServer,
      fromSwarm: kibFromSwarm,
    })
  }

  #hasRoom(peer: string): boolean {
    const address = countedAs(peer)
    const others = this.#ofAddress.get(address) ?? 0
    if (this.#nodes.size >= mostNodes.all || others >= mostNodes.ofAddress) return false
    this.#ofAddress.set(address, others + 1)
    return true
  }

  flush(): void {
    this.#lines.flush()
  }

  /** A table of them, those first that gave up, then those that are under way; nothing where nobody has reported. */
  summary(): string[] {
    if (this.#nodes.size === 0) return []
    const failed = [...this.#nodes.values()].filter(({ event }) => event === 'gave-up')
    const rows = [...this.#nodes.values()]
      .sort((a, b) => trouble(a) - trouble(b) || b.ms - a.ms)
      .slice(0, mostNodes.shown)
      .map(({ name, mac, stage, event, ms, text, cause, fromServer, fromSwarm }) => [
        name,
        mac,
        ends.includes(event) ? event : stage,
        `${(ms / 1000).toFixed(1)} s`,
        `${mebibytes(fromServer)} server, ${mebibytes(fromSwarm)} swarm`,
        event === 'gave-up' ? cause : ends.includes(event) ? '' : text,
      ])
    const left = this.#nodes.size - rows.length
    return [
      `reports     ${this.#nodes.size} of nodes, ${failed.length} gave up`,
      ...inColumns(rows),
      ...(left > 0 ? [`  and ${left} more`] : []),
    ]
  }
}

const mebibytes = (kib: number): string => `${Math.round(kib / 1024)} MiB`

function inColumns(rows: string[][]): string[] {
  const shown = rows.map(row => row.map(printable))
  const widths = (shown[0] ?? []).map((_, column) => Math.max(...shown.map(row => row[column]?.length ?? 0)))
  return shown.map(row =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  )
}
