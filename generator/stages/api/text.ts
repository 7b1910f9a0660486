/** Text: what parameter expansion can do, and what a for-of walks over. The same on every machine. */
import { lowered, separated, text } from './verb.ts'

/** The two sides of a separator; undefined where it does not stand in the text. */
function cut(whole: string, separator: string, at: number): { before: string; after: string } | undefined {
  if (at === -1) return undefined
  return { before: whole.slice(0, at), after: whole.slice(at + separator.length) }
}

/** What stands before the first `separator`; `otherwise`, or all of the text, where there is none. */
export const before = text(
  '${1%%$2*}',
  (whole: string, separator: string, otherwise = whole): string =>
    cut(whole, separator, whole.indexOf(separator))?.before ?? otherwise,
)
/** What stands after the first `separator`; `otherwise`, or all of the text, where there is none. */
export const after = text(
  '${1#*$2}',
  (whole: string, separator: string, otherwise = whole): string =>
    cut(whole, separator, whole.indexOf(separator))?.after ?? otherwise,
)
/** What stands before the last `separator`; `otherwise`, or all of the text, where there is none. */
export const beforeLast = text(
  '${1%$2*}',
  (whole: string, separator: string, otherwise = whole): string =>
    cut(whole, separator, whole.lastIndexOf(separator))?.before ?? otherwise,
)
/** What stands after the last `separator`; `otherwise`, or all of the text, where there is none. */
export const afterLast = text(
  '${1##*$2}',
  (whole: string, separator: string, otherwise = whole): string =>
    cut(whole, separator, whole.lastIndexOf(separator))?.after ?? otherwise,
)

/** What stands before the first character that is one of `characters`; all of the text where there is none. */
export const beforeAny = text('${1%%[$2]*}', (whole: string, characters: string): string => {
  let end = 0
  while (end < whole.length && !characters.includes(whole.charAt(end))) end += 1
  return whole.slice(0, end)
})

/** The text without `prefix`; `otherwise`, or all of the text, where it does not start with it. */
export const withoutPrefix = text('${1#$2}', (whole: string, prefix: string, otherwise = whole): string =>
  whole.startsWith(prefix) ? whole.slice(prefix.length) : otherwise,
)
/** The text without `suffix`; `otherwise`, or all of the text, where it does not end with it. */
export const withoutSuffix = text('${1%$2}', (whole: string, suffix: string, otherwise = whole): string =>
  whole.endsWith(suffix) ? whole.slice(0, whole.length - suffix.length) : otherwise,
)
/** The text without its first character. */
export const withoutFirst = text('${1#?}', (whole: string): string => whole.slice(1))

/** Whether every character of the text is one of `characters` (ranges as in `0-9`); true for the empty text. */
export const consistsOf = lowered(
  (whole: string, characters: string): boolean => !new RegExp(`[^${characters}]`).test(whole),
)

/** The lines of a text that are not empty. */
export const lines = separated('$newline', (whole: string): string[] =>
  whole.split('\n').filter(line => line !== ''),
)
/** The words of a text between blanks, tabs and newlines. */
export const words = separated('$blanks', (whole: string): string[] =>
  whole.split(/[ \t\n]+/).filter(word => word !== ''),
)
/** The fields of a text between one-character separators; an empty last field is not one (POSIX, 2.6.5). */
export const split = separated('$2', (whole: string, separator: string): string[] => {
  const pieces = whole.split(separator)
  if (pieces.at(-1) === '') pieces.pop()
  return pieces
})

type Field = string
/** Sixteen fields; a record with more of them is read with split(). */
export type Fields = readonly [
  ...[Field, Field, Field, Field, Field, Field, Field, Field],
  ...[Field, Field, Field, Field, Field, Field, Field, Field],
]

/**
 * The fields of a record between one-character separators, for `const [first, second] = fields(…)`: what the record ends
 * before is empty.
 */
export const fields = separated('$2', (record: string, separator: string): Fields => {
  const pieces = split(record, separator)
  return Array.from({ length: 16 }, (_, index) => pieces[index] ?? '') as unknown as Fields
})
