/** What a screen reader hears without being asked: nodes that fail or fall silent, and now and then the totals. */
import { type FleetNode, nodeName } from '../fleet-view.ts'
import { byId, shown, write } from './elements.ts'
import type { FleetModel } from './fleet-model.ts'

/** The totals are heard no more often; and nothing takes another one's place sooner (ms). */
const pause = { totals: 15_000, any: 3000 }
/** So many are named; a rack that loses its power is not read out node by node. */
const mostNamed = 3

const isTrouble = ({ state }: FleetNode): boolean => state === 'failed' || state === 'silent'

/** What is said of nodes that are in trouble now. */
export function troubleText(nodes: FleetNode[]): string {
  const named = nodes
    .slice(0, mostNamed)
    .map(node => shown(`${nodeName(node)} ${node.state} in ${node.stage}: ${node.cause}`))
  const left = nodes.length - named.length
  return [...named, ...(left > 0 ? [`and ${left} more`] : [])].join('. ')
}

export class SpokenNews {
  readonly #region = byId('spoken', HTMLElement)
  /** Nodes in trouble that were there at the beginning, or were told of. */
  #told: Set<string> | undefined
  #totals = ''
  #totalsAt = Number.NEGATIVE_INFINITY
  #spokenAt = Number.NEGATIVE_INFINITY

  constructor(readonly model: FleetModel) {}

  /** Says what is new, if it is time. */
  show(totals: string, now = performance.now()): void {
    const inTrouble = [...this.model.nodes.values()].filter(isTrouble)
    this.#told ??= new Set(inTrouble.map(({ key }) => key))
    if (now - this.#spokenAt < pause.any) return
    const told = this.#told
    const news = inTrouble.filter(({ key }) => !told.has(key))
    this.#told = new Set(inTrouble.map(({ key }) => key))
    if (news.length > 0) this.#say(troubleText(news), now)
    else if (totals !== this.#totals && now - this.#totalsAt >= pause.totals) {
      this.#totals = totals
      this.#totalsAt = now
      this.#say(totals, now)
    }
  }

  #say(text: string, now: number): void {
    this.#spokenAt = now
    write(this.#region, text)
  }
}
