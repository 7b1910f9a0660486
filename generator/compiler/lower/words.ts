/** Expressions as words: one shell word each, whatever the value holds. */

import { type CallExpression, type Expression, Node, SyntaxKind } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Arithmetic, Pattern, SimpleCommand, SplitText, Word, WordPart } from '../ir.ts'
import { command } from '../machine-table.ts'
import { machineMember } from '../model.ts'
import { callForm, isPassed, refuseNested } from './call-form.ts'
import { chosen, expansionChoice, isCutWithFallback } from './choices.ts'
import { type Context, isNumeric, isWordList, refuse, variableName } from './context.ts'

/** Literal text; a newline in it is the constant of that name. */
export function textParts(text: string): WordPart[] {
  return text
    .split(/(\n)/)
    .filter(piece => piece !== '')
    .map(piece => (piece === '\n' ? { kind: 'variable', name: 'newline' } : { kind: 'literal', text: piece }))
}

const operators: Partial<Record<SyntaxKind, '+' | '-' | '*' | '%'>> = {
  [SyntaxKind.PlusToken]: '+',
  [SyntaxKind.MinusToken]: '-',
  [SyntaxKind.AsteriskToken]: '*',
  [SyntaxKind.PercentToken]: '%',
}

/** Integer arithmetic. Division is written Math.trunc(a / b), as shell rounds. */
export function lowerArithmetic(given: Expression, context: Context): Arithmetic {
  const node = chosen(given, context)
  if (Node.isParenthesizedExpression(node)) return lowerArithmetic(node.getExpression(), context)
  if (Node.isNumericLiteral(node)) return { kind: 'integer', value: node.getLiteralValue() }
  const name = variableName(node)
  if (name !== undefined) return { kind: 'variable', name }
  if (Node.isBinaryExpression(node)) {
    const operator = operators[node.getOperatorToken().getKind()]
    if (operator !== undefined) {
      return {
        kind: 'binary',
        operator,
        left: lowerArithmetic(node.getLeft(), context),
        right: lowerArithmetic(node.getRight(), context),
      }
    }
  }
  if (Node.isCallExpression(node) && node.getExpression().getText() === 'Math.trunc') {
    const [quotient] = node.getArguments()
    if (
      Node.isBinaryExpression(quotient) &&
      quotient.getOperatorToken().getKind() === SyntaxKind.SlashToken
    ) {
      return {
        kind: 'binary',
        operator: '/',
        left: lowerArithmetic(quotient.getLeft(), context),
        right: lowerArithmetic(quotient.getRight(), context),
      }
    }
  }
  if (Node.isCallExpression(node)) {
    const form = callForm(node, context)
    if (form?.kind === 'value' && !form.canFail)
      return { kind: 'capture', command: lowerValueCall(node, context) }
    if (form !== undefined) return refuseNested(node, context)
  }
  refuseChoice(node)
  return refuse(node, says.arithmetic.noInteger(node.getText()))
}

/** An expression as a pattern that matches just its text. */
export function lowerPattern(node: Expression, context: Context): Pattern {
  return lowerWord(node, context).map(part => {
    if (part.kind === 'literal' || part.kind === 'variable') return part
    return refuse(node, says.pattern.computed())
  })
}

/** Text functions of the machine: parameter expansions of a variable. */
function lowerTextCall(node: CallExpression, context: Context): WordPart | undefined {
  const callee = node.getExpression().getText()
  const member = machineMember(callee)
  if (member?.kind !== 'text') return undefined
  const [subject, argument] = node.getArguments() as Expression[]
  const name = subject === undefined ? undefined : variableName(subject)
  if (name === undefined) {
    return refuse(node, says['nested-text'].variable(callee))
  }
  const argumentName = argument === undefined ? undefined : variableName(argument)
  if (callee === 'beforeAny' && argumentName === undefined) {
    return refuse(node, says['nested-text'].beforeAny())
  }
  return member.emit(name, argument === undefined ? [] : lowerPattern(argument, context), argumentName)
}

/** Literals side by side as one. */
function joined(parts: Word): Word {
  const word: Word = []
  for (const part of parts) {
    const last = word.at(-1)
    if (last?.kind === 'literal' && part.kind === 'literal')
      word[word.length - 1] = { ...last, text: last.text + part.text }
    else word.push(part)
  }
  return word
}

