/**
 * `parts.NAME` is known when /init is made: conditions that hold it become shorter, and branches that are never taken go.
 * A branch that is always taken stands in the place of its `if`.
 */
import { basename } from 'node:path'
import { ts } from 'ts-morph'
import { isIn, type PartName } from '../../stages/api/parts.ts'
import type { SourceText } from './source-text.ts'

const { SyntaxKind } = ts

/** Whether `parts` means the parts of the boot in this module. */
function importsParts(source: ts.SourceFile): boolean {
  return source.statements.some(
    each =>
      ts.isImportDeclaration(each) &&
      ts.isStringLiteral(each.moduleSpecifier) &&
      ['parts.ts', 'parts'].includes(basename(each.moduleSpecifier.text)),
  )
}

/** Whether nothing that follows in the block is reached. */
function ends(statement: ts.Statement, neverReturns: ReadonlySet<string>): boolean {
  if (ts.isReturnStatement(statement) || ts.isBreakOrContinueStatement(statement)) return true
  const call = ts.isExpressionStatement(statement) ? statement.expression : undefined
  return (
    call !== undefined &&
    ts.isCallExpression(call) &&
    ts.isIdentifier(call.expression) &&
    neverReturns.has(call.expression.text)
  )
}

class Folder {
  constructor(
    private readonly file: SourceText,
    private readonly without: readonly PartName[],
    private readonly neverReturns: ReadonlySet<string>,
  ) {}

  /** The value of a condition that parts alone decide. */
  private valueOf(node: ts.Expression): boolean | undefined {
    if (ts.isParenthesizedExpression(node)) return this.valueOf(node.expression)
    if (ts.isPropertyAccessExpression(node) && node.expression.getText() === 'parts') {
      return isIn(node.name.text, this.without)
    }
    if (ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken) {
      const inner = this.valueOf(node.operand)
      return inner === undefined ? undefined : !inner
    }
    if (!ts.isBinaryExpression(node)) return undefined
    const left = this.valueOf(node.left)
    const right = this.valueOf(node.right)
    switch (node.operatorToken.kind) {
      case SyntaxKind.AmpersandAmpersandToken:
        if (left === false || right === false) return false
        return left === true ? right : right === true ? left : undefined
      case SyntaxKind.BarBarToken:
        if (left === true || right === true) return true
        return left === false ? right : right === false ? left : undefined
      default:
        return undefined
    }
  }

  /** What is left of an expression: operands that decide nothing go, lists take the members of lists that they spread. */
  private expression(node: ts.Node): void {
    if (ts.isBlock(node)) {
      this.block(node.statements)
      return
    }
    if (ts.isStatement(node)) {
      this.statement(node)
      return
    }
    if (ts.isConditionalExpression(node)) {
      const value = this.valueOf(node.condition)
      if (value !== undefined) {
        const kept = value ? node.whenTrue : node.whenFalse
        this.file.remove(node.getStart(), kept.getStart())
        this.file.remove(kept.end, node.end)
        this.expression(kept)
        return
      }
    }
    if (ts.isExpression(node)) {
      const value = this.valueOf(node)
      if (value !== undefined) {
        this.file.replace(node.getStart(), node.end, String(value))
        return
      }
    }
    if (ts.isBinaryExpression(node)) {
      const { left, right } = node
      if (this.valueOf(left) !== undefined) {
        this.file.remove(left.getStart(), right.getStart())
        this.expression(right)
        return
      }
      if (this.valueOf(right) !== undefined) {
        this.file.remove(left.end, right.end)
        this.expression(left)
        return
      }
    }
    if (ts.isArrayLiteralExpression(node)) {
      for (const [index, member] of node.elements.entries()) this.spread(node.elements, index, member)
      return
    }
    ts.forEachChild(node, child => this.expression(child))
  }

  /** `...(parts.x ? ['a', 'b'] : [])` in a list becomes `'a', 'b'`, or nothing. */
  private spread(list: ts.NodeArray<ts.Expression>, index: number, member: ts.Expression): void {
    let inner: ts.Expression | undefined = ts.isSpreadElement(member) ? member.expression : undefined
    while (inner !== undefined && ts.isParenthesizedExpression(inner)) inner = inner.expression
    const choice = inner !== undefined && ts.isConditionalExpression(inner) ? inner : undefined
    const value = choice && this.valueOf(choice.condition)
    const kept = value === true ? choice?.whenTrue : value === false ? choice?.whenFalse : undefined
    if (kept === undefined || !ts.isArrayLiteralExpression(kept)) {
      this.expression(member)
      return
    }
    const [first] = kept.elements
    if (first === undefined) {
      this.file.removeFromList(list, index)
      return
    }
    this.file.remove(member.getStart(), first.getStart())
    this.file.remove(kept.elements.at(-1)?.end ?? member.end, member.end)
    for (const element of kept.elements) this.expression(element)
  }

  /** @returns whether what follows the statement is never reached */
  private ifStatement(node: ts.IfStatement): boolean {
    const value = this.valueOf(node.expression)
    const { thenStatement, elseStatement } = node
    if (value === undefined) {
      this.expression(node.expression)
      this.expression(thenStatement)
      if (elseStatement !== undefined) this.elseBranch(thenStatement, elseStatement)
      return false
    }
    const kept = value ? thenStatement : elseStatement
    if (kept === undefined) {
      this.file.removeWithComments(node)
      return false
    }
    // Comments above the `if` go over to what it holds.
    this.file.remove(node.getStart(), kept.getStart())
    this.file.remove(kept.end, node.end)
    if (!ts.isBlock(kept)) return this.statement(kept)
    this.file.remove(kept.getStart(), kept.getStart() + 1)
    this.file.remove(kept.end - 1, kept.end)
    return this.block(kept.statements)
  }

  /** `else if (parts.x)` becomes `else`, or makes way for the `else` behind it. */
  private elseBranch(before: ts.Statement, node: ts.Statement): void {
    const value = ts.isIfStatement(node) ? this.valueOf(node.expression) : undefined
    if (!ts.isIfStatement(node) || value === undefined) {
      this.expression(node)
      return
    }
    const kept = value ? node.thenStatement : node.elseStatement
    if (kept === undefined) this.file.remove(before.end, node.end)
    else {
      this.file.remove(node.getStart(), kept.getStart())
      this.file.remove(kept.end, node.end)
      this.elseBranch(before, kept)
    }
  }

  private statement(node: ts.Statement): boolean {
    if (ts.isIfStatement(node)) return this.ifStatement(node)
    ts.forEachChild(node, child => this.expression(child))
    return ends(node, this.neverReturns)
  }

  /** @returns whether its end is never reached */
  private block(statements: readonly ts.Statement[]): boolean {
    let isOver = false
    for (const node of statements) {
      if (isOver) {
        this.file.removeWithComments(node)
        continue
      }
      // Only what a part decides makes the rest unreachable here; else it is for TypeScript to complain.
      isOver = this.statement(node) && ts.isIfStatement(node)
    }
    return isOver || statements.some(node => ends(node, this.neverReturns))
  }

  fold(): void {
    for (const node of this.file.source.statements) {
      if (ts.isFunctionDeclaration(node) && node.body !== undefined) this.block(node.body.statements)
    }
  }
}

/** Decides what parts decide, in one module. */
export function foldParts(
  file: SourceText,
  without: readonly PartName[],
  neverReturns: ReadonlySet<string>,
): void {
  if (importsParts(file.source)) new Folder(file, without, neverReturns).fold()
}
