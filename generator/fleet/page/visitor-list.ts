/** Below the table: those who fetch files and are no nodes. */
import { byId, element, shown, write } from './elements.ts'
import { counted, timeOfDay } from './figures.ts'
import type { FleetModel } from './fleet-model.ts'

export class VisitorList {
  readonly #details = byId('visitors', HTMLDetailsElement)
  readonly #summary = byId('visitors-summary', HTMLElement)
  readonly #list = byId('visitors-list', HTMLElement)
  #told: FleetModel['visitors'] = []

  constructor(readonly model: FleetModel) {}

  show(): void {
    const { visitors } = this.model
    if (visitors === this.#told) return
    this.#told = visitors
    this.#details.hidden = visitors.length === 0
    write(this.#summary, `${counted(visitors.length, 'other')} fetched files`)
    this.#list.replaceChildren(
      ...visitors.map(({ address, program, path, at }) =>
        element(
          'li',
          '',
          element('span', 'when', timeOfDay(at)),
          ...[address, program, path].map(text => element('bdi', '', shown(text))),
        ),
      ),
    )
  }
}
