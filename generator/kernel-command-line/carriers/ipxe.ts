import { type Carrier, commonObjection } from './carrier.ts'

/**
 * iPXE knows no quotes. It cuts a line of a script at blanks, takes a word that begins with `#` for a comment and the
 * words `||`, `&&` and `;` for the end of the command, replaces `${…}`, and joins what is left with one blank each.
 */
export function ipxeObjection(word: string): string | undefined {
  const pieces = word.split(' ')
  if (pieces.some(piece => piece.startsWith('#'))) return 'iPXE takes # at the start of a word for a comment'
  const end = pieces.find(piece => ['||', '&&', ';'].includes(piece))
  if (end !== undefined) return `iPXE ends the command at the word ${end}`
  if (word.includes('${')) return `iPXE replaces \${…} by a setting of its own`
  if (word.includes('  ')) return 'iPXE makes one blank of several'
  if (word.endsWith('\\')) return 'iPXE takes \\ at the end of a line for "it goes on below"'
  return commonObjection(word)
}

/** The first command of a script's line, cut and joined; what follows is a command of its own. */
export function ipxeJoins(line: string): string {
  const words = line.split(/[ \t\n\v\f\r]+/).filter(word => word !== '')
  const end = words.findIndex(word => word.startsWith('#') || ['||', '&&', ';'].includes(word))
  return (end === -1 ? words : words.slice(0, end)).map(ipxeExpands).join(' ')
}

/** Settings that nobody has set are empty. */
export function ipxeExpands(word: string): string {
  let text = word
  for (;;) {
    const end = text.indexOf('}', text.indexOf('${'))
    const start = text.lastIndexOf('${', end)
    if (end === -1 || start === -1) return text
    text = text.slice(0, start) + text.slice(end + 1)
  }
}

export const ipxe: Carrier = {
  name: 'ipxe',
  place: 'in the iPXE script, after the address on the line kernel',
  // On BIOS machines it keeps as many bytes, NUL among them, as the kernel's header allows without it; that of 2019
  // keeps one more (measured).
  longest: 2046,
  objection: ipxeObjection,
  write: words => words.join(' '),
  deliver: text => ({ before: '', line: ipxeJoins(text.split('\n')[0] ?? ''), after: '' }),
}
