/** Who is told at once of what happens to nodes: the history, the metrics, the alarm, those who follow events. */
import type { BootEventKind } from '../stages/api/boot-event.ts'
import type { FleetNode } from './fleet-view.ts'
import type { ObservedNode } from './observed-node.ts'

/** Something that happened to a node: an event that it reported, or that it fell silent. */
export interface FleetEvent {
  at: number
  event: BootEventKind | 'silent'
  ms: number
  text: string
}

export interface FleetListener {
  /** After each event. */
  happened?(node: FleetNode, event: FleetEvent): void
  /** A boot has come to an end, or gave way to the next one; again when the next system calls. */
  ended?(node: FleetNode, boot: string): void
}

export class FleetListeners {
  readonly #listeners = new Set<FleetListener>()

  add(listener: FleetListener): void {
    this.#listeners.add(listener)
  }

  remove(listener: FleetListener): void {
    this.#listeners.delete(listener)
  }

  happened(node: ObservedNode, event: FleetEvent): void {
    if (this.#listeners.size === 0) return
    const view = node.view()
    for (const listener of this.#listeners) listener.happened?.(view, event)
  }

  ended(node: ObservedNode): void {
    const view = node.view()
    for (const listener of this.#listeners) listener.ended?.(view, node.boot.facts.boot)
  }
}
