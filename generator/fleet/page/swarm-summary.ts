/** The swarm as a whole: figures, the slowest nodes, the racks. */
import { type FleetNode, nodeName, type SwarmPoint } from '../fleet-view.ts'
import { button, byId, element, shown, write } from './elements.ts'
import { bytes, duration, middle, percentOf } from './figures.ts'
import { compareNames, type FleetModel, isDone } from './fleet-model.ts'

const mostSlowest = 5
/** More are not listed; the search finds their nodes. */
const mostRacks = 300

/** How many nodes of a rack there are, are done, and failed or are silent. */
interface Rack {
  all: number
  done: number
  trouble: number
}

/** Bytes that one node gets: the middle of those that have all; undefined before one has. */
export const copyBytes = (nodes: Iterable<FleetNode>): number | undefined =>
  middle(
    [...nodes]
      .filter(({ state, percent }) => isDone(state) || percent === 100)
      .map(({ fromServer, fromSwarm }) => fromServer + fromSwarm)
      .filter(total => total > 0),
  )

/** Brings a list's items up to date, and as many as there are. */
function fill<Item extends HTMLElement>(list: HTMLElement, count: number, make: () => Item): Item[] {
  while (list.childElementCount > count) list.lastElementChild?.remove()
  while (list.childElementCount < count) list.append(make())
  return [...list.children] as Item[]
}

/** An item that is a button with words and a figure; what it does is of the moment. */
class PressedItem {
  readonly element = element('li')
  readonly words = element('span', 'words')
  readonly figure = element('span', 'figure')
  press = (): void => {}

  constructor() {
    this.element.append(button('item', () => this.press(), this.words, this.figure))
  }
}

class PressedList {
  readonly #items: PressedItem[] = []

  constructor(readonly list: HTMLElement) {}

  show(entries: { words: string; figure: string; isTrouble: boolean; press: () => void }[]): void {
    fill(this.list, entries.length, () => {
      const item = new PressedItem()
      this.#items.push(item)
      return item.element
    })
    this.#items.length = entries.length
    for (const [index, { words, figure, isTrouble, press }] of entries.entries()) {
      const item = this.#items[index]
      if (item === undefined) continue
      write(item.words, shown(words))
      write(item.figure, figure)
      item.element.classList.toggle('trouble', isTrouble)
      item.press = press
    }
  }
}

export class SwarmSummary {
  readonly #figures = byId('figures', HTMLElement)
  readonly #slowest = new PressedList(byId('slowest', HTMLElement))
  readonly #racks = new PressedList(byId('racks', HTMLElement))

  constructor(
    readonly model: FleetModel,
    readonly open: (key: string) => void,
    readonly showRack: (rack: string) => void,
  ) {}

  show(copy: number | undefined): void {
    const nodes = [...this.model.nodes.values()]
    this.#showFigures(nodes, this.model.points.at(-1), copy)
    this.#showSlowest(nodes)
    this.#showRacks(nodes)
  }

  #showFigures(nodes: FleetNode[], last: SwarmPoint | undefined, copy: number | undefined): void {
    const done = nodes.filter(({ state }) => isDone(state))
    const typical = middle(done.map(({ seconds }) => seconds))
    const { serverBytes = 0 } = last ?? {}
    const received = nodes.reduce((sum, node) => sum + node.fromServer + node.fromSwarm, 0)
    const copies = copy === undefined ? '' : `${(serverBytes / copy).toFixed(1)} copies, `
    const rate = nodes.reduce((sum, node) => sum + node.rateFromServer + node.rateFromSwarm, 0)
    const figures = [
      ['Done', `${percentOf(done.length, nodes.length)} %`],
      ['Typical boot', typical === undefined ? '–' : duration(typical * 1000)],
      ['Server sent', `${copies}${bytes(serverBytes)}`],
      ['From peers', `${percentOf(Math.max(0, received - serverBytes), received)} %`],
      ['Now', `${bytes(rate)}/s`],
    ] as const
    const pairs = fill(this.#figures, figures.length, () => element('div', '', element('dt'), element('dd')))
    for (const [index, [name, value]] of figures.entries()) {
      const { firstChild, lastChild } = pairs[index] ?? this.#figures
      if (firstChild !== null) write(firstChild, name)
      if (lastChild !== null) write(lastChild, value)
    }
  }

  #showSlowest(nodes: FleetNode[]): void {
    const slowest = nodes
      .filter(({ state }) => state !== 'failed' && state !== 'silent')
      .map(node => ({ node, time: this.model.bootTime(node) }))
      .sort((a, b) => b.time - a.time)
      .slice(0, mostSlowest)
    this.#slowest.show(
      slowest.map(({ node, time }) => ({
        words: nodeName(node),
        figure: duration(time),
        isTrouble: false,
        press: () => this.open(node.key),
      })),
    )
  }

  #showRacks(nodes: FleetNode[]): void {
    const racks = new Map<string, Rack>()
    for (const { rack, state } of nodes) {
      if (rack === '') continue
      const sums = racks.get(rack) ?? { all: 0, done: 0, trouble: 0 }
      sums.all += 1
      if (isDone(state)) sums.done += 1
      if (state === 'failed' || state === 'silent') sums.trouble += 1
      racks.set(rack, sums)
    }
    this.#racks.list.parentElement?.toggleAttribute('hidden', racks.size === 0)
    this.#racks.show(
      [...racks]
        .sort(([a], [b]) => compareNames(a, b))
        .slice(0, mostRacks)
        .map(([rack, { all, done, trouble }]) => ({
          words: rack,
          figure: `${done}/${all}${trouble === 0 ? '' : `, ${trouble} in trouble`}`,
          isTrouble: trouble > 0,
          press: () => this.showRack(rack),
        })),
    )
  }
}
