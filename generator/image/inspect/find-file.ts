import { constants } from 'node:fs'
import { posix } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { typeOf } from '../newc/newc-reader.ts'
import { nameBytes, plainPath } from './entry-names.ts'
import { type ImagePart, type ReadEntry, unpackedEntries } from './image-reader.ts'
import { isFile } from './listing.ts'

const help = 'inspect IMAGE lists what it has'

/** As many as the kernel follows. */
const mostLinks = 40

/** A name as the shell hands it to us: what is not UTF-8 has become U+FFFD. */
const asArgument = (path: string) => nameBytes(path).toString()

/** The entry of a path, which may be written as the list shows it, or hold bytes that are not UTF-8. */
function entryNamed(entries: Map<string, ReadEntry>, wanted: string): ReadEntry | undefined {
  const exact = entries.get(wanted)
  if (exact !== undefined || !/[\\\ufffd]/.test(wanted)) return exact
  const alike = [...entries.values()].filter(
    ({ path }) => shown(path) === wanted || (wanted.includes('\ufffd') && asArgument(path) === wanted),
  )
  if (alike.length > 1) {
    throw new CommandError(
      `${alike.length} files of the image have a name like /${shown(wanted, 200)}`,
      'write the name as inspect IMAGE lists it',
    )
  }
  return alike[0]
}

/** The file of a path, found as the booted machine would: a link is followed within the image. */
export function fileNamed(parts: ImagePart[], wanted: string): ReadEntry {
  const entries = new Map(unpackedEntries(parts).map(entry => [entry.path, entry]))
  let path = plainPath(wanted)
  for (let links = 0; links < mostLinks; links++) {
    const entry = entryNamed(entries, path)
    if (entry === undefined) throw new CommandError(`the image has no /${shown(path, 200)}`, help)
    if (isFile(entry)) return entry
    if (typeOf(entry) !== constants.S_IFLNK) break
    path = plainPath(posix.resolve('/', entry.path, '..', entry.target ?? ''))
  }
  throw new CommandError(`/${shown(plainPath(wanted), 200)} in the image is no file`, help)
}
