/** A node's timeline, and its last boots, as lists. */
import type { FormerBoot, TimelineEntry } from '../fleet-view.ts'
import { element, shown, symbol } from './elements.ts'
import { bytes, duration } from './figures.ts'
import { stateWord } from './fleet-model.ts'

/** The rows of a timeline: when, in which stage, what. The stage is told where it changes. */
export function timelineRows(entries: TimelineEntry[]): HTMLElement[] {
  let before = ''
  return entries.map(({ ms, stage, event, text }) => {
    const isNew = stage !== before
    before = stage
    const when = element('span', 'when', `${(ms / 1000).toFixed(1)} s`)
    const where = element('span', 'where', isNew ? shown(stage) : '')
    // What a node says speaks for itself.
    const words =
      event === 'says' || event === 'progress'
        ? shown(text)
        : shown(`${event.replace('-', ' ')} ${text}`.trimEnd())
    const row = element('li', isNew ? 'begins' : '', when, where, element('bdi', 'what', words))
    row.dataset.event = event
    return row
  })
}

const date = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

/** The rows of a node's former boots: when, how long, how it ended. */
export function formerBootRows(boots: FormerBoot[]): HTMLElement[] {
  return boots.map(({ began, seconds, state, stage, cause, fromServer, fromSwarm }) => {
    const end = element('span', 'what', symbol(state), stateWord(state))
    if (cause !== '')
      end.append(' in ', element('bdi', '', shown(stage)), ': ', element('bdi', '', shown(cause)))
    else if (fromServer + fromSwarm > 0) end.append(`, ${bytes(fromServer + fromSwarm)}`)
    const when = element('span', 'date', date.format(began))
    return element('li', '', when, element('span', 'when', duration(seconds * 1000)), end)
  })
}
