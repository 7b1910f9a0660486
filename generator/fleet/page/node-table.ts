/** The table of nodes. Only rows near the window are in the document, and the one that has the focus; all are printed. */
import type { FleetNode } from '../fleet-view.ts'
import { element } from './elements.ts'
import type { FleetModel } from './fleet-model.ts'
import { NodeRow } from './node-row.ts'

/** Rows above and below the window, such that scrolling shows no gap. */
const spare = 6
/** Until one has been measured. */
const guessedHeight = 44

const moves: Record<string, (at: number, last: number) => number> = {
  ArrowDown: at => at + 1,
  ArrowUp: at => at - 1,
  PageDown: at => at + 10,
  PageUp: at => at - 10,
  Home: () => 0,
  End: (_, last) => last,
}

export class NodeTable {
  readonly #body = element('tbody')
  readonly #rows = new Map<string, NodeRow>()
  readonly #gaps: HTMLElement[] = []
  #shown: FleetNode[] = []
  /** The node whose row Tab leads to. */
  #current = ''
  #rowHeight = guessedHeight
  #isMeasured = false
  #isPrinting = false

  constructor(
    readonly table: HTMLTableElement,
    head: HTMLTableSectionElement,
    readonly model: FleetModel,
    readonly open: (key: string) => void,
  ) {
    // Where it is narrow the style sheet makes cards of rows: roles keep it a table.
    table.setAttribute('role', 'table')
    this.#body.setAttribute('role', 'rowgroup')
    table.append(head, this.#body)
    this.#body.addEventListener('keydown', event => this.#move(event))
    this.#body.addEventListener('click', event => this.#clicked(event))
    addEventListener('scroll', () => this.draw(), { passive: true })
    addEventListener('resize', () => {
      this.#isMeasured = false
      this.draw()
    })
    addEventListener('beforeprint', () => this.#print(true))
    addEventListener('afterprint', () => this.#print(false))
  }

  /** Takes the nodes to be shown, in their order. */
  show(nodes: FleetNode[]): void {
    this.#shown = nodes
    this.table.setAttribute('aria-rowcount', String(nodes.length + 1))
    this.draw()
  }

  /** Leads back to a node's row, if it is shown. */
  focus(key: string): void {
    const at = this.#shown.findIndex(node => node.key === key)
    if (at >= 0) this.#focusRow(at)
  }

  /** Brings the document's rows up to date. */
  draw(): void {
    const focused = this.#focusedKey()
    const wanted = this.#wanted()
    const keys = new Set(wanted.map(at => this.#shown[at]?.key))
    for (const [key, row] of this.#rows)
      if (!keys.has(key)) {
        row.element.remove()
        this.#rows.delete(key)
      }
    this.#place(wanted)
    this.#measure()
    // A row that was moved in the document has lost the focus.
    if (focused !== undefined && this.#focusedKey() === undefined)
      this.#rows.get(focused)?.opener.focus({ preventScroll: true })
  }

  /** Only where a height may have changed: asking for one makes the browser lay all out. */
  #measure(): void {
    const row = this.#isMeasured ? undefined : this.#rows.values().next().value
    const height = row?.element.offsetHeight ?? 0
    if (height === 0) return
    this.#isMeasured = true
    if (height === this.#rowHeight) return
    this.#rowHeight = height
    this.draw()
  }

  /** The places in the order whose rows are in the document. */
  #wanted(): number[] {
    const count = this.#shown.length
    const top = this.#body.getBoundingClientRect().top
    const begin = this.#isPrinting ? 0 : Math.max(0, Math.floor(-top / this.#rowHeight) - spare)
    const end = this.#isPrinting ? count : Math.ceil((innerHeight - top) / this.#rowHeight) + spare
    const near = this.#shown.slice(begin, Math.max(begin, end)).map((_, index) => begin + index)
    let current = this.#shown.findIndex(({ key }) => key === this.#current)
    if (current < 0) {
      current = 0
      this.#current = this.#shown[0]?.key ?? ''
    }
    if (count === 0 || near.includes(current)) return near
    return current < begin ? [current, ...near] : [...near, current]
  }

  /** Puts the rows into the body, and between them the room of those that are not there. What stands right is not touched. */
  #place(wanted: number[]): void {
    let at: ChildNode | null = this.#body.firstChild
    let next = 0
    let gaps = 0
    const put = (row: HTMLElement) => {
      if (row === at) at = at.nextSibling
      else this.#body.insertBefore(row, at)
    }
    for (const index of [...wanted, this.#shown.length]) {
      if (index > next) {
        put(this.#gap(gaps, index - next))
        gaps += 1
      }
      next = index + 1
      const node = this.#shown[index]
      if (node === undefined) continue
      const row = this.#rowOf(node)
      row.show(node, this.model, index)
      row.opener.tabIndex = node.key === this.#current ? 0 : -1
      put(row.element)
    }
    for (const gap of this.#gaps.splice(gaps)) gap.remove()
  }

  #rowOf({ key }: FleetNode): NodeRow {
    const there = this.#rows.get(key)
    if (there !== undefined) return there
    const row = new NodeRow(() => this.#opens(key))
    row.element.dataset.key = key
    this.#rows.set(key, row)
    return row
  }

  #gap(index: number, rows: number): HTMLElement {
    let gap = this.#gaps[index]
    if (gap === undefined) {
      gap = element('tr', 'gap', element('td'))
      gap.setAttribute('role', 'presentation')
      gap.setAttribute('aria-hidden', 'true')
      this.#gaps[index] = gap
    }
    gap.style.height = `${rows * this.#rowHeight}px`
    return gap
  }

  #opens(key: string): void {
    this.#current = key
    this.open(key)
  }

  #focusedKey(): string | undefined {
    const { activeElement } = document
    return [...this.#rows].find(([, { opener }]) => opener === activeElement)?.[0]
  }

  #clicked({ target }: MouseEvent): void {
    // The name is a button of its own, and who marks text wants to copy it.
    if (!(target instanceof Element) || target.closest('button') !== null || String(getSelection()) !== '')
      return
    const key = target.closest<HTMLElement>('tr[data-key]')?.dataset.key
    if (key !== undefined) this.#opens(key)
  }

  #move(event: KeyboardEvent): void {
    const move = event.altKey || event.ctrlKey || event.metaKey ? undefined : moves[event.key]
    if (move === undefined) return
    event.preventDefault()
    const last = this.#shown.length - 1
    const from = this.#shown.findIndex(({ key }) => key === this.#current)
    this.#focusRow(Math.min(last, Math.max(0, move(from, last))))
  }

  #focusRow(at: number): void {
    this.#current = this.#shown[at]?.key ?? ''
    this.draw()
    const row = this.#rows.get(this.#current)
    row?.opener.focus({ preventScroll: true })
    row?.element.scrollIntoView({ block: 'nearest' })
  }

  #print(isPrinting: boolean): void {
    this.#isPrinting = isPrinting
    this.draw()
  }
}
