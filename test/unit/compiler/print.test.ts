// The printer alone, from trees made by hand.
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type {
  Command,
  Pattern,
  SimpleCommand,
  Statement,
  Word,
  WordPart,
} from '../../../generator/compiler/ir.ts'
import { printStatements } from '../../../generator/compiler/print/print.ts'
import { needs } from '../../support/needs.ts'
import { runScript, shells } from '../../support/shells.ts'

const literal = (text: string): WordPart => ({ kind: 'literal', text })
const variable = (name: string): WordPart => ({ kind: 'variable', name })
const word = (part: string | WordPart | WordPart[]): Word =>
  typeof part === 'string' ? [literal(part)] : Array.isArray(part) ? part : [part]
const run = (name: string, ...words: (string | WordPart | WordPart[])[]): SimpleCommand => ({
  kind: 'command',
  name,
  words: words.map(word),
})
const assign = (name: string, ...value: Word): Command => ({ kind: 'assign', name, value })
const list = (...commands: Command[]): Statement[] => commands.map(command => ({ command }))
const both = (left: Command, right: Command): Command => ({ kind: 'and', left, right })
const either = (left: Command, right: Command): Command => ({ kind: 'or', left, right })
const printed = (...commands: Command[]): string =>
  printStatements(list(...commands))
    .map(({ text }) => text)
    .join('\n')

const prints = (name: string, command: Command, ...expected: string[]): void =>
  test(name, () => assert.is(printed(command), expected.join('\n')))

// ---- words

prints('plain words stand bare', run('cp', '-a', '/etc/a.b', 'x=1:2,3@4%5+6'), 'cp -a /etc/a.b x=1:2,3@4%5+6')
prints('an empty word is a pair of quotes', run('log', [], ''), "log '' ''")
prints(
  'all others are quoted',
  run('log', 'two words', '*', '~', '#', '$(reboot)'),
  "log 'two words' '*' '~' '#' '$(reboot)'",
)
prints('a single quote asks for double ones', run('log', 'it\'s "$5" `\\'), 'log "it\'s \\"\\$5\\" \\`\\\\"')
prints('a reserved word as an argument', run('log', 'esac', 'if', '{', '!'), "log esac if '{' !")
prints('an expansion is quoted', run('log', variable('name')), 'log "$name"')
prints(
  'parts share one pair of quotes',
  run('log', [literal('a '), variable('b'), literal(' c')]),
  'log "a $b c"',
)
prints(
  'braces only where the name would go on',
  run('log', [variable('a'), literal('b')], [variable('a'), literal('-')], [variable('a'), literal('[0]')]),
  'log "${a}b" "$a-" "${a}[0]"',
)
prints(
  'positional parameters',
  run('log', { kind: 'positional', index: 1 }, { kind: 'positional', index: 10 }, [
    { kind: 'positional', index: 1 },
    literal('0'),
  ]),
  'log "$1" "${10}" "${1}0"',
)
prints(
  'even numbers are quoted: IFS may hold a digit',
  run('log', { kind: 'argumentCount' }, { kind: 'length', name: 'text' }, { kind: 'status' }),
  'log "$#" "${#text}" "$?"',
)
prints('the words of a function', run('log', { kind: 'arguments' }), 'log "$@"')
prints('an assigned expansion is not split', assign('copy', variable('text')), 'copy=$text')
prints('an assigned literal is a word', assign('text', literal('a b')), "text='a b'")
prints('nothing is assigned', assign('text'), 'text=')
prints(
  'a capture takes all of the value',
  assign('text', { kind: 'capture', command: run('cat', '--', variable('path')) }),
  'text=$(cat -- "$path")',
)

// ---- arithmetic

