// Text functions, tests of text and words to walk over: the same for any text, in Node and in every shell.
//   SEED=7 npm test -- compiler/text    other texts
import fc from 'fast-check'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { quoteText } from '../../../generator/compiler/print/quote.ts'
import { needs } from '../../support/needs.ts'
import { shells } from '../../support/shells.ts'
import { compileTexts } from '../../support/stage-program.ts'
import { runInNode, runInShell, scriptOf } from './both-worlds.ts'

const separators = [...'!#%&()*+,./:;<=>?@[]^_{|}~-']

/** A literal of every mark of ASCII, as a separator of text functions and in tests. */
const marks = [...`!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~ a0`].map(mark =>
  mark === "'" || mark === '\\' ? `\\${mark}` : mark,
)

const probe = `
import { after, afterLast, before, beforeAny, beforeLast, consistsOf, lines, log, split, withoutFirst, withoutPrefix, withoutSuffix, words } from './machine.ts'

const blanksAndQuote = ' \\t\\n\\v\\f\\r"'
const odd = '$*?\`\\'{}~#'

export function cuts(text: string, mark: string): void {
  log(before(text, mark))
  log(after(text, mark))
  log(beforeLast(text, mark))
  log(afterLast(text, mark))
  log(withoutPrefix(text, mark))
  log(withoutSuffix(text, mark))
  log(withoutFirst(text))
  log(beforeAny(text, blanksAndQuote))
  log(beforeAny(text, odd))
  log(\`\${text.length} \${mark.length}\`)
  log(\`\${text}\${mark}x\`)
  if (text === mark) {
    log('equal')
  } else if (mark !== '' && text !== '') {
    log('both')
  }
  if (text.startsWith(mark)) {
    log('starts')
  }
  if (!text.endsWith(mark)) {
    log('does not end')
  }
  if (text.includes(\`\${mark}a\`) || text.includes(\`a\${mark}\`)) {
    log('includes')
  }
  if (consistsOf(text, 'A-Za-z0-9_./:,@%+=-')) {
    log('consists')
  }
  switch (text) {
    case 'esac':
    case '*':
    case '':
    case "'":
    case '\\n':
      log('a label')
      break
    default:
      log('no label')
  }
}

export function walks(row: string): void {
  for (const line of lines(row)) {
    log(\`line \${line}\`)
  }
  for (const word of words(row)) {
    log(\`word \${word}\`)
  }
${separators.map((mark, index) => `  for (const field${index} of split(row, '${mark}')) {\n    log(\`field${index} \${field${index}}\`)\n  }`).join('\n')}
}

export function literals(given: string): void {
${marks
  .map(
    mark => `  log(before(given, '${mark}') + '|' + afterLast(given, 'a${mark}') + '|' + withoutPrefix(given, '${mark}${mark}'))
  if (given !== '' && (given.startsWith('${mark}') || given.endsWith('${mark}'))) {
    log('found ${mark}')
  }
  if (given !== '' && given.includes('a${mark}')) {
    log('inside ${mark}')
  }
  if (given.startsWith('${mark}a')) {
    log('begins ${mark}')
  }`,
  )
  .join('\n')}
}

export function main(): void {
  cuts('a', 'b')
  walks('a')
  literals('a')
}
`

interface Probe {
  cuts(text: string, mark: string): void
  walks(row: string): void
  literals(given: string): void
}

const seed = Number(process.env.SEED ?? 5)
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...' \t\n\'"\\$`*?[]!#~&|;<>(){}=%-^@+,./:_aaA0') },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 127 }).map(code => String.fromCharCode(code)) },
)
const text = fc.oneof(
  { weight: 6, arbitrary: fc.array(character, { maxLength: 9 }).map(all => all.join('')) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '-n',
      '-e',
      '--',
      'esac',
      '!',
      '(',
      '=',
      '-a',
      ']',
      '\\c',
      '%s',
      '$(id)',
      '`id`',
      '~',
    ),
  },
)
const pairs = fc.sample(
  fc
    .tuple(text, text)
    .chain(([one, two]) =>
      fc.constantFrom([one, two], [one + two + one, two], [two, two], [two + one, two], [one + two, two]),
    ),
  { seed, numRuns: 30 },
)

const lines = compileTexts('test/unit/compiler', { 'main.ts': probe })
const calls = pairs.flatMap(([one = '', two = '']) => [
  `cuts ${quoteText(one)} ${quoteText(two)}`,
  `walks ${quoteText(one)}`,
  `literals ${quoteText(one)}`,
])
const inNode = await runInNode<Probe>({ 'main.ts': probe }, 'main.ts', module => {
  for (const [one = '', two = ''] of pairs) {
    module.cuts(one, two)
    module.walks(one)
    module.literals(one)
  }
})

for (const shell of shells) {
  needs(test, { [shell.command[0]]: shell.package })(
    `${shell.name} cuts, tests and walks as TypeScript does`,
    () => {
      // Numbers in front of the calls tell which one differs.
      const numbered = calls.map((call, index) => `stage=${index}\nIFS=$newline\n${call}`)
      const inShell = runInShell(shell, scriptOf(lines, numbered.join('\n')))
      const got = inShell.console.split(/^aria2-initrd: /m).slice(1)
      const wanted = inNode.console.split(/^aria2-initrd: /m).slice(1)
      const at = wanted.findIndex(
        (said, index) => said.replace(/^[^:]*/, '') !== got[index]?.replace(/^[^:]*/, ''),
      )
      if (at !== -1) {
        const call = calls[Number(got[at]?.split(':')[0])] ?? '?'
        assert.unreachable(
          `SEED=${seed}: ${JSON.stringify(call)}: wanted ${JSON.stringify(wanted[at])}, got ${JSON.stringify(got[at])}`,
        )
      }
      assert.is(got.length, wanted.length)
      assert.ok(wanted.length > calls.length)
    },
  )
}

test.run()
