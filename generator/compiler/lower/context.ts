import { Node, SyntaxKind } from 'ts-morph'
import type { Diagnostic } from '../diagnostics.ts'
import { diagnosticAt } from '../load.ts'
import type { Model, StageFunction } from '../model.ts'
import { recordFields } from '../model.ts'
import { snakeCase } from '../parameters.ts'

/** Thrown where a construct has no shell; `check` finds most of it before, this is the net below. */
export class NotShell extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.message)
  }
}

export function refuse(node: Node, code: string, message: string, help: string): never {
  throw new NotShell(diagnosticAt(node, code, message, help))
}

/** What lowering knows while it is inside of a function. */
export interface Context {
  model: Model
  current: StageFunction
}

/** The shell variable that an identifier or a record's field stands for. */
export function variableName(node: Node): string | undefined {
  if (Node.isIdentifier(node)) {
    return recordFields(node.getType()) === undefined ? snakeCase(node.getText()) : undefined
  }
  if (Node.isPropertyAccessExpression(node) && recordFields(node.getExpression().getType()) !== undefined) {
    return snakeCase(node.getName())
  }
  if (Node.isParenthesizedExpression(node)) return variableName(node.getExpression())
  return undefined
}

/** Whether an identifier is the function's own word list. */
export function isWordList(node: Node): boolean {
  return Node.isIdentifier(node) && node.getType().isArray()
}

export const isNumeric = (node: Node): boolean =>
  node.getType().isNumber() || node.getType().isNumberLiteral()

/** Whether a statement is the last thing that its function does: its status is the function's then. */
export function isLast(statement: Node): boolean {
  const block = statement.getParent()
  if (block === undefined) return false
  if (Node.isBlock(block) || Node.isCaseClause(block) || Node.isDefaultClause(block)) {
    const own = block.getStatements().filter(member => member.getKind() !== SyntaxKind.BreakStatement)
    if (own.at(-1) !== statement) return false
  }
  if (Node.isFunctionDeclaration(block)) return true
  if (Node.isBlock(block) || Node.isIfStatement(block)) {
    const owner = Node.isBlock(block) ? block.getParent() : block
    if (Node.isFunctionDeclaration(owner)) return true
    return Node.isIfStatement(owner) ? isLast(owner) : false
  }
  if (Node.isCaseClause(block) || Node.isDefaultClause(block)) {
    const owner = block.getFirstAncestorByKind(SyntaxKind.SwitchStatement)
    return owner !== undefined && isLast(owner)
  }
  return false
}