const sum = (
  left: number | string,
  operator: '+' | '-' | '*' | '/' | '%',
  right: number | string | object,
) => {
  const leaf = (of: number | string | object) =>
    typeof of === 'number'
      ? { kind: 'integer', value: of }
      : typeof of === 'string'
        ? { kind: 'variable', name: of }
        : of
  return { kind: 'binary', operator, left: leaf(left), right: leaf(right) } as never
}
prints('arithmetic', assign('a', { kind: 'arithmetic', expression: sum('a', '+', 1) }), 'a=$((a + 1))')
prints(
  'parentheses where the order needs them',
  assign('a', {
    kind: 'arithmetic',
    expression: sum('a', '-', sum('b', '+', sum(2, '*', sum('c', '%', 3)))),
  }),
  'a=$((a - (b + 2 * (c % 3))))',
)
prints(
  'arithmetic as an argument',
  run('sleep', { kind: 'arithmetic', expression: sum('a', '*', 2) }),
  'sleep "$((a * 2))"',
)

// ---- patterns

const trim = (side: '#' | '##' | '%' | '%%', ...pattern: Pattern): WordPart => ({
  kind: 'trim',
  name: 'text',
  side,
  pattern,
})
prints(
  'text is cut at a literal, which matches itself alone',
  run(
    'log',
    trim('%%', literal('*') as never, { kind: 'any' }),
    trim('#', { kind: 'any' }, literal('a b') as never),
  ),
  'log "${text%%\\**}" "${text#*a b}"',
)
prints(
  'text is cut at a variable',
  assign('a', trim('##', { kind: 'any' }, { kind: 'variable', name: 'mark' })),
  'a=${text##*"$mark"}',
)
prints('one character', assign('a', trim('#', { kind: 'one' })), 'a=${text#?}')
prints(
  'one of a variable',
  assign('a', trim('%%', { kind: 'oneOf', name: 'marks' }, { kind: 'any' })),
  'a=${text%%["$marks"]*}',
)

// ---- commands

