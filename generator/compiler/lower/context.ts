import { Node, SyntaxKind } from 'ts-morph'
import { snakeCase } from '../declared-parameters.ts'
import type { Said } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Word } from '../ir.ts'
import type { Model, StageFunction } from '../model.ts'
import { isNumberType, recordFields } from '../model.ts'
import { diagnosticAt } from '../places.ts'

/** Thrown where a construct has no shell; `check` finds most of it before, this is the net below. */
export class NotShell extends Error {
  constructor(readonly diagnostic: Diagnostic) {
    super(diagnostic.message)
  }
}

/** @param other the place that makes it one, and what stands there */
export function refuse(node: Node, said: Said, other?: { node: Node; label: string }): never {
  throw new NotShell(diagnosticAt(node, said, other))
}

/** What lowering knows of an expression. */
export interface Context {
  model: Model
  /** Choices that are made: whether the first of the two is taken. */
  decided: ReadonlyMap<Node, boolean>
  /** In a statement that may split one text into words: at what, as soon as it is known. */
  split?: { separators?: Word }
}

/** What lowering knows while it is inside of a function. */
export interface FunctionContext extends Context {
  current: StageFunction
  /** What has no shell so far; each refused statement adds one, and lowering goes on with the next. */
  diagnostics: Diagnostic[]
}

/** Lowers a piece; where it has no shell it is left out and the diagnostic kept. */
export function attempt<T>(diagnostics: Diagnostic[], lower: () => T[]): T[] {
  try {
    return lower()
  } catch (error) {
    if (!(error instanceof NotShell)) throw error
    diagnostics.push(error.diagnostic)
    return []
  }
}

/** The shell variable that an identifier or a record's field stands for. */
export function variableName(node: Node): string | undefined {
  if (Node.isIdentifier(node)) {
    return recordFields(node.getType()) === undefined ? snakeCase(node.getText()) : undefined
  }
  if (Node.isPropertyAccessExpression(node) && Node.isIdentifier(node.getExpression())) {
    return recordFields(node.getExpression().getType()) === undefined ? undefined : snakeCase(node.getName())
  }
  if (Node.isParenthesizedExpression(node)) return variableName(node.getExpression())
  return undefined
}

/** Whether an identifier is the function's own word list. */
export function isWordList(node: Node): boolean {
  return Node.isIdentifier(node) && node.getType().isArray()
}

export const isEmptyText = (node: Node): boolean =>
  (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node)) && node.getLiteralText() === ''

export const isNumeric = (node: Node): boolean => isNumberType(node.getType())

/** `return { a, b }`: the variables are there already, nothing is left to do in shell. */
function isSilentReturn(node: Node | undefined): boolean {
  const value = Node.isReturnStatement(node) ? node.getExpression() : undefined
  return (
    Node.isObjectLiteralExpression(value) && value.getProperties().every(Node.isShorthandPropertyAssignment)
  )
}

/** Whether a statement is the last thing that its function does: its status is the function's then. */
export function isLast(statement: Node): boolean {
  const block = statement.getParent()
  if (block === undefined) return false
  if (Node.isBlock(block) || Node.isCaseClause(block) || Node.isDefaultClause(block)) {
    const own = block.getStatements().filter(member => member.getKind() !== SyntaxKind.BreakStatement)
    const isBeforeLast = isSilentReturn(own.at(-1)) && own.at(-2) === statement
    if (own.at(-1) !== statement && !isBeforeLast) return false
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
