/** One node's row in the table. */
import { type FleetNode, nodeName } from '../fleet-view.ts'
import { button, element, symbol, write, writeShown } from './elements.ts'
import { bytes, duration } from './figures.ts'
import { type FleetModel, stateWord } from './fleet-model.ts'
import { type Column, columns } from './node-order.ts'

/** Times of its usual one that a boot takes before it is called slow. */
const slow = 1.25

/** Two lines, one below the other; the second is less. */
class TwoLines {
  readonly first = element('span', 'line')
  readonly second = element('span', 'line less')

  constructor(cell: HTMLElement) {
    cell.append(this.first, this.second)
  }
}

export class NodeRow {
  readonly element = element('tr')
  /** Opens the node's timeline; the one of the row that Tab leads to. */
  readonly opener: HTMLButtonElement
  readonly #cells = Object.fromEntries(
    columns.map(({ key }) => {
      const cell = element(key === 'node' ? 'th' : 'td', key)
      cell.setAttribute('role', key === 'node' ? 'rowheader' : 'cell')
      return [key, cell]
    }),
  ) as Record<Column, HTMLTableCellElement>
  readonly #address: HTMLElement
  readonly #contested = element('span', 'contested', 'contested')
  readonly #stateSymbol = element('span', 'line')
  readonly #stage = element('span', 'line less')
  readonly #bar = element('span', 'bar', element('span'))
  readonly #percent = element('span', 'percent')
  readonly #amount = element('span', 'line less')
  readonly #rate: TwoLines
  readonly #boot: TwoLines
  readonly #hardware: TwoLines
  readonly #inStage = element('span', 'line')
  readonly #cause = element('span', 'two-lines')
  #state = ''

  constructor(open: () => void) {
    this.element.setAttribute('role', 'row')
    const cells = this.#cells
    this.opener = button('name', open)
    this.#address = element('span', 'line less')
    this.#contested.title = 'Another address says that it has the same hardware address'
    cells.node.scope = 'row'
    cells.node.append(element('span', 'line', this.opener, this.#contested), this.#address)
    cells.state.append(this.#stateSymbol, this.#stage)
    this.#bar.setAttribute('aria-hidden', 'true')
    cells.downloaded.append(element('span', 'line', this.#bar, this.#percent), this.#amount)
    this.#rate = new TwoLines(cells.rate)
    this.#boot = new TwoLines(cells.boot)
    this.#hardware = new TwoLines(cells.hardware)
    cells['in-stage'].append(this.#inStage)
    cells.cause.append(this.#cause)
    this.element.append(...columns.map(({ key }) => cells[key]))
  }

  /** Shows what is known of the node; `position` is its place among all that are shown. */
  show(node: FleetNode, model: FleetModel, position: number): void {
    // The header is the first row.
    if (this.element.ariaRowIndex !== String(position + 2)) this.element.ariaRowIndex = String(position + 2)
    writeShown(this.opener, nodeName(node))
    writeShown(this.#address, [node.address, node.mac].filter(Boolean).join(' '))
    this.#contested.hidden = !node.contested
    writeShown(this.#cells.rack, node.rack)
    this.#showState(node)
    this.#showDownload(node)
    const stageTime = model.stageTime(node)
    write(this.#inStage, stageTime === undefined ? '' : duration(stageTime))
    this.#showBoot(node, model.bootTime(node))
    const isTrouble = node.cause !== ''
    writeShown(this.#cause, isTrouble ? node.cause : node.said)
    this.#cause.classList.toggle('said', !isTrouble)
    writeShown(this.#hardware.first, node.serial)
    writeShown(this.#hardware.second, node.hardware)
  }

  #showState({ state, stage }: FleetNode): void {
    // Where the next system runs, the last stage says nothing.
    writeShown(this.#stage, state === 'up' ? '' : stage)
    if (state === this.#state) return
    this.#state = state
    this.element.dataset.state = state
    this.#stateSymbol.replaceChildren(symbol(state), stateWord(state))
  }

  #showBoot({ state, usualSeconds }: FleetNode, time: number): void {
    write(this.#boot.first, duration(time))
    const usual = (usualSeconds ?? 0) * 1000
    const isSlow = usual > 0 && state !== 'failed' && time > slow * usual
    this.#boot.second.classList.toggle('over', isSlow)
    const compared = isSlow ? `${duration(time - usual)} slower` : `usual ${duration(usual)}`
    write(this.#boot.second, usual === 0 ? '' : compared)
  }

  #showDownload({ percent, fromServer, fromSwarm, rateFromServer, rateFromSwarm }: FleetNode): void {
    this.#bar.hidden = percent === undefined
    const filled = this.#bar.firstElementChild as HTMLElement
    filled.style.transform = `scaleX(${Math.min(100, percent ?? 0) / 100})`
    write(this.#percent, percent === undefined ? '' : `${Math.floor(percent)} %`)
    const amount = fromServer + fromSwarm
    write(this.#amount, amount === 0 ? '' : bytes(amount))
    write(this.#rate.first, rateFromSwarm > 0 ? `${bytes(rateFromSwarm)}/s peers` : '')
    write(this.#rate.second, rateFromServer > 0 ? `${bytes(rateFromServer)}/s server` : '')
  }
}