prints('and, or', either(both(run('a'), run('b')), run('c')), '{ a && b; } || c')
prints('a chain of one kind needs no braces', both(both(run('a'), run('b')), run('c')), 'a && b && c')
prints('not covers a list with braces', { kind: 'not', command: either(run('a'), run('b')) }, '! { a || b; }')
prints(
  'a group in a line',
  either(run('a'), { kind: 'group', body: list(run('b'), run('return')) }),
  'a || { b; return; }',
)
prints(
  'redirections',
  {
    ...run('a'),
    redirects: [
      { operator: '>>', target: word([literal('/run/'), variable('x')]) },
      { operator: '>', descriptor: 2, target: 1 },
    ],
  },
  'a >>"/run/$x" 2>&1',
)
prints(
  'an if with all its parts',
  {
    kind: 'if',
    branches: [
      { condition: run('[', '-n', variable('a'), ']'), body: list(run('b')) },
      { condition: run('c'), body: [] },
    ],
    otherwise: list(run('d')),
  },
  'if [ -n "$a" ]; then',
  '    b',
  'elif c; then',
  '    :',
  'else',
  '    d',
  'fi',
)
prints(
  'a case: short arms in one line, longer ones not, an empty one too',
  {
    kind: 'case',
    subject: [variable('a')],
    arms: [
      { patterns: [[literal('x') as never], [literal('y z') as never]], body: list(run('b')) },
      { patterns: [[literal('esac') as never]], body: [] },
      { patterns: [[]], body: list(run('b'), run('c')) },
      { patterns: [[{ kind: 'any' }]], body: [{ command: run('d'), comment: ['why'] }] },
    ],
  },
  'case $a in',
  "    x | 'y z') b ;;",
  "    'esac') ;;",
  "    '')",
  '        b',
  '        c',
  '        ;;',
  '    *)',
  '        # why',
  '        d',
  '        ;;',
  'esac',
)
prints(
  'loops',
  {
    kind: 'while',
    condition: run(':'),
    body: list(
      {
        kind: 'for',
        variable: 'a',
        words: { kind: 'fields', text: { kind: 'variable', name: 'text' }, separators: word(',') },
        body: list(run('b')),
      },
      { kind: 'for', variable: 'a', words: { kind: 'arguments' }, body: list(run('break')) },
      { kind: 'for', variable: 'a', words: { kind: 'list', words: [word('x'), word('y z')] }, body: [] },
    ),
  },
  'while :; do',
  '    IFS=,',
  '    for a in $text; do b; done',
  '    for a in "$@"; do break; done',
  "    for a in x 'y z'; do",
  '        :',
  '    done',
  'done',
)
test('functions stand apart, comments above what they are about', () => {
  const lines = printStatements([
    { command: assign('a', literal('1')), comment: ['One.', '', 'Two.'] },
    { command: { kind: 'function', name: 'f', body: list(run('g')) }, comment: ['F.'] },
    { command: assign('b') },
  ])
  assert.is(
    lines.map(({ text }) => text).join('\n'),
    ['# One.', '#', '# Two.', 'a=1', '', '# F.', 'f() { g; }', '', 'b='].join('\n'),
  )
})
test('a short comment stands behind its assignment, others above', () => {
  const lines = printStatements([
    { command: assign('a', literal('1')), comment: ['One,', 'and a half.'] },
    { command: assign('b'.repeat(30)), comment: ['Two.'] },
    { command: assign('c'), comment: ['x'.repeat(76)] },
    { command: assign('d'), comment: ['x'.repeat(77)] },
  ])
  assert.equal(
    lines.map(({ text }) => text),
    [
      'a=1                   # One, and a half.',
      `${'b'.repeat(30)}=  # Two.`,
      `c=                    # ${'x'.repeat(76)}`,
      `# ${'x'.repeat(77)}`,
      'd=',
    ],
  )
})
prints(
  'positional parameters get their names in one line, and go on in the next',
  {
    kind: 'function',
    name: 'f',
    body: list(
      assign('one', { kind: 'positional', index: 1 }),
      assign('two', { kind: 'positional', index: 2 }),
      run('set', '--', [{ kind: 'split', text: { kind: 'variable', name: 'one' } }]),
      ...[1, 2, 3].map(index =>
        assign(`${'x'.repeat(24)}_${index}`, { kind: 'positional', index, orEmpty: true }),
      ),
      run('log', variable('two')),
    ),
  },
  'f() {',
  '    one=$1 two=$2',
  '    # shellcheck disable=SC2086 # split where IFS says',
  '    set -- $one',
  `    ${'x'.repeat(24)}_1=\${1-} ${'x'.repeat(24)}_2=\${2-}`,
  `    ${'x'.repeat(24)}_3=\${3-}`,
  '    log "$two"',
  '}',
)
prints(
  'first values stand in one line, others each in their own',
  {
    kind: 'while',
    condition: run(':'),
    body: list(
      assign('a'),
      assign('b', literal('1')),
      assign('c', literal('x y')),
      assign('d', variable('a')),
      assign('e'),
      assign('f', variable('a')),
    ),
  },
  'while :; do',
  "    a='' b=1 c='x y'",
  '    d=$a',
  '    e=',
  '    f=$a',
  'done',
)
prints(
  'what a positional parameter is read by',
  run(
    'log',
    [variable('1'), literal('0')],
    [variable('1'), literal('a')],
    { kind: 'length', name: '1' },
    { kind: 'trim', name: '1', side: '#', pattern: [{ kind: 'variable', name: '2' }] },
    { kind: 'arithmetic', expression: sum('1', '+', 2) },
  ),
  'log "${1}0" "$1a" "${#1}" "${1#"$2"}" "$(($1 + 2))"',
)
prints(
  'the arm before the last may be there for what has to hold',
  {
    kind: 'case',
    subject: word(variable('a')),
    arms: [
      { patterns: [[{ kind: 'literal', text: 'x' }]], body: [] },
      { patterns: [[{ kind: 'any' }]], body: list(either(run('fail', 'y'.repeat(50)), run('return'))) },
    ],
  },
  `case $a in x) ;; *) fail ${'y'.repeat(50)} || return ;; esac`,
)
test('a line knows the statement that it was printed from', () => {
  const statement: Statement = { command: run('a'), span: { file: 'x.ts', line: 7, column: 3 } }
  assert.equal(printStatements([statement]), [{ text: 'a', statement }])
})

