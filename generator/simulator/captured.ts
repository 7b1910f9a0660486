import type { List } from '../stages/api/machine.ts'

/** What `$( )` makes of a command's output: zero bytes and the newlines at its end are gone. */
export function captured(output: string): string {
  let end = output.length
  while (end > 0 && output[end - 1] === '\n') end -= 1
  const text = output.slice(0, end)
  return text.includes('\0') ? captured(text.replaceAll('\0', '')) : text
}

/** What a command prints that prints a list, a line each. */
export const listed = (lines: string[]): List => captured(lines.join('\n')) as List

/** Bytes as text, one character each. */
export const textOf = (bytes: Buffer): string => bytes.toString('latin1')

/** Text as bytes; a character above 255 is a mistake in a test or in a stage, not a byte. */
export function bytesOf(text: string): Buffer {
  if (/[^\0-\xff]/.test(text)) throw new Error(`'${text}' is not bytes: one character each, up to \\xff`)
  return Buffer.from(text, 'latin1')
}
