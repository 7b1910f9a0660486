/** What may not reach a terminal as it is: each of these moves, hides, reorders or piles up what stands there. */
const untrue = /[\p{C}\u2028\u2029]|(?<=\p{M}{2})\p{M}/gu

/**
 * Foreign text for people to read: file names, and what clients, servers and images say. The only place where it is
 * escaped. Nothing of it can begin a line, move a cursor, turn the direction of writing or pile up marks: control and
 * format characters, line separators, lone surrogates, private and unassigned characters become `\u{…}`. Showing again
 * what was shown changes nothing.
 *
 * @param most characters; of a longer text the beginning is shown, and `…`
 */
export function shown(text: string, most = Number.POSITIVE_INFINITY): string {
  // What is cut off need not be escaped first.
  const part = text.length > most ? text.slice(0, most + 1) : text
  if (/^[ -~]*$/.test(part)) return cut(part, most)
  return cut(
    part.replace(untrue, character => `\\u{${character.codePointAt(0)?.toString(16)}}`),
    most,
  )
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text)

/** The same for text of several lines, such as the end of a program's output: its lines stay lines. */
export function shownLines(text: string): string {
  return text
    .split('\n')
    .map(line => shown(line.replaceAll('\t', '    ')))
    .join('\n')
}