// ---- breaking lines

const long = 'x'.repeat(36)
prints(
  'a long command goes on in the next line, an option and its argument together',
  run('udhcpc', '-n', `--${long}`, '-i', `eth0${'x'.repeat(24)}`, '-t', '3', long),
  `udhcpc -n --${long} \\`,
  `    -i eth0${'x'.repeat(24)} -t 3 ${long}`,
)
prints(
  'words of a function that are many',
  run('set', '--', '-l', 'a', `--${long}`, long, 'b'),
  `set -- -l a --${long} \\`,
  `    ${long} b`,
)
prints(
  'a long list breaks after its operator',
  either(run('f', long, long), run('g', long)),
  `f ${long} ${long} ||`,
  `    g ${long}`,
)
prints(
  'what hands a failure on stays behind the command',
  either(run('f', long, long), run('return')),
  `f ${long} ${long} || return`,
)
prints(
  'and so it does behind what says why',
  either(either(run('f', long), run('fail', long)), run('return')),
  `f ${long} || fail ${long} || return`,
)
prints(
  'room is left for the return behind the last line of a list',
  either(either(run('f', long, long), run('fail', long, `${long}xx`)), run('return')),
  `f ${long} ${long} ||`,
  `    fail ${long} ${long}xx || return`,
)
prints(
  'a case of two arms in a line',
  {
    kind: 'case',
    subject: [variable('a')],
    arms: [
      { patterns: [[literal('x') as never]], body: list(run('b')) },
      { patterns: [[literal('y') as never]], body: list(run('c')) },
    ],
  },
  'case $a in x) b ;; y) c ;; esac',
)
prints(
  'an if in a line',
  { kind: 'if', branches: [{ condition: run('f'), body: list(run('g'), run('return')) }] },
  'if f; then g; return; fi',
)
prints(
  'an if and its else in a line',
  {
    kind: 'if',
    branches: [{ condition: run('f'), body: list(assign('a', literal('b') as never)) }],
    otherwise: list(assign('a', literal('c') as never)),
  },
  'if f; then a=b; else a=c; fi',
)
prints(
  'a case with one arm in a line',
  {
    kind: 'case',
    subject: [variable('a')],
    arms: [{ patterns: [[literal('x') as never]], body: list(run('b'), run('return', '1')) }],
  },
  'case $a in x) b; return 1 ;; esac',
)
prints(
  'a loop that finds IFS as it needs it',
  {
    kind: 'for',
    variable: 'x',
    words: {
      kind: 'fields',
      text: { kind: 'variable', name: 'all' },
      separators: [variable('newline')],
      areSet: true,
    },
    body: list(run('f')),
  },
  'for x in $all; do f; done',
)
prints(
  'an IFS that is held already is not set, and the comment goes on to what it was for',
  {
    kind: 'if',
    branches: [
      {
        condition: run('f'),
        body: [
          { command: { kind: 'assign', name: 'IFS', value: word(','), isHeld: true }, comment: ['why'] },
          { command: run('g') },
        ],
      },
    ],
  },
  'if f; then',
  '    # why',
  '    g',
  'fi',
)
prints(
  'a started command ends its line: no semicolon may follow &',
  {
    kind: 'if',
    branches: [{ condition: run('f'), body: list({ kind: 'background', command: run('g') }) }],
  },
  'if f; then',
  '    g &',
  'fi',
)
prints(
  'a long condition, too',
  { kind: 'if', branches: [{ condition: both(run('f', long), run('g', long, long)), body: list(run('h')) }] },
  `if f ${long} &&`,
  `        g ${long} ${long}; then`,
  '    h',
  'fi',
)
prints(
  'patterns and words of a for go on in the next line',
  {
    kind: 'case',
    subject: [variable('a')],
    arms: [
      { patterns: [long, `${long}y`, long].map(text => [literal(text) as never]), body: list(run('b')) },
    ],
  },
  'case $a in',
  `    ${long} \\`,
  `        | ${long}y \\`,
  `        | ${long})`,
  '        b',
  '        ;;',
  'esac',
)
prints(
  'words of a for',
  {
    kind: 'for',
    variable: 'a',
    words: { kind: 'list', words: [word(long), word(`${long}y`), word('z')] },
    body: [],
  },
  `for a in ${long} \\`,
  `    ${long}y z; do`,
  '    :',
  'done',
)

