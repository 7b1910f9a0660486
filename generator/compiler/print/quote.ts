import type { Arithmetic, Pattern, PatternPart, Word, WordPart } from '../ir.ts'

/** Words that stand for themselves wherever they are; the last alternatives are the operators of `[` and find's `{}`. */
const plainWord = /^([A-Za-z0-9_./:=,@%+-]+|\]|!=?|\{\})$/

/** A text that is one word to the shell and stands for itself: bare, or in quotes. */
export function quoteText(text: string): string {
  if (plainWord.test(text)) return text
  if (!text.includes("'")) return `'${text}'`
  return `"${escapeInDoubleQuotes(text)}"`
}

function escapeInDoubleQuotes(text: string): string {
  return text.replace(/[\\"$`]/g, '\\$&')
}

/** Literal text in a pattern: inside an expansion special characters get a backslash, in `case` the text gets quotes. */
function patternLiteral(text: string, inExpansion: boolean): string {
  if (!inExpansion) return quotePatternInCase(text)
  // A backslash before a newline would take it away. % has one too: after the operator % it would make %%.
  return text.replace(/[!-~]/g, mark => (/[A-Za-z0-9_./:=,@+-]/.test(mark) ? mark : `\\${mark}`))
}

function quotePatternInCase(text: string): string {
  // `case x in esac)` would end the case.
  return plainWord.test(text) && text !== 'esac'
    ? text
    : text.includes("'")
      ? `"${escapeInDoubleQuotes(text)}"`
      : `'${text}'`
}

function patternPart(part: PatternPart, inExpansion: boolean): string {
  switch (part.kind) {
    case 'literal':
      return patternLiteral(part.text, inExpansion)
    case 'variable':
      return `"$${part.name}"`
    case 'any':
      return '*'
    case 'one':
      return '?'
    case 'oneOf':
      return `["$${part.name}"]`
    case 'noneOf':
      return `[!${part.ranges}]`
  }
}

/** A pattern in a `case` arm. */
export function printCasePattern(pattern: Pattern): string {
  const text = pattern.map(part => patternPart(part, false)).join('')
  return text === '' ? "''" : text
}

function printArithmetic(expression: Arithmetic, outer = 0): string {
  switch (expression.kind) {
    case 'integer':
      return String(expression.value)
    case 'variable':
      return expression.name
    case 'binary': {
      const rank = expression.operator === '+' || expression.operator === '-' ? 1 : 2
      const text = `${printArithmetic(expression.left, rank)} ${expression.operator} ${printArithmetic(expression.right, rank + 1)}`
      return rank < outer ? `(${text})` : text
    }
  }
}

/** Whether `${name}` needs its braces because of what follows. */
const continuesName = (next: string): boolean => /^[A-Za-z0-9_[]/.test(next)

type Expansion = Exclude<WordPart, { kind: 'literal' } | { kind: 'capture' }>

function expansion(part: Expansion, next: string): string {
  switch (part.kind) {
    case 'variable':
      return continuesName(next) ? `\${${part.name}}` : `$${part.name}`
    case 'positional':
      return part.index > 9 || /^[0-9]/.test(next) ? `\${${part.index}}` : `$${part.index}`
    case 'arguments':
      return '$@'
    case 'argumentCount':
      return '$#'
    case 'status':
      return '$?'
    case 'length':
      return `\${#${part.name}}`
    case 'trim':
      return `\${${part.name}${part.side}${part.pattern.map(p => patternPart(p, true)).join('')}}`
    case 'arithmetic':
      return `$((${printArithmetic(part.expression)}))`
  }
}

/** Everything in one pair of double quotes. */
function doubleQuoted(word: Word, printCommand: (part: WordPart) => string): string {
  let text = ''
  for (let index = word.length - 1; index >= 0; index -= 1) {
    const part = word[index]
    if (part === undefined) continue
    if (part.kind === 'literal') {
      text = escapeInDoubleQuotes(part.text) + text
    } else if (part.kind === 'capture') text = printCommand(part) + text
    else text = expansion(part, text) + text
  }
  return `"${text}"`
}

/** A word as an argument: quoted unless it is a plain literal. Even a number would be split if IFS held a digit. */
export function printWord(word: Word, printCommand: (part: WordPart) => string): string {
  const [only] = word
  if (only === undefined) return "''"
  if (word.length === 1 && only.kind === 'literal') {
    return quoteText(only.text)
  }
  return doubleQuoted(word, printCommand)
}

/** A word where nothing is ever split (the right side of `=`, the subject of `case`): one expansion needs no quotes. */
export function printUnsplitWord(word: Word, printCommand: (part: WordPart) => string): string {
  const [only] = word
  if (only === undefined) return ''
  if (word.length > 1 || only.kind === 'literal') return printWord(word, printCommand)
  return only.kind === 'capture' ? printCommand(only) : expansion(only, '')
}
