import type { Arithmetic, Pattern, PatternPart, SplitText, Word, WordPart } from '../ir.ts'

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

type PrintCommand = (part: WordPart) => string

function printArithmetic(expression: Arithmetic, printCommand: PrintCommand, outer = 0): string {
  switch (expression.kind) {
    case 'integer':
      return String(expression.value)
    case 'variable':
      return isPositional(expression.name) ? `$${expression.name}` : expression.name
    case 'capture':
      return printCommand(expression)
    case 'binary': {
      const rank = expression.operator === '+' || expression.operator === '-' ? 1 : 2
      const left = printArithmetic(expression.left, printCommand, rank)
      const right = printArithmetic(expression.right, printCommand, rank + 1)
      const text = `${left} ${expression.operator} ${right}`
      return rank < outer ? `(${text})` : text
    }
  }
}

/** `1` names the first positional parameter. */
const isPositional = (name: string): boolean => /^[0-9]/.test(name)

/** Whether `${name}` needs its braces because of what follows. */
const continuesName = (name: string, next: string): boolean =>
  (isPositional(name) ? /^[0-9[]/ : /^[A-Za-z0-9_[]/).test(next)

type Expansion = Exclude<WordPart, { kind: 'literal' } | { kind: 'capture' } | { kind: 'split' }>

function expansion(part: Expansion, next: string, printCommand: PrintCommand): string {
  switch (part.kind) {
    case 'variable':
      return continuesName(part.name, next) ? `\${${part.name}}` : `$${part.name}`
    case 'positional':
      if (part.orEmpty) return `\${${part.index}-}`
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
      return `$((${printArithmetic(part.expression, printCommand)}))`
    case 'job':
      return '$!'
    case 'choice': {
      const operator = part.when === 'empty' ? ':-' : ':+'
      return `\${${part.name}${operator}${doubleQuoted(part.word, printCommand).slice(1, -1)}}`
    }
  }
}

/** Everything in one pair of double quotes. */
function doubleQuoted(word: Word, printCommand: PrintCommand): string {
  let text = ''
  for (let index = word.length - 1; index >= 0; index -= 1) {
    const part = word[index]
    if (part === undefined) continue
    if (part.kind === 'literal') {
      text = escapeInDoubleQuotes(part.text) + text
    } else if (part.kind === 'capture' || part.kind === 'split') text = printCommand(part) + text
    else text = expansion(part, text, printCommand) + text
  }
  return `"${text}"`
}

/** A word as an argument: quoted unless it is a plain literal. Even a number would be split if IFS held a digit. */
export function printWord(word: Word, printCommand: PrintCommand): string {
  const [only] = word
  if (only === undefined) return "''"
  if (word.length === 1 && only.kind === 'literal') {
    return quoteText(only.text)
  }
  if (only.kind === 'split') return printSplit(only.text, printCommand)
  return doubleQuoted(word, printCommand)
}

/** What is split on purpose: the only thing that goes without quotes where shell cuts words. */
export function printSplit(text: SplitText, printCommand: PrintCommand): string {
  return text.kind === 'capture' ? printCommand(text) : expansion(text, '', printCommand)
}

/** A word where nothing is ever split (the right side of `=`, the subject of `case`): one expansion needs no quotes. */
export function printUnsplitWord(word: Word, printCommand: PrintCommand): string {
  const [only] = word
  if (only === undefined) return ''
  if (word.length > 1 || only.kind === 'literal' || only.kind === 'choice' || only.kind === 'split')
    return printWord(word, printCommand)
  return only.kind === 'capture' ? printCommand(only) : expansion(only, '', printCommand)
}