// ---- what the shells make of it

/** Text that a shell could stumble over: every byte but NUL, and the characters that mean something more often. */
const hostileCharacter = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...' \t\n\'"\\$`*?[]!#~&|;<>(){}=%-^@+,./:') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 255 }).map(code => String.fromCharCode(code)) },
)
const hostile = fc.array(hostileCharacter, { maxLength: 12 }).map(characters => characters.join(''))
const wordsOfText = fc.array(
  fc.oneof(hostile, fc.constantFrom('-n', '--', 'esac', '!', '{}', ']', '%s', '\\c')),
  {
    minLength: 1,
    maxLength: 5,
  },
)
const samples = fc.sample(wordsOfText, { seed: Number(process.env.SEED ?? 3), numRuns: 300 })

/** Every case as `printf '%s\n' WORD…`, the words as they are, among others and through a variable. */
function script(cases: string[][]): { text: string; expected: string } {
  const commands: Command[] = []
  let expected = ''
  for (const texts of cases) {
    commands.push(run('printf', '%s\\n', ...texts))
    expected += texts.map(text => `${text}\n`).join('')
    const joined = texts.join('')
    commands.push(
      assign('v', ...texts.map(literal)),
      run('printf', '%s\\n', [literal('a'), variable('v'), literal('b')]),
    )
    expected += `a${joined}b\n`
    const [first = ''] = texts
    // The first text is cut off as a pattern, in quotes and bare, and found by a case.
    commands.push(
      run('printf', '%s\\n', [
        { ...trim('#', literal(first) as never), name: 'v' } as WordPart,
        literal('|'),
      ]),
      assign('w', { ...trim('#', literal(first) as never), name: 'v' } as WordPart),
      assign('p', literal(first)),
      assign('x', { ...trim('#', { kind: 'variable', name: 'p' }), name: 'v' } as WordPart),
      run('printf', '%s\\n', variable('w'), variable('x')),
      {
        kind: 'case',
        subject: [variable('v')],
        arms: [
          {
            patterns: [[literal(first) as never, literal(joined.slice(first.length)) as never]],
            body: list(run('printf', '%s\\n', 'found')),
          },
        ],
      },
    )
    const rest = joined.slice(first.length)
    expected += `${rest}|\n${rest}\n${rest}\nfound\n`
  }
  return { text: `set -fu\n${printed(...commands)}\n`, expected }
}

for (const shell of shells) {
  needs(test, { [shell.command[0]]: shell.package })(`${shell.name}: every word arrives as it is`, () => {
    // yash reads characters of the locale, and in C that is ASCII.
    const isAscii = (words: string[]): boolean => !words.some(each => /[\u0080-\u00ff]/.test(each))
    const { text, expected } = script(shell.name === 'yash' ? samples.filter(isAscii) : samples)
    assert.is(runScript(shell, text, '-n').stderr, '')
    const ran = runScript(shell, text)
    assert.is(ran.stderr, '')
    if (ran.stdout !== expected) {
      const [got, wanted] = [ran.stdout.split('\n'), expected.split('\n')]
      const at = wanted.findIndex((line, index) => line !== got[index])
      assert.unreachable(
        `line ${at}: wanted ${JSON.stringify(wanted.slice(at, at + 3))}, got ${JSON.stringify(got.slice(at, at + 3))}; SEED=${process.env.SEED ?? 3}`,
      )
    }
  })
}

test.run()
