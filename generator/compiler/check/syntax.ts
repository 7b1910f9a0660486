/** Walks every node of the stages against the list of what they may hold. */
import { Node, SyntaxKind } from 'ts-morph'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model } from '../model.ts'
import { diagnosticAt } from '../places.ts'
import { allowedSyntax, instead } from '../subset.ts'

const fallbackHelp = 'generator/compiler/README.md lists what a stage may hold'

/** What is wrong with a node whose kind as such is allowed. */
function misuse(node: Node): { message: string; help: string } | undefined {
  if (Node.isFunctionDeclaration(node)) {
    if (node.getParentIfKind(SyntaxKind.SourceFile) === undefined) {
      return { message: 'a function inside of a function', help: 'move it to the top of the module' }
    }
    if (node.getReturnTypeNode() === undefined) {
      return {
        message: `'${node.getName()}' does not say what it returns`,
        help: 'write the return type: void, string, number, boolean or a record',
      }
    }
    if (node.isAsync() || node.isGenerator())
      return { message: 'shell functions are plain functions', help: 'leave async and * out' }
  }
  if (
    Node.isImportDeclaration(node) &&
    !node.isModuleSpecifierRelative() &&
    !node.getModuleSpecifierValue().startsWith('aria2-initrd/')
  ) {
    return {
      message: `'${node.getModuleSpecifierValue()}' does not exist in /init`,
      help: 'a stage imports ./machine.ts, ./parameters.ts and other stages',
    }
  }
  if (Node.isImportSpecifier(node) && node.getAliasNode() !== undefined) {
    return { message: 'an import under another name', help: 'names stay the same from TypeScript to shell' }
  }
  if (
    Node.isParameterDeclaration(node) &&
    (node.hasQuestionToken() || node.hasInitializer() || node.isRestParameter())
  ) {
    return { message: 'an optional or rest parameter', help: 'pass every argument' }
  }
  if (Node.isVariableDeclarationList(node)) {
    const kind: string = node.getDeclarationKind()
    if (kind !== 'const' && kind !== 'let') return { message: kind, help: 'use const or let' }
    if (node.getDeclarationKind() === 'let' && node.getParent()?.getParent() === node.getSourceFile()) {
      return {
        message: 'a variable of the whole module',
        help: 'use const here; what changes is passed from function to function',
      }
    }
  }
  if (Node.isArrowFunction(node)) {
    const around = node.getParentIfKind(SyntaxKind.CallExpression)
    if (around?.getExpression().getText() !== 'succeeds') {
      return {
        message: 'a function as a value',
        help: 'only succeeds(() => …) takes one; declare a function and call it',
      }
    }
  }
  if (Node.isPrefixUnaryExpression(node) && node.getOperatorToken() !== SyntaxKind.ExclamationToken) {
    return {
      message: `'${node.getText()}': of signs before a value there is ! alone`,
      help: 'write 0 - x for -x, and x += 1 for ++x',
    }
  }
  if (Node.isBreakStatement(node)) return misplacedBreak(node)
  return undefined
}

/** `break` ends a clause of a switch, or a loop; inside of a switch it cannot end a loop around it. */
function misplacedBreak(node: Node): { message: string; help: string } | undefined {
  const owner = node.getFirstAncestor(
    each => Node.isSwitchStatement(each) || Node.isForOfStatement(each) || Node.isWhileStatement(each),
  )
  const parent = node.getParent()
  if (Node.isSwitchStatement(owner) && !Node.isCaseClause(parent) && !Node.isDefaultClause(parent)) {
    return {
      message: 'break in the middle of a clause: in shell it would end the loop around',
      help: 'turn the condition round, so that the clause ends by itself',
    }
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
      if (!allowedSyntax.has(kind) && !Node.isCommentNode(node)) {
        found.push(
          diagnosticAt(
            node,
            'not-in-subset',
            `${node.getKindName()} has no shell`,
            instead[kind] ?? fallbackHelp,
          ),
        )
        traversal.skip()
        return
      }
      const wrong = misuse(node)
      if (wrong !== undefined) found.push(diagnosticAt(node, 'not-in-subset', wrong.message, wrong.help))
      if (fallsThrough(node)) {
        found.push(
          diagnosticAt(
            node,
            'fall-through',
            'this clause runs into the next one',
            'end it with break, return, continue or fail()',
          ),
        )
      }
    })
  }
  return found
}
