/** Walks every node of the stages against the list of what they may hold. */

import { Node, SyntaxKind } from 'ts-morph'
import { type Said, says } from '../diagnostics/catalogue.ts'
import { wordsForModule } from '../diagnostics/foreign.ts'
import { wordsForSyntax } from '../diagnostics/syntax-words.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model } from '../model.ts'
import { diagnosticAt } from '../places.ts'
import { allowedSyntax } from '../subset.ts'

/** What is wrong with a node whose kind as such is allowed. */
function misuse(node: Node): Said | undefined {
  if (Node.isFunctionDeclaration(node)) {
    if (node.getParentIfKind(SyntaxKind.SourceFile) === undefined) {
      return says['not-in-subset'].innerFunction()
    }
    if (node.getReturnTypeNode() === undefined) {
      return says['not-in-subset'].noReturnType(node.getName() ?? '')
    }
    if (node.isAsync() || node.isGenerator()) return says['not-in-subset'].async()
  }
  if (
    Node.isImportDeclaration(node) &&
    !node.isModuleSpecifierRelative() &&
    !node.getModuleSpecifierValue().startsWith('aria2-initrd/')
  ) {
    return wordsForModule(node.getModuleSpecifierValue())
  }
  if (Node.isImportSpecifier(node) && node.getAliasNode() !== undefined) {
    return says['not-in-subset'].renamedImport()
  }
  if (node.getKind() === SyntaxKind.QuestionToken && !Node.isConditionalExpression(node.getParent())) {
    return says['not-in-subset'].syntax(...wordsForSyntax(node))
  }
  if (
    Node.isParameterDeclaration(node) &&
    (node.hasQuestionToken() || node.hasInitializer() || node.isRestParameter())
  ) {
    return says['not-in-subset'].optionalParameter()
  }
  if (Node.isVariableDeclarationList(node)) {
    const kind: string = node.getDeclarationKind()
    if (kind !== 'const' && kind !== 'let') return says['not-in-subset'].declaration(kind)
    if (node.getDeclarationKind() === 'let' && node.getParent()?.getParent() === node.getSourceFile()) {
      return says['not-in-subset'].moduleVariable()
    }
  }
  if (Node.isArrowFunction(node)) {
    const around = node.getParentIfKind(SyntaxKind.CallExpression)
    if (!['succeeds', 'start'].includes(around?.getExpression().getText() ?? '')) {
      return says['not-in-subset'].functionValue()
    }
  }
  if (Node.isPrefixUnaryExpression(node) && node.getOperatorToken() !== SyntaxKind.ExclamationToken) {
    return says['not-in-subset'].sign(node.getText())
  }
  if (Node.isBindingElement(node) && (node.hasInitializer() || node.getDotDotDotToken() !== undefined)) {
    return says['not-in-subset'].fieldName()
  }
  if (Node.isOmittedExpression(node) && !Node.isArrayBindingPattern(node.getParent())) {
    return says['not-in-subset'].gap()
  }
  if (Node.isBreakStatement(node)) return misplacedBreak(node)
  return undefined
}

/** `break` ends a clause of a switch, or a loop; inside of a switch it cannot end a loop around it. */
function misplacedBreak(node: Node): Said | undefined {
  const owner = node.getFirstAncestor(
    each => Node.isSwitchStatement(each) || Node.isForOfStatement(each) || Node.isWhileStatement(each),
  )
  const parent = node.getParent()
  if (Node.isSwitchStatement(owner) && !Node.isCaseClause(parent) && !Node.isDefaultClause(parent)) {
    return says['not-in-subset'].breakInClause()
  }
  return undefined
}

/** Clauses end by themselves: no statement of one runs into the next. */
function fallsThrough(node: Node): boolean {
  if (!Node.isCaseClause(node)) return false
  const last = node.getStatements().at(-1)
  if (last === undefined || node.getNextSibling() === undefined) return false
  if (Node.isExpressionStatement(last)) return !last.getExpression().getType().isNever()
  return !(Node.isBreakStatement(last) || Node.isReturnStatement(last) || Node.isContinueStatement(last))
}

export function checkSyntax(model: Model): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const module of model.program.modules) {
    module.forEachDescendant((node, traversal) => {
      const kind = node.getKind()
      if (Node.isJSDoc(node)) return
      // A parameter's type may be more than a field's: checkParameters judges it.
      if (model.program.parameters.some(({ declaration }) => declaration === node)) return traversal.skip()
      if (!allowedSyntax.has(kind) && !Node.isCommentNode(node)) {
        found.push(diagnosticAt(node, says['not-in-subset'].syntax(...wordsForSyntax(node))))
        traversal.skip()
        return
      }
      const wrong = misuse(node)
      if (wrong !== undefined) found.push(diagnosticAt(node, wrong))
      if (fallsThrough(node)) {
        found.push(diagnosticAt(node, says['fall-through'].clause()))
      }
    })
  }
  return found
}
