/** What aria2c has compared itself: files that came by a Metalink, with the digests that it gives. */
import { afterLast, before, fileHasLine, remove, withoutPrefix } from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'

/**
 * Here aria2c writes a list for each folder that it fetches into: the files all of which it compared with SHA-256 or better, one a
 * line. In a folder of its own, where it may write.
 */
export const provenFolder = '/run/aria2-initrd/proven'

/** The list for a folder. */
export function provenList(folder: string): string {
  return `${provenFolder}/${afterLast(folder, '/')}`
}

/** What was proven of a former try proves nothing of the next. */
export function forgetProven(folder: string): void {
  remove(provenList(folder))
}

/** Whether a Metalink's digest proves a file, by the path that it had when it came. */
export function provenByMetalink(file: string, parameters: Parameters): boolean {
  const path = withoutPrefix(file, `${parameters.outputDir}/`)
  const folder = before(path, '/')
  const list = provenList(folder)
  return fileHasLine(list, `${parameters.outputDir}/incoming/${path}`)
}
