/** Where the blocks of TypeScript and the one scope of shell would part ways. */

import { type FunctionDeclaration, Node, type SwitchStatement, SyntaxKind } from 'ts-morph'
import { snakeCase } from '../declared-parameters.ts'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model, StageFunction } from '../model.ts'
import { declaredNames } from '../model.ts'
import { diagnosticAt } from '../places.ts'

/** The block that a variable lives in. */
const scopeOf = (node: Node): Node | undefined =>
  Node.isParameterDeclaration(node)
    ? node.getParent()
    : node.getFirstAncestor(
        each => Node.isBlock(each) || Node.isForOfStatement(each) || Node.isCaseBlock(each),
      )

/** Two variables of one name in one function: an inner one would overwrite the outer. */
function shadowed({ node }: StageFunction): Diagnostic[] {
  const declarations = declaredNames(node).filter(({ declaration }) => !declaration.getType().isArray())
  return declarations.flatMap((inner, index) => {
    const seen = declarations.slice(0, index).find(outer => {
      if (snakeCase(outer.name) !== snakeCase(inner.name)) return false
      const scope = scopeOf(outer.declaration)
      return outer.name !== inner.name || inner.node.getAncestors().some(each => each === scope)
    })
    return seen !== undefined
      ? [
          diagnosticAt(inner.node, says.shadowed.variable(snakeCase(inner.name)), {
            node: seen.node,
            label: 'it is declared here',
          }),
        ]
      : []
  })
}

/** A function has one word list: its positional parameters. */
function wordLists({ node }: StageFunction): Diagnostic[] {
  const lists = node
    .getDescendantsOfKind(SyntaxKind.VariableDeclaration)
    .filter(each => each.getType().isArray())
  const second = lists.slice(1).map(each =>
    diagnosticAt(each.getNameNode(), says['word-list'].second(), {
      node: lists[0]?.getNameNode() ?? each,
      label: 'the first one',
    }),
  )
  const [list] = lists
  const fields =
    list === undefined
      ? []
      : node.getDescendantsOfKind(SyntaxKind.ArrayBindingPattern).map(each =>
          diagnosticAt(each, says['word-list'].fields(), {
            node: list.getNameNode(),
            label: 'the word list',
          }),
        )
  const whileWalking = node.getDescendantsOfKind(SyntaxKind.ForOfStatement).flatMap(loop => {
    const walked = loop.getExpression()
    if (!Node.isIdentifier(walked)) return []
    return loop
      .getDescendantsOfKind(SyntaxKind.CallExpression)
      .filter(call => call.getExpression().getText() === `${walked.getText()}.push`)
      .map(call => diagnosticAt(call, says['word-list'].grows()))
  })
  return [...second, ...fields, ...whileWalking]
}

/** `for (const x of …)`, with a variable of its own. */
function loopVariables(node: FunctionDeclaration): Diagnostic[] {
  return node
    .getDescendantsOfKind(SyntaxKind.ForOfStatement)
    .filter(loop => !Node.isVariableDeclarationList(loop.getInitializer()))
    .map(loop => diagnosticAt(loop.getInitializer(), says['for-of'].variable()))
}

function switchClauses(node: SwitchStatement): Diagnostic[] {
  const clauses = node.getClauses()
  const labels = new Map<string, Node>()
  return clauses.flatMap((clause, index): Diagnostic[] => {
    const declared = clause
      .getStatements()
      .filter(Node.isVariableStatement)
      .map(each => diagnosticAt(each, says.switch.variable()))
    if (Node.isDefaultClause(clause)) {
      return index === clauses.length - 1
        ? declared
        : [...declared, diagnosticAt(clause, says.switch.default())]
    }
    const label = clause.getExpression()
    const isLiteral =
      Node.isStringLiteral(label) ||
      Node.isNoSubstitutionTemplateLiteral(label) ||
      Node.isNumericLiteral(label)
    if (!isLiteral) {
      return [...declared, diagnosticAt(label, says.switch.label())]
    }
    const text = String(label.getLiteralValue())
    const first = labels.get(text)
    labels.set(text, label)
    return first === undefined
      ? declared
      : [...declared, diagnosticAt(label, says.switch.twice(), { node: first, label: 'here' })]
  })
}

export function checkScopes(model: Model): Diagnostic[] {
  return [...model.functions.values()].flatMap(each => [
    ...shadowed(each),
    ...wordLists(each),
    ...loopVariables(each.node),
    ...each.node.getDescendantsOfKind(SyntaxKind.SwitchStatement).flatMap(switchClauses),
  ])
}
