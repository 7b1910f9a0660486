/** Text as somebody hostile, or careless, writes it. Bytes, one character each; no zero byte, which no text can hold. */
import fc from 'fast-check'
import { canary } from './throwaway-root.ts'

/** What each value of the boot must bear. */
export const hostileTexts: Record<string, string> = {
  blanks: ' a  b ',
  newlines: 'a\nb\n\n',
  star: '*',
  'pattern that matches': '/???/*',
  substitution: `$(${canary})`,
  backticks: `\`${canary}\``,
  'command after a semicolon': `;${canary};`,
  'command after a newline': `\n${canary}\n`,
  pipe: `|${canary}`,
  'double quote': `"; ${canary} "`,
  'single quotes': `'; ${canary} '`,
  'variable expansion': `\${x:=$(${canary})}`,
  arithmetic: `$((x[$(${canary})]))`,
  'leading dash': '-x',
  option: '--help',
  parents: '../../../etc/x',
  backslashes: '\\\\n\\',
  format: '%s%n%d',
  tilde: '~root',
  empty: '',
  'outside of ASCII': 'gr\xf6\xdfe\xff',
  '4,000 characters': 'x/y '.repeat(1000),
}

const pieces = [
  ...Object.values(hostileTexts).filter(text => text.length < 100),
  ...[
    '"',
    "'",
    ' ',
    '\n',
    '\t',
    '\v',
    '\f',
    '\r',
    '\\',
    '/',
    '.',
    '..',
    '-',
    '--',
    '=',
    ',',
    ':',
    ';',
    '&',
    '|',
  ],
  ...[
    '*',
    '?',
    '[',
    ']',
    '!',
    '[!a]',
    '{',
    '}',
    '(',
    ')',
    '<',
    '>',
    '#',
    '~',
    '%',
    '%%',
    '$',
    '`',
    '$x',
    '$1',
    '^',
  ],
  ...[
    'a',
    'b',
    '0',
    '1',
    '08',
    'x y',
    'dhcp',
    'http://',
    'magnet:?',
    'nameserver',
    '\x7f',
    '\x01',
    '\x1b[2J',
  ],
]

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...pieces) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 127 }).map(code => String.fromCharCode(code)) },
  { weight: 1, arbitrary: fc.integer({ min: 128, max: 255 }).map(code => String.fromCharCode(code)) },
)

/** Any text. */
export const text = fc.oneof(
  { weight: 30, arbitrary: fc.array(piece, { maxLength: 12 }).map(all => all.join('')) },
  { weight: 1, arbitrary: piece.map(one => (one === '' ? 'x' : one).repeat(4000).slice(0, 4000)) },
)

/** A text without the newlines that end it: what any expansion of a captured value holds. */
export const captured = text.map(each => each.replace(/\n+$/, ''))

/** The name of a file: no slash. */
export const fileName = text
  .map(each => each.replaceAll('/', '_').slice(0, 200))
  .filter(each => each !== '' && each !== '.' && each !== '..')
