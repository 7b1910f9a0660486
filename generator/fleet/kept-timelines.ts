/** What is kept of timelines: the last events of each boot, and fewer where all boots together have many. */
import type { TimelineEntry } from './fleet-view.ts'

/** Events of a boot, the last ones; when all boots together have so many, each has few. */
const most = { ofBoot: 100, all: 200_000, ofBootThen: 10 }

export class KeptTimelines {
  #entries = 0

  /** Adds an event. Of progress the last line tells all. */
  add(timeline: TimelineEntry[], entry: TimelineEntry): void {
    if (entry.event === 'progress' && timeline.at(-1)?.event === 'progress') {
      timeline[timeline.length - 1] = entry
      return
    }
    timeline.push(entry)
    this.#entries += 1
    if (timeline.length <= (this.#entries > most.all ? most.ofBootThen : most.ofBoot)) return
    timeline.shift()
    this.#entries -= 1
  }

  /** One that was there before. */
  took(timeline: readonly TimelineEntry[]): void {
    this.#entries += timeline.length
  }

  /** One that nobody has any more. */
  dropped(timeline: readonly TimelineEntry[]): void {
    this.#entries -= timeline.length
  }
}
