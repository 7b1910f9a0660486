/** The side panel: one node, and what it has told since its kernel started. */
import { type FleetNode, fleetPaths, type NodeDetails, nodeName } from '../fleet-view.ts'
import { button, byId, element, symbol, write, writeShown } from './elements.ts'
import { bytes, duration, timeOfDay } from './figures.ts'
import { type FleetModel, stateWord } from './fleet-model.ts'
import { formerBootRows, timelineRows } from './node-timeline.ts'

/** How often the timeline of a node that boots is asked for. */
const refreshMs = 2000

export class NodePanel {
  readonly #panel = byId('node', HTMLElement)
  readonly #title = element('h2')
  readonly #state = element('p', 'state')
  readonly #facts = element('dl', 'facts')
  readonly #timeline = element('ol', 'timeline')
  readonly #boots = element('ol', 'boots')
  readonly #former = element('section', '', element('h3', '', 'Former boots'), this.#boots)
  readonly #trouble = element('p', 'asked')
  #key = ''
  #asked = 0
  #told = ''
  /** What the node had said last when it was asked for. */
  #seen = -1

  constructor(
    readonly model: FleetModel,
    readonly closed: (key: string) => void,
  ) {
    this.#title.id = 'node-title'
    this.#title.tabIndex = -1
    const close = button('close', () => this.close(), 'Close')
    close.setAttribute('aria-keyshortcuts', 'Escape')
    const heading = element('h3', '', 'Timeline')
    const top = element('div', 'panel-top', this.#title, close)
    this.#panel.append(top, this.#state, this.#facts, heading, this.#trouble, this.#timeline, this.#former)
    addEventListener('keydown', event => {
      if (event.key === 'Escape' && !this.#panel.hidden && !(event.target instanceof HTMLInputElement))
        this.close()
    })
  }

  /** Opens a node's timeline; the focus goes to its name. */
  open(key: string): void {
    this.#key = key
    this.#seen = -1
    this.#asked = 0
    this.#timeline.replaceChildren()
    this.#former.hidden = true
    this.#panel.hidden = false
    this.#panel.scrollTop = 0
    this.show()
    this.#title.focus()
  }

  close(): void {
    this.#panel.hidden = true
    this.closed(this.#key)
  }

  /** Brings an open panel up to date. */
  show(): void {
    if (this.#panel.hidden) return
    const node = this.model.nodes.get(this.#key)
    if (node === undefined) {
      write(this.#trouble, 'This node is no longer known.')
      return
    }
    writeShown(this.#title, nodeName(node))
    this.#state.dataset.state = node.state
    this.#state.replaceChildren(symbol(node.state), stateWord(node.state))
    if (node.stage !== '' && node.stage !== node.state) this.#state.append(' in ', cited(node.stage))
    this.#state.append(` after ${duration(this.model.bootTime(node))}`)
    if (node.cause !== '') this.#state.append(element('br'), cited(node.cause))
    this.#showFacts(node)
    if (node.lastSeen !== this.#seen && Date.now() - this.#asked >= refreshMs) this.#ask(node)
  }

  #showFacts(node: FleetNode): void {
    const { fromServer, fromSwarm, rateFromServer, rateFromSwarm, usualSeconds } = node
    const facts: [string, string][] = [
      ['Address', node.address],
      ['Says it has', node.ip === node.address ? '' : node.ip],
      ['MAC', node.contested ? `${node.mac}, which another address claims, too` : node.mac],
      ['Serial', node.serial],
      ['UUID', node.uuid],
      ['Rack', node.rack],
      ['Hardware', node.hardware],
      ['Seen by', node.seenBy.join(', ')],
      ['From server', fromServer === 0 ? '' : `${bytes(fromServer)}, now ${bytes(rateFromServer)}/s`],
      ['From peers', fromSwarm === 0 ? '' : `${bytes(fromSwarm)}, now ${bytes(rateFromSwarm)}/s`],
      ['Usual boot', usualSeconds === undefined ? '' : duration(usualSeconds * 1000)],
      ['Began', timeOfDay(node.began)],
      ['Last word', `${timeOfDay(node.lastSeen)}, ${node.said}`],
    ]
    const told = facts.filter(([, value]) => value !== '')
    // Who marks a text to copy it keeps the mark where nothing has changed.
    if (this.#told === String(told)) return
    this.#told = String(told)
    this.#facts.replaceChildren(
      ...told.map(([name, value]) =>
        element('div', '', element('dt', '', name), element('dd', '', cited(value))),
      ),
    )
  }

  async #ask({ key, lastSeen }: FleetNode): Promise<void> {
    this.#asked = Date.now()
    this.#seen = lastSeen
    try {
      const response = await fetch(`${fleetPaths.node}?key=${encodeURIComponent(key)}`)
      if (!response.ok) throw new Error(`the server answers ${response.status}`)
      const { timeline, boots } = (await response.json()) as NodeDetails
      if (key !== this.#key) return
      write(this.#trouble, timeline.length === 0 ? noReports : '')
      this.#timeline.replaceChildren(...timelineRows(timeline))
      this.#former.hidden = boots.length === 0
      this.#boots.replaceChildren(...formerBootRows(boots))
    } catch (error) {
      this.#seen = -1
      write(this.#trouble, `Cannot read the timeline: ${error instanceof Error ? error.message : error}`)
    }
  }
}

const noReports = 'This node reports nothing: servers alone have seen it.'

/** A stranger's words within a sentence of ours. */
function cited(text: string): HTMLElement {
  const words = element('bdi')
  writeShown(words, text)
  return words
}