/** An expression as one word. */
export function lowerWord(given: Expression, context: Context): Word {
  const node = chosen(given, context)
  if (Node.isParenthesizedExpression(node)) return lowerWord(node.getExpression(), context)
  if (Node.isConditionalExpression(node)) {
    const choice = expansionChoice(node)
    if (choice === undefined) refuseChoice(node)
    else return [{ ...choice, kind: 'choice', word: lowerWord(choice.word, context) }]
  }
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node))
    return textParts(node.getLiteralText())
  if (Node.isNumericLiteral(node)) return [{ kind: 'literal', text: String(node.getLiteralValue()) }]
  if (Node.isTemplateExpression(node)) {
    return [
      ...textParts(node.getHead().getLiteralText()),
      ...node
        .getTemplateSpans()
        .flatMap(span => [
          ...lowerWord(span.getExpression(), context),
          ...textParts(span.getLiteral().getLiteralText()),
        ]),
    ]
  }
  const name = variableName(node)
  if (name !== undefined && !isWordList(node)) return [{ kind: 'variable', name }]
  if (Node.isPropertyAccessExpression(node) && node.getName() === 'length') {
    if (isWordList(node.getExpression())) return [{ kind: 'argumentCount' }]
    const measured = variableName(node.getExpression())
    if (measured !== undefined) return [{ kind: 'length', name: measured }]
  }
  if (Node.isCallExpression(node)) {
    if (isCutWithFallback(node)) {
      const taken = context.decided.get(node)
      if (taken === undefined) refuseChoice(node)
      if (taken === false) return lowerWord(node.getArguments()[2] as Expression, context)
    }
    const part = lowerTextCall(node, context)
    if (part !== undefined) return [part]
    if (node.getExpression().getText() === 'Math.trunc') {
      return [{ kind: 'arithmetic', expression: lowerArithmetic(node, context) }]
    }
    const form = callForm(node, context)
    if (form?.kind === 'value' && !form.canFail)
      return [{ kind: 'capture', command: lowerValueCall(node, context) }]
    return refuseNested(node, context)
  }
  if (Node.isBinaryExpression(node) && isNumeric(node)) {
    return [{ kind: 'arithmetic', expression: lowerArithmetic(node, context) }]
  }
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getKind() === SyntaxKind.PlusToken) {
    return joined([...lowerWord(node.getLeft(), context), ...lowerWord(node.getRight(), context)])
  }
  return refuse(node, says['no-word'].other(node.getText()))
}

/** A choice where no statement can be written twice. */
function refuseChoice(node: Node): void {
  if (Node.isConditionalExpression(node) || isCutWithFallback(node)) refuse(node, says.choice.noPlace())
}

/** A call that prints its value, to be captured or to be the value of the function that it ends. */
export function lowerValueCall(node: CallExpression, context: Context): SimpleCommand {
  const name = node.getExpression().getText()
  const words = lowerArguments(node.getArguments(), context, isPassed)
  const target = context.model.functions.get(name)
  if (target?.kind === 'value') return command(target.shellName, ...words)
  const member = machineMember(name)
  if (target === undefined && (member?.kind === 'value' || member?.kind === 'status'))
    return member.emit(words)
  return refuse(node, says['unknown-call'].noValue(name))
}

/** A text that is cut, and what stands between its pieces. */
export interface Split {
  text: SplitText
  separators: Word
}

export const isFields = (node: Node): node is CallExpression =>
  Node.isCallExpression(node) && node.getExpression().getText() === 'fields'

/** What lines(…), words(…) and split(…) cut into words; fields(…) makes names of its pieces, not words. */
export const lowerSplit = (node: Expression, context: Context): Split | undefined =>
  Node.isCallExpression(node) && !isFields(node) ? lowerCut(node, context) : undefined

/** A call of one of the functions that cut a text. */
export function lowerCut(node: CallExpression, context: Context): Split | undefined {
  const member = machineMember(node.getExpression().getText())
  const [text, separator] = node.getArguments() as Expression[]
  if (member?.kind !== 'words' || text === undefined) return undefined
  const separators =
    member.separators === 'argument' ? lowerWord(separator as Expression, context) : member.separators
  const [only, ...others] = lowerWord(text, context)
  if (others.length > 0 || (only?.kind !== 'variable' && only?.kind !== 'capture')) return undefined
  return { text: only, separators }
}

/** `...list`: the word list of the function, or a text that IFS cuts. */
function lowerSpread(node: Expression, context: Context): Word {
  if (isWordList(node)) return [{ kind: 'arguments' }]
  const split = lowerSplit(node, context)
  if (split === undefined) return refuse(node, says.spread.other())
  const { split: statement } = context
  if (statement === undefined) return refuse(node, says.spread.noStatement())
  if (
    statement.separators !== undefined &&
    JSON.stringify(statement.separators) !== JSON.stringify(split.separators)
  )
    return refuse(node, says.spread.twoMarks())
  statement.separators = split.separators
  return [{ kind: 'split', text: split.text }]
}

/** Arguments of a call: records are not passed, a spread list is several words. */
export function lowerArguments(
  nodes: Node[],
  context: Context,
  isGiven: (node: Expression) => boolean = () => true,
): Word[] {
  return (nodes as Expression[])
    .filter(isGiven)
    .map(node =>
      Node.isSpreadElement(node) ? lowerSpread(node.getExpression(), context) : lowerWord(node, context),
    )
}
