/** Search by typing, and a chip for each state. */
import type { FleetState } from '../fleet-view.ts'
import { button, byId, element, symbol, write } from './elements.ts'
import { counted, number } from './figures.ts'
import { fleetStates, stateWord } from './fleet-model.ts'
import { type Filter, wordsOf } from './node-filter.ts'

export class FilterBar {
  readonly #words = byId('words', HTMLInputElement)
  readonly #states = new Set<FleetState>()
  readonly #chips = new Map<FleetState, { chip: HTMLButtonElement; count: HTMLElement }>()

  constructor(readonly changed: () => void) {
    const chips = byId('chips', HTMLElement)
    for (const state of fleetStates) {
      const count = element('b')
      const chip = button('chip', () => this.#toggle(state), symbol(state), `${stateWord(state)} `, count)
      chip.dataset.state = state
      this.#chips.set(state, { chip, count })
      chips.append(chip)
    }
    this.#words.addEventListener('input', changed)
    byId('all', HTMLButtonElement).addEventListener('click', () => {
      this.#states.clear()
      this.search('')
      this.#words.focus()
    })
    addEventListener('keydown', event => this.#keyed(event))
    // The table's header sticks below it, whether its chips need one line or two.
    const bar = byId('filter', HTMLElement)
    const tell = () =>
      document.documentElement.style.setProperty('--filter-height', `${Math.floor(bar.offsetHeight)}px`)
    new ResizeObserver(tell).observe(bar)
    this.#mark()
  }

  get filter(): Filter {
    return { states: this.#states, words: wordsOf(this.#words.value) }
  }

  /** Puts words into the search. */
  search(words: string): void {
    this.#words.value = words
    this.#mark()
    this.changed()
  }

  /** Shows how many nodes are in each state, and how many of all the filter lets through. */
  show(counts: Record<FleetState, number>, passed: number, all: number): void {
    for (const [state, { count }] of this.#chips) write(count, number(counts[state]))
    const isAll = this.#states.size === 0 && this.#words.value.trim() === ''
    write(byId('found', HTMLOutputElement), isAll ? '' : `${number(passed)} of ${counted(all, 'node')}`)
  }

  #toggle(state: FleetState): void {
    if (!this.#states.delete(state)) this.#states.add(state)
    this.#mark()
    this.changed()
  }

  #mark(): void {
    for (const [state, { chip }] of this.#chips)
      chip.setAttribute('aria-pressed', String(this.#states.has(state)))
  }

  #keyed(event: KeyboardEvent): void {
    const isTyping = event.target instanceof HTMLInputElement
    if (event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault()
      this.#words.focus()
      this.#words.select()
    }
    if (event.key !== 'Escape' || event.target !== this.#words) return
    // Once empties it, twice leaves it.
    if (this.#words.value === '') this.#words.blur()
    else this.search('')
  }
}
