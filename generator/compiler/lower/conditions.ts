/** Expressions as conditions: `[ ]`, a command, or a pattern test; never a value that stands for true or false. */

import { type BinaryExpression, type CallExpression, type Expression, Node, SyntaxKind } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Command, Pattern, Word } from '../ir.ts'
import { command } from '../machine-table.ts'
import { machineMember } from '../model.ts'
import { callForm } from './call-form.ts'
import { chosen, isCutWithFallback } from './choices.ts'
import { lowerCommandCall } from './command-calls.ts'
import { type Context, isEmptyText, isNumeric, refuse, variableName } from './context.ts'
import { lowerArguments, lowerPattern, lowerWord } from './words.ts'

const any = { kind: 'any' } as const

/** Whether a text matches one of some patterns: what `case` can decide. */
export interface PatternTest {
  subject: Word
  patterns: Pattern[]
  /** The condition holds when a pattern matches, or when none does. */
  matches: boolean
}

const textTests: Record<string, (argument: Pattern) => Pattern> = {
  startsWith: argument => [...argument, any],
  endsWith: argument => [any, ...argument],
  includes: argument => [any, ...argument, any],
}

/** What a `case` can look at: a variable, or one that a text function cuts. */
function subjectOf(node: Expression, context: Context): Word | undefined {
  const isText = Node.isCallExpression(node) && callForm(node, context)?.kind === 'text'
  return variableName(node) !== undefined || (isText && !isCutWithFallback(node))
    ? lowerWord(node, context)
    : undefined
}

const isSame = (one: Word | undefined, other: Word | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other)

function callPatternTest(node: CallExpression, context: Context): PatternTest | undefined {
  const callee = node.getExpression()
  const [first, second] = node.getArguments() as Expression[]
  if (Node.isPropertyAccessExpression(callee) && first !== undefined) {
    const pattern = Object.hasOwn(textTests, callee.getName()) ? textTests[callee.getName()] : undefined
    const subject = subjectOf(callee.getExpression(), context)
    if (pattern === undefined || subject === undefined) return undefined
    return { subject, patterns: [pattern(lowerPattern(first, context))], matches: true }
  }
  if (callee.getText() === 'consistsOf' && first !== undefined && second !== undefined) {
    const subject = subjectOf(first, context)
    if (subject === undefined || !Node.isStringLiteral(second)) {
      return refuse(node, says['nested-text'].consistsOf())
    }
    const ranges = second.getLiteralText()
    return { subject, patterns: [[any, { kind: 'noneOf', ranges }, any]], matches: false }
  }
  return undefined
}

/** `text === 'literal'`: beside patterns it is one of them, alone it is a plain test. */
function equalityTest(node: BinaryExpression, context: Context): PatternTest | undefined {
  const operator = node.getOperatorToken().getKind()
  const matches = operator === SyntaxKind.EqualsEqualsEqualsToken
  const subject = subjectOf(node.getLeft(), context)
  const right = node.getRight()
  if (!matches && operator !== SyntaxKind.ExclamationEqualsEqualsToken) return undefined
  if (subject === undefined || !Node.isStringLiteral(right) || isNumeric(node.getLeft())) return undefined
  return { subject, patterns: [lowerPattern(right, context)], matches }
}

/** A condition as a pattern test, when it is one: alternatives for one variable, or that none of them holds. */
export function patternTest(node: Expression, context: Context): PatternTest | undefined {
  const test = textTest(node, context)
  return test?.patterns.some(pattern => pattern.some(({ kind }) => kind === 'any')) ? test : undefined
}

function textTest(node: Expression, context: Context): PatternTest | undefined {
  if (Node.isParenthesizedExpression(node)) return textTest(node.getExpression(), context)
  if (Node.isCallExpression(node)) return callPatternTest(node, context)
  if (Node.isPrefixUnaryExpression(node) && node.getOperatorToken() === SyntaxKind.ExclamationToken) {
    const inner = textTest(node.getOperand(), context)
    return inner && { ...inner, matches: !inner.matches }
  }
  if (Node.isBinaryExpression(node)) {
    const operator = node.getOperatorToken().getKind()
    const joins =
      operator === SyntaxKind.BarBarToken
        ? true
        : operator === SyntaxKind.AmpersandAmpersandToken
          ? false
          : undefined
    if (joins === undefined) return equalityTest(node, context)
    const left = textTest(node.getLeft(), context)
    const right = textTest(node.getRight(), context)
    if (!isSame(left?.subject, right?.subject) || left?.matches !== joins || right?.matches !== joins)
      return undefined
    return { ...left, patterns: [...left.patterns, ...right.patterns] }
  }
  return undefined
}

