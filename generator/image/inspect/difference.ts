import { shown } from '../../host/console/foreign-text.ts'
import { typeOf } from '../newc/newc-reader.ts'
import { sortedByPath } from './entry-names.ts'
import { type ImagePart, type ReadEntry, unpackedEntries } from './image-reader.ts'
import { isFile, modeText } from './listing.ts'

/** Whether two entries of one type hold the same bytes, or point to the same. */
const sameContent = (a: ReadEntry, b: ReadEntry) =>
  a.target === b.target && a.file.size === b.file.size && a.file.sha256 === b.file.sha256

/** In what two entries of one path differ, in words; empty when in nothing that the booted machine would see. */
function changes(a: ReadEntry, b: ReadEntry): string[] {
  const sizes = a.file.size === b.file.size ? 'content' : `${a.file.size} -> ${b.file.size} bytes`
  const comparable = typeOf(a) === typeOf(b) && (isFile(a) || a.target !== undefined)
  return [
    ...(a.mode === b.mode ? [] : [`${modeText(a.mode)} -> ${modeText(b.mode)}`]),
    ...(a.uid === b.uid && a.gid === b.gid ? [] : [`owner ${a.uid}:${a.gid} -> ${b.uid}:${b.gid}`]),
    ...(a.major === b.major && a.minor === b.minor
      ? []
      : [`device ${a.major},${a.minor} -> ${b.major},${b.minor}`]),
    ...(comparable && !sameContent(a, b) ? [sizes] : []),
  ]
}

/**
 * What differs between two images once they are unpacked: a line for each path, and a last line that counts. Both must have
 * been read with digests.
 */
export function* differenceOf(first: ImagePart[], second: ImagePart[]): Generator<string> {
  const byPath = (parts: ImagePart[]) =>
    new Map(unpackedEntries(parts).map(entry => [entry.path, entry] as const))
  const [before, after] = [byPath(first), byPath(second)]
  const all = new Map([...before, ...after])
  const count = { '-': 0, '+': 0, '~': 0 }
  for (const { path } of sortedByPath(all.values())) {
    const [a, b] = [before.get(path), after.get(path)]
    const words = a === undefined || b === undefined ? [] : changes(a, b)
    const sign = a === undefined ? '+' : b === undefined ? '-' : '~'
    if (sign === '~' && words.length === 0) continue
    count[sign] += 1
    yield `${sign} ${shown(path) || '.'}${words.length > 0 ? `  ${words.join(', ')}` : ''}\n`
  }
  yield `${count['-']} removed, ${count['+']} added, ${count['~']} changed\n`
}
