import { constants } from 'node:fs'
import type { ImagePart } from './image-reader.ts'
import { plainPath, unpackedEntries } from './image-reader.ts'
import { type ReadEntry, typeOf } from './newc-reader.ts'

const letters = new Map([
  [constants.S_IFREG, '-'],
  [constants.S_IFDIR, 'd'],
  [constants.S_IFLNK, 'l'],
  [constants.S_IFCHR, 'c'],
  [constants.S_IFBLK, 'b'],
  [constants.S_IFIFO, 'p'],
  [constants.S_IFSOCK, 's'],
])

/** A mode as ls writes it, such as `-rwxr-xr-x`. */
export function modeText(mode: number): string {
  const bit = (mask: number, letter: string) => (mode & mask ? letter : '-')
  const execute = (mask: number, special: number, both: string, alone: string) =>
    mode & special ? (mode & mask ? both : alone) : bit(mask, 'x')
  return [
    letters.get(typeOf({ mode })) ?? '?',
    bit(0o400, 'r'),
    bit(0o200, 'w'),
    execute(0o100, 0o4000, 's', 'S'),
    bit(0o040, 'r'),
    bit(0o020, 'w'),
    execute(0o010, 0o2000, 's', 'S'),
    bit(0o004, 'r'),
    bit(0o002, 'w'),
    execute(0o001, 0o1000, 't', 'T'),
  ].join('')
}

/** A name from an image may hold what would drive the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, c => `\\u{${c.codePointAt(0)?.toString(16)}}`)
}

function sizeText(entry: ReadEntry): string {
  const type = typeOf(entry)
  if (type === constants.S_IFCHR || type === constants.S_IFBLK) return `${entry.major},${entry.minor}`
  return String(type === constants.S_IFREG ? entry.content.length : 0)
}

/** One line for each entry: mode, size (of a device its numbers), path, and where a link points to. */
export function entryLines(parts: ImagePart[]): string {
  const entries = unpackedEntries(parts)
  const width = Math.max(...entries.map(entry => sizeText(entry).length))
  return entries
    .map(entry => {
      const target = typeOf(entry) === constants.S_IFLNK ? ` -> ${printable(entry.content.toString())}` : ''
      const size = sizeText(entry).padStart(width)
      return `${modeText(entry.mode)}  ${size}  ${printable(plainPath(entry.path) || '.')}${target}\n`
    })
    .join('')
}

/** What a part is called by what is in it: its one file, or the folder that all its files share. */
export function partName(entries: ReadEntry[]): string {
  const files = entries
    .filter(entry => typeOf(entry) === constants.S_IFREG)
    .map(entry => plainPath(entry.path))
  const [first = '.'] = files.length > 0 ? files : entries.map(entry => plainPath(entry.path))
  if (files.length === 1) return first
  const shared = first.split('/').slice(0, -1)
  while (shared.length > 0 && !files.every(file => file.startsWith(`${shared.join('/')}/`))) shared.pop()
  return shared.length > 0 ? `${shared.join('/')}/` : `${files.length} files`
}