/** A piece of a condition: one that a `case` decides, or any other. */
export type Conjunct = { test: PatternTest } | { condition: Expression }

/** What has to hold for an `a && b && …`, in order, with neighbours that one `case` can decide put together. */
export function conjuncts(node: Expression, context: Context): Conjunct[] {
  if (Node.isParenthesizedExpression(node)) return conjuncts(node.getExpression(), context)
  const test = patternTest(node, context)
  if (test !== undefined) return [{ test }]
  const isAnd =
    Node.isBinaryExpression(node) && node.getOperatorToken().getKind() === SyntaxKind.AmpersandAmpersandToken
  if (!isAnd) return [{ condition: node }]
  const left = conjuncts(node.getLeft(), context)
  const last = left.at(-1)
  const [next, ...others] = conjuncts(node.getRight(), context)
  if (next === undefined) return left
  const lastTest =
    last === undefined ? undefined : 'test' in last ? last.test : textTest(last.condition, context)
  const nextTest = 'test' in next ? next.test : textTest(next.condition, context)
  const isOne =
    lastTest !== undefined &&
    nextTest !== undefined &&
    ('test' in next || (last !== undefined && 'test' in last)) &&
    isSame(lastTest.subject, nextTest.subject) &&
    !lastTest.matches &&
    !nextTest.matches
  if (!isOne) return [...left, next, ...others]
  const patterns = [...lastTest.patterns, ...nextTest.patterns]
  return [...left.slice(0, -1), { test: { ...lastTest, patterns } }, ...others]
}

/** A single pattern as `[ ]`: the text loses something where the pattern matches. */
function patternAsTest(
  node: Expression,
  { subject, patterns: [pattern = []], matches }: PatternTest,
): Command {
  const [variable] = subject
  if (variable?.kind !== 'variable') return refuse(node, says.pattern.amongOthers())
  const isNeverEmpty = (part: Pattern[number]): boolean =>
    part.kind === 'literal' || part.kind === 'noneOf' || (part.kind === 'variable' && part.name === 'newline')
  if (!pattern.some(isNeverEmpty)) {
    return refuse(node, says.pattern.amongOthers())
  }
  const fromEnd = pattern[0]?.kind === 'any' && pattern.at(-1)?.kind !== 'any'
  const side = fromEnd ? '%' : '#'
  // The outer `*` of the far end is not needed: cutting off the near end tells as much.
  const shortest = fromEnd
    ? pattern.slice(1)
    : pattern.at(-1)?.kind === 'any'
      ? pattern.slice(0, -1)
      : pattern
  return command(
    '[',
    [{ kind: 'trim', name: variable.name, side, pattern: shortest }],
    matches ? '!=' : '=',
    subject,
    ']',
  )
}

const comparisons: Partial<Record<SyntaxKind, { text?: string; number: string; opposite: SyntaxKind }>> = {
  [SyntaxKind.EqualsEqualsEqualsToken]: {
    text: '=',
    number: '-eq',
    opposite: SyntaxKind.ExclamationEqualsEqualsToken,
  },
  [SyntaxKind.ExclamationEqualsEqualsToken]: {
    text: '!=',
    number: '-ne',
    opposite: SyntaxKind.EqualsEqualsEqualsToken,
  },
  [SyntaxKind.LessThanToken]: { number: '-lt', opposite: SyntaxKind.GreaterThanEqualsToken },
  [SyntaxKind.LessThanEqualsToken]: { number: '-le', opposite: SyntaxKind.GreaterThanToken },
  [SyntaxKind.GreaterThanToken]: { number: '-gt', opposite: SyntaxKind.LessThanEqualsToken },
  [SyntaxKind.GreaterThanEqualsToken]: { number: '-ge', opposite: SyntaxKind.LessThanToken },
}

