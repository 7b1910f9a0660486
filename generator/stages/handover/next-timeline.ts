/** The boot's timeline for the next system, which has a memory of its own. */
import { append, log, remove, sizeOf } from '../api/machine.ts'
import { addSegment } from './image-segments.ts'

const timelineFile = '/run/aria2-initrd/timeline'
/** What goes along: while it is measured and added, the timeline may grow. */
const timelineCopy = '/run/aria2-initrd/timeline.next'
/** In a folder that no system has anything in. */
const timelineInside = 'aria2-initrd/timeline'

/** Adds the timeline so far to the initrd. */
export function addTimeline(initrd: string): void {
  if (initrd === '') {
    log('next_timeline: the next kernel has no initrd to put it in')
    return
  }
  remove(timelineCopy)
  append(timelineFile, timelineCopy)
  const bytes = sizeOf(timelineCopy)
  addSegment(timelineCopy, bytes, timelineInside, initrd)
}
