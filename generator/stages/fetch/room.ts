/** Memory for files{@part kexec-reports , counted with what kexec will need for its copies of them}. */
import {
  exists,
  fail,
  makeDirectory,
  mount,
  namesIn,
  readFile,
  remove,
  wholeNumber,
  words,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** All that files may take of memory. */
const filesLimit = 'size=75%'
/** There while files may take less of memory than their tmpfs could. */
export const copiesMark = '/run/aria2-initrd/room-for-copies'

/**
 * Makes output_dir a tmpfs of its own, so that no file takes all memory. Only root writes to it; aria2c writes below
 * `incoming`.
 */
export function prepareOutput(folder: string): void {
  makeDirectory(folder)
  if (namesIn(folder) !== '') {
    fail(`output_dir=${folder}: not empty; name a new folder`)
  }
  mount('-t', 'tmpfs', '-o', `nosuid,nodev,mode=0755,${filesLimit}`, 'tmpfs', folder)
}

/** A line of /proc/meminfo, `MemTotal` or `MemAvailable`, in KiB (proc_meminfo(5)). */
export function memoryIn(line: string): number {
  const meminfo = readFile('/proc/meminfo')
  let previous = ''
  for (const word of words(meminfo)) {
    if (previous === `${line}:`) {
      return wholeNumber(word)
    }
    previous = word
  }
  return fail(`/proc/meminfo has no ${line}`)
}

/**
 * Leaves files a third of what is free: kexec holds an initrd twice more. Then what does not fit is known as soon as its
 * size is, not when all of it is here.
 */
export function leaveRoom(parameters: Parameters): void {
  if (parts.switchRoot && parameters.bootWay !== 'kexec') {
    return
  }
  const available = memoryIn('MemAvailable')
  const room = Math.trunc((available - 32768) / 3)
  if (room > 0) {
    mount('-o', `remount,nosuid,nodev,size=${room}k`, parameters.outputDir)
    writeFile(copiesMark, '')
  }
}

/** Lets files take all that their tmpfs has: all are here, and joining them takes some for a while. */
export function takeRoom(parameters: Parameters): void {
  if (exists(copiesMark)) {
    remove(copiesMark)
    mount('-o', `remount,nosuid,nodev,${filesLimit}`, parameters.outputDir)
  }
}
