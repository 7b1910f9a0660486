/** Expressions as words: one shell word each, whatever the value holds. */

import { type CallExpression, type Expression, Node, SyntaxKind } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Arithmetic, Pattern, Word, WordPart } from '../ir.ts'
import { machineMember } from '../model.ts'
import { isNumeric, isWordList, refuse, variableName } from './context.ts'

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
export function lowerArithmetic(node: Expression): Arithmetic {
  if (Node.isParenthesizedExpression(node)) return lowerArithmetic(node.getExpression())
  if (Node.isNumericLiteral(node)) return { kind: 'integer', value: node.getLiteralValue() }
  const name = variableName(node)
  if (name !== undefined) return { kind: 'variable', name }
  if (Node.isBinaryExpression(node)) {
    const operator = operators[node.getOperatorToken().getKind()]
    if (operator !== undefined) {
      return {
        kind: 'binary',
        operator,
        left: lowerArithmetic(node.getLeft()),
        right: lowerArithmetic(node.getRight()),
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
        left: lowerArithmetic(quotient.getLeft()),
        right: lowerArithmetic(quotient.getRight()),
      }
    }
  }
  return refuse(node, says.arithmetic.noInteger(node.getText()))
}

/** An expression as a pattern that matches just its text. */
export function lowerPattern(node: Expression): Pattern {
  return lowerWord(node).map(part => {
    if (part.kind === 'literal' || part.kind === 'variable') return part
    return refuse(node, says.pattern.computed())
  })
}

/** Text functions of the machine: parameter expansions of a variable. */
function lowerTextCall(node: CallExpression): WordPart | undefined {
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
  return member.emit(name, argument === undefined ? [] : lowerPattern(argument), argumentName)
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
export function lowerWord(node: Expression): Word {
  if (Node.isParenthesizedExpression(node)) return lowerWord(node.getExpression())
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node))
    return textParts(node.getLiteralText())
  if (Node.isNumericLiteral(node)) return [{ kind: 'literal', text: String(node.getLiteralValue()) }]
  if (Node.isTemplateExpression(node)) {
    return [
      ...textParts(node.getHead().getLiteralText()),
      ...node
        .getTemplateSpans()
        .flatMap(span => [
          ...lowerWord(span.getExpression()),
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
    const part = lowerTextCall(node)
    if (part !== undefined) return [part]
    if (node.getExpression().getText() === 'Math.trunc') {
      return [{ kind: 'arithmetic', expression: lowerArithmetic(node) }]
    }
    return refuse(node, says['nested-call'].word(node.getExpression().getText()))
  }
  if (Node.isBinaryExpression(node) && isNumeric(node)) {
    return [{ kind: 'arithmetic', expression: lowerArithmetic(node) }]
  }
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getKind() === SyntaxKind.PlusToken) {
    return joined([...lowerWord(node.getLeft()), ...lowerWord(node.getRight())])
  }
  return refuse(node, says['no-word'].other(node.getText()))
}

/** Arguments of a call: records are not passed, a spread of the word list is `"$@"`. */
export function lowerArguments(nodes: Node[], isPassed: (node: Expression) => boolean): Word[] {
  return (nodes as Expression[]).filter(isPassed).map((node): Word => {
    if (Node.isSpreadElement(node)) {
      if (isWordList(node.getExpression())) return [{ kind: 'arguments' }]
      return refuse(node, says.spread.other())
    }
    return lowerWord(node)
  })
}
