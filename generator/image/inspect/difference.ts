import { type ImagePart, plainPath, unpackedEntries } from './image-reader.ts'
import { modeText, printable } from './listing.ts'
import { type ReadEntry, typeOf } from './newc-reader.ts'

/** In what two entries of one path differ, in words; empty when in nothing that the booted machine would see. */
function changes(a: ReadEntry, b: ReadEntry): string[] {
  const sizes =
    a.content.length === b.content.length ? 'content' : `${a.content.length} -> ${b.content.length} bytes`
  return [
    ...(a.mode === b.mode ? [] : [`${modeText(a.mode)} -> ${modeText(b.mode)}`]),
    ...(a.uid === b.uid && a.gid === b.gid ? [] : [`owner ${a.uid}:${a.gid} -> ${b.uid}:${b.gid}`]),
    ...(a.major === b.major && a.minor === b.minor
      ? []
      : [`device ${a.major},${a.minor} -> ${b.major},${b.minor}`]),
    ...(typeOf(a) !== typeOf(b) || a.content.equals(b.content) ? [] : [sizes]),
  ]
}

/** What differs between two images once they are unpacked: a line for each path, and a last line that counts. */
export function differenceOf(first: ImagePart[], second: ImagePart[]): string {
  const byPath = (parts: ImagePart[]) =>
    new Map(unpackedEntries(parts).map(entry => [plainPath(entry.path), entry] as const))
  const [before, after] = [byPath(first), byPath(second)]
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  )
  const count = { '-': 0, '+': 0, '~': 0 }
  const lines = paths.flatMap(path => {
    const [a, b] = [before.get(path), after.get(path)]
    const words = a === undefined || b === undefined ? [] : changes(a, b)
    const sign = a === undefined ? '+' : b === undefined ? '-' : '~'
    if (sign === '~' && words.length === 0) return []
    count[sign] += 1
    return [`${sign} ${printable(path)}${words.length > 0 ? `  ${words.join(', ')}` : ''}\n`]
  })
  return `${lines.join('')}${count['-']} removed, ${count['+']} added, ${count['~']} changed\n`
}
