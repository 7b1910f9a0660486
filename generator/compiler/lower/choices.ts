/**
 * One value or another: `test ? a : b`, and text functions that say what it is where there is no separator. Shell has that
 * for whole statements alone: the statement is written twice, in the arms of an `if` or a `case`.
 */
import {
  type CallExpression,
  type ConditionalExpression,
  type Expression,
  Node,
  SyntaxKind,
  type Statement as TsStatement,
} from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Pattern, Word } from '../ir.ts'
import { machineMember } from '../model.ts'
import { callForm } from './call-form.ts'
import { type Context, isEmptyText, refuse, variableName } from './context.ts'

export type Choice = ConditionalExpression | CallExpression

/** `after(text, '=', '')`: the last argument is for texts without the separator. */
export const isCutWithFallback = (node: Node): node is CallExpression =>
  Node.isCallExpression(node) &&
  node.getArguments().length === 3 &&
  machineMember(node.getExpression().getText())?.kind === 'text'

/** What a choice is in the arm that is being lowered; other expressions are themselves. */
export function chosen(node: Expression, context: Context): Expression {
  const taken = context.decided.get(node)
  if (taken === undefined || !Node.isConditionalExpression(node)) return node
  return chosen(taken ? node.getWhenTrue() : node.getWhenFalse(), context)
}

/** Text that means the same inside of `${x:-…}` and outside. */
function isPlain(node: Expression): boolean {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node))
    return /^[A-Za-z0-9_./:=,@%+ -]*$/.test(node.getLiteralText())
  if (Node.isTemplateExpression(node)) {
    const texts = [node.getHead(), ...node.getTemplateSpans().map(span => span.getLiteral())]
    return (
      texts.every(each => /^[A-Za-z0-9_./:=,@%+ -]*$/.test(each.getLiteralText())) &&
      node.getTemplateSpans().every(span => variableName(span.getExpression()) !== undefined)
    )
  }
  return variableName(node) !== undefined
}

/**
 * A choice that an expansion can make: `x === '' ? a : x` is `${x:-a}`, and `x === '' ? '' : a` is `${x:+a}`.
 */
export function expansionChoice(
  node: ConditionalExpression,
): { name: string; when: 'empty' | 'full'; word: Expression } | undefined {
  const test = node.getCondition()
  if (!Node.isBinaryExpression(test) || !isEmptyText(test.getRight())) return undefined
  const operator = test.getOperatorToken().getKind()
  const isEqual = operator === SyntaxKind.EqualsEqualsEqualsToken
  if (!isEqual && operator !== SyntaxKind.ExclamationEqualsEqualsToken) return undefined
  const name = variableName(test.getLeft())
  const whenEmpty = isEqual ? node.getWhenTrue() : node.getWhenFalse()
  const whenFull = isEqual ? node.getWhenFalse() : node.getWhenTrue()
  if (name === undefined) return undefined
  if (variableName(whenFull) === name && isPlain(whenEmpty)) return { name, when: 'empty', word: whenEmpty }
  if (isEmptyText(whenEmpty) && isPlain(whenFull)) return { name, when: 'full', word: whenFull }
  return undefined
}

/** Choices that are not made yet, but for those inside of others. */
function openChoices(node: Node, context: Context): Choice[] {
  if (Node.isConditionalExpression(node)) {
    const taken = context.decided.get(node)
    if (taken !== undefined) return openChoices(taken ? node.getWhenTrue() : node.getWhenFalse(), context)
    return expansionChoice(node) === undefined ? [node] : []
  }
  if (isCutWithFallback(node)) {
    const taken = context.decided.get(node)
    if (taken === undefined) return [node]
    return taken ? [] : openChoices(node.getArguments()[2] as Node, context)
  }
  return node.forEachChildAsArray().flatMap(each => openChoices(each, context))
}

/** The expression that a simple statement is about. */
function expressionOf(statement: TsStatement): Node | undefined {
  if (Node.isExpressionStatement(statement) || Node.isReturnStatement(statement))
    return statement.getExpression()
  if (!Node.isVariableStatement(statement)) return undefined
  return statement.getDeclarations()[0]?.getInitializer()
}

/** The choice that a statement hangs on; two of them, or one after a command, would change what is done when. */
export function openChoice(statement: TsStatement, context: Context): Choice | undefined {
  const whole = expressionOf(statement)
  if (whole === undefined) return undefined
  const [first, second] = openChoices(whole, context)
  if (second !== undefined) return refuse(second, says.choice.second())
  if (first === undefined) return undefined
  const before = whole
    .getDescendantsOfKind(SyntaxKind.CallExpression)
    .find(
      each =>
        each.getEnd() <= first.getStart() &&
        ['value', 'status', 'predicate'].includes(callForm(each, context)?.kind ?? ''),
    )
  if (before !== undefined) {
    return refuse(first, says.choice.afterCall(before.getExpression().getText()))
  }
  return first
}

/** What a text with its separator in it looks like, from the expansion that cuts it there. */
export function separatorTest(
  node: CallExpression,
  pattern: (argument: Expression) => Pattern,
): { subject: Word; patterns: Pattern[] } {
  const [subject, separator] = node.getArguments() as Expression[]
  const member = machineMember(node.getExpression().getText())
  const name = subject === undefined ? undefined : variableName(subject)
  if (name === undefined || separator === undefined || member?.kind !== 'text') {
    return refuse(node, says['nested-text'].variable(node.getExpression().getText()))
  }
  const { side, pattern: cut } = member.emit(name, pattern(separator), variableName(separator))
  const any = { kind: 'any' } as const
  const whole = side.startsWith('#') ? [...cut, any] : [any, ...cut]
  const patterns = [whole.filter((part, index) => part.kind !== 'any' || whole[index - 1]?.kind !== 'any')]
  return { subject: [{ kind: 'variable', name }], patterns }
}
