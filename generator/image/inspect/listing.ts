import { constants } from 'node:fs'
import { shown } from '../../host/console/foreign-text.ts'
import { typeOf } from '../newc/newc-reader.ts'
import { type ImagePart, type ReadEntry, unpackedEntries } from './image-reader.ts'

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

export const isFile = (entry: ReadEntry) => typeOf(entry) === constants.S_IFREG

function sizeText(entry: ReadEntry): string {
  const type = typeOf(entry)
  if (type === constants.S_IFCHR || type === constants.S_IFBLK) return `${entry.major},${entry.minor}`
  return String(isFile(entry) ? entry.file.size : 0)
}

/** One line for each entry: mode, size (of a device its numbers), path, and where a link points to. */
export function* entryLines(parts: ImagePart[]): Generator<string> {
  const entries = unpackedEntries(parts)
  const width = entries.reduce((widest, entry) => Math.max(widest, sizeText(entry).length), 0)
  for (const entry of entries) {
    const target = entry.target === undefined ? '' : ` -> ${shown(entry.target)}`
    const size = sizeText(entry).padStart(width)
    yield `${modeText(entry.mode)}  ${size}  ${shown(entry.path) || '.'}${target}\n`
  }
}

/** What a part is called by what is in it: its one file, or the folder that all its files share. */
export function partName(entries: ReadEntry[]): string {
  const files = entries.filter(isFile)
  const [first] = files.length > 0 ? files : entries
  if (first === undefined) return '.'
  if (files.length === 1) return shown(first.path)
  let shared = first.path.slice(0, first.path.lastIndexOf('/') + 1)
  for (const { path } of files) {
    while (shared !== '' && !path.startsWith(shared))
      shared = shared.slice(0, shared.lastIndexOf('/', shared.length - 2) + 1)
  }
  return shared === '' ? `${files.length} files` : shown(shared)
}
