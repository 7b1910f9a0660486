/** A node's timeline, and its last boots, as lists. */
import type { TimelineEntry } from '../fleet-view.ts'
import { element, shown } from './elements.ts'

/** The rows of a timeline: when, in which stage, what. The stage is told where it changes. */
export function timelineRows(entries: TimelineEntry[]): HTMLElement[] {
  let before = ''
  return entries.map(({ ms, stage, event, text }) => {
    const isNew = stage !== before
    before = stage
    const when = element('span', 'when', `${(ms / 1000).toFixed(1)} s`)
    const where = element('span', 'where', isNew ? shown(stage) : '')
    // What a node says speaks for itself.
    const words = event === 'says' || event === 'progress' ? shown(text) : shown(`${event} ${text}`.trimEnd())
    const row = element('li', isNew ? 'begins' : '', when, where, element('bdi', 'what', words))
    row.dataset.event = event
    return row
  })
}
