/** The boot's timeline for the next system, which has a memory of its own. */
import { append, log, newcHeader, padToWords, remove, sizeOf } from '../api/machine.ts'
import { fileMode, folderMode } from './image-segments.ts'

const timelineFile = '/run/aria2-initrd/timeline'
/** What goes along: while it is measured and added, the timeline may grow. */
const timelineCopy = '/run/aria2-initrd/timeline.next'
/** A folder that no system has anything in. */
const timelineFolder = 'aria2-initrd'

/** Adds the timeline so far to the initrd, as a further segment (cpio(5), newc). */
export function addTimeline(initrd: string): void {
  if (initrd === '') {
    log('next_timeline: the next kernel has no initrd that it could be in')
    return
  }
  remove(timelineCopy)
  append(timelineFile, timelineCopy)
  const bytes = sizeOf(timelineCopy)
  padToWords(initrd)
  newcHeader(timelineFolder, folderMode, 0, initrd)
  newcHeader(`${timelineFolder}/timeline`, fileMode, bytes, initrd)
  append(timelineCopy, initrd)
  padToWords(initrd)
  newcHeader('TRAILER!!!', 0, 0, initrd)
}