function lowerComparison(
  left: Expression,
  operator: SyntaxKind,
  right: Expression,
  holds: boolean,
  context: Context,
): Command | undefined {
  const kind = holds ? operator : comparisons[operator]?.opposite
  const comparison = kind === undefined ? undefined : comparisons[kind]
  if (comparison === undefined) return undefined
  if (isNumeric(left) && isNumeric(right))
    return command('[', lowerWord(left, context), comparison.number, lowerWord(right, context), ']')
  if (comparison.text === undefined) {
    return refuse(left, says['order-of-text'].comparison())
  }
  if (isEmptyText(right))
    return command('[', comparison.text === '=' ? '-z' : '-n', lowerWord(left, context), ']')
  return command('[', lowerWord(left, context), comparison.text, lowerWord(right, context), ']')
}

/** `! command`; a test carries its `!` inside. */
function negate(inner: Command): Command {
  if (inner.kind === 'command' && inner.name === '[') {
    return { ...inner, words: [[{ kind: 'literal', text: '!' }], ...inner.words] }
  }
  return { kind: 'not', command: inner }
}

/** A boolean expression as a command whose status says whether it holds. */
export function lowerCondition(given: Expression, context: Context, holds = true): Command {
  const node = chosen(given, context)
  if (Node.isParenthesizedExpression(node)) return lowerCondition(node.getExpression(), context, holds)
  if (Node.isPrefixUnaryExpression(node) && node.getOperatorToken() === SyntaxKind.ExclamationToken) {
    return lowerCondition(node.getOperand(), context, !holds)
  }
  if (node.getKind() === SyntaxKind.TrueKeyword || node.getKind() === SyntaxKind.FalseKeyword) {
    return command((node.getKind() === SyntaxKind.TrueKeyword) === holds ? ':' : 'false')
  }
  if (Node.isBinaryExpression(node)) {
    const operator = node.getOperatorToken().getKind()
    const isAnd = operator === SyntaxKind.AmpersandAmpersandToken
    if (isAnd || operator === SyntaxKind.BarBarToken) {
      const left = lowerCondition(node.getLeft(), context, holds)
      const right = lowerCondition(node.getRight(), context, holds)
      return { kind: isAnd === holds ? 'and' : 'or', left, right }
    }
    const comparison = lowerComparison(node.getLeft(), operator, node.getRight(), holds, context)
    if (comparison !== undefined) return comparison
  }
  if (Node.isCallExpression(node)) {
    const found = callPatternTest(node, context)
    if (found !== undefined) return patternAsTest(node, { ...found, matches: found.matches === holds })
    const callee = node.getExpression().getText()
    const member = context.model.functions.has(callee) ? undefined : machineMember(callee)
    let inner: Command | undefined
    if (callee === 'succeeds') inner = lowerGuarded(node, context)
    else if (member?.kind === 'predicate') inner = member.emit(lowerArguments(node.getArguments(), context))
    else if (context.model.functions.get(callee)?.kind === 'predicate')
      inner = lowerCommandCall(node, context)
    if (inner !== undefined) return holds ? inner : negate(inner)
  }
  return refuse(node, says['no-condition'].other(node.getText()))
}

/** The one command inside of `succeeds(() => …)`. */
export function lowerGuarded(node: CallExpression, context: Context): Command {
  const [arrow] = node.getArguments()
  const body = Node.isArrowFunction(arrow) ? arrow.getBody() : undefined
  if (body === undefined || !Node.isCallExpression(body)) {
    return refuse(node, says.succeeds.arrow())
  }
  const form = callForm(body, context)
  if (form?.kind === 'predicate' || form?.kind === 'provider' || form?.kind === 'special') {
    return refuse(
      body,
      (form.kind === 'predicate' ? says.succeeds.predicate : says.succeeds.value)(
        body.getExpression().getText(),
      ),
    )
  }
  return lowerCommandCall(body, context)
}
