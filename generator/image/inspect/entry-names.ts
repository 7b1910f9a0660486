// Names in an image are bytes. Nearly all are UTF-8; the others must not be lost, nor become each other.
import { isUtf8 } from 'node:buffer'

/** The first of the lone surrogates that stand for bytes which are not UTF-8, as Python's `surrogateescape` has them. */
const escapes = 0xdc00

/** A name as text. Each byte that is not part of UTF-8 becomes a lone surrogate, so that no two names are one text. */
export function nameFrom(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString()
  let text = ''
  for (let position = 0; position < bytes.length; ) {
    const size = [1, 2, 3, 4].find(length => isUtf8(bytes.subarray(position, position + length)))
    if (size !== undefined && position + size <= bytes.length) {
      text += bytes.toString('utf8', position, position + size)
      position += size
    } else text += String.fromCharCode(escapes + (bytes[position++] ?? 0))
  }
  return text
}

/** The bytes of a name that `nameFrom` gave, or that a person typed. */
export function nameBytes(text: string): Buffer {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text)
  const parts = text.split(/((?<![\ud800-\udbff])[\udc80-\udcff])/)
  return Buffer.concat(
    parts.map((part, index) =>
      index % 2 === 1 ? Buffer.from([part.charCodeAt(0) - escapes]) : Buffer.from(part),
    ),
  )
}

/** A path without `.` and empty words, and without a slash at its ends; the root is empty. `..` stays. */
export function plainPath(path: string): string {
  if (!/^\.?\/|\/\.?\/|\/\.?$|^\.$/.test(path)) return path
  return path
    .split('/')
    .filter(word => word !== '' && word !== '.')
    .join('/')
}

/** Sorts by the bytes of the paths, whatever the locale. */
export function sortedByPath<Entry extends { path: string }>(entries: Iterable<Entry>): Entry[] {
  return [...entries]
    .map(entry => ({ entry, key: nameBytes(entry.path).toString('latin1') }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ entry }) => entry)
}
