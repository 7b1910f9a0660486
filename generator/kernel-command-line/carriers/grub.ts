import { type Carrier, commonObjection } from './carrier.ts'

/** What GRUB's script takes as it is, anywhere in a word. */
const plain = /^[A-Za-z0-9_@%+=:,./-]+$/

/** A word of a line without the quotes that make it one word for the kernel: GRUB sets its own. */
function bare(word: string): string {
  if (word.startsWith('"')) return word.slice(1, word.endsWith('"') && word.length > 1 ? -1 : undefined)
  const [, name, value] = /^([^="]*=)"([^"]*)"$/s.exec(word) ?? []
  return name === undefined ? word : `${name}${value}`
}

/**
 * GRUB: its script knows both kinds of quotes, `$`, `;`, `&`, `|`, `<`, `>`, `{`, `}` and `#`. After that the command
 * linux writes an argument that holds a blank in double quotes, and a backslash before each quote and backslash, which
 * the kernel does not know.
 */
export const grub: Carrier = {
  name: 'grub',
  place: 'in grub.cfg, after the file on the line linux',
  longest: 2047,
  ownInitrd: 'GRUB loads it with a line initrd',
  objection(word) {
    const text = bare(word)
    const quote = /["'\\]/.exec(text)?.[0]
    if (quote !== undefined) return `GRUB puts a backslash before ${quote}, and the kernel keeps it`
    return commonObjection(word)
  },
  write: words =>
    words
      .map(word => bare(word))
      .map(text => (plain.test(text) ? text : `'${text}'`))
      .join(' '),
  deliver: text => ({
    before: 'BOOT_IMAGE=/vmlinuz',
    line: scriptWords(text).map(loaderWord).join(' '),
    after: '',
  }),
}

/** An argument as the command linux puts it on the kernel's line. */
function loaderWord(argument: string): string {
  const escaped = argument.replace(/["'\\]/g, '\\$&')
  return argument.includes(' ') ? `"${escaped}"` : escaped
}

const variable = /\$(?:[A-Za-z_]\w*|\d+|[?#*@]|\{(?:[A-Za-z_]\w*|\d+|[?#*@])\})/

/** The next piece of a script's command: blanks, its end, or a part of a word. */
const piece = new RegExp(
  [
    '(?<blank>[ \\t]+)',
    '(?<end>[\\n;&|<>{}])',
    "'(?<single>[^']*)'",
    '"(?<double>(?:\\\\[\\s\\S]|[^"\\\\])*)"',
    '\\\\(?<escaped>[\\s\\S])',
    `(?<variable>${variable.source})`,
    '(?<other>[\\s\\S])',
  ].join('|'),
  'gy',
)

/** Text between double quotes. */
const unescaped = (text: string): string =>
  text.replace(
    new RegExp(`\\\\([$"\\\\])|${variable.source}`, 'g'),
    (_, kept: string | undefined) => kept ?? '',
  )

/** The arguments that GRUB's script makes of a text, up to the end of the command. Variables are empty. */
function scriptWords(text: string): string[] {
  const words: string[] = []
  let word: string | undefined
  for (const { groups = {} } of text.matchAll(piece)) {
    const { blank, end, single, double, escaped, other } = groups
    if (end !== undefined || (other === '#' && word === undefined)) break
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (groups.variable === undefined) {
      const part = single ?? (double === undefined ? (escaped ?? other) : unescaped(double))
      word = `${word ?? ''}${part}`
    }
  }
  return word === undefined ? words : [...words, word]
}
