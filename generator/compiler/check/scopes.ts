/** Where the blocks of TypeScript and the one scope of shell would part ways. */
import { type FunctionDeclaration, Node, type SwitchStatement, SyntaxKind } from 'ts-morph'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model, StageFunction } from '../model.ts'
import { recordFields } from '../model.ts'
import { snakeCase } from '../parameters.ts'
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
  const declarations = [
    ...node.getParameters(),
    ...node.getDescendantsOfKind(SyntaxKind.VariableDeclaration),
  ].filter(each => recordFields(each.getType()) === undefined && !each.getType().isArray())
  return declarations.flatMap((inner, index) => {
    const isSeen = declarations.slice(0, index).some(outer => {
      if (snakeCase(outer.getName()) !== snakeCase(inner.getName())) return false
      const scope = scopeOf(outer)
      return outer.getName() !== inner.getName() || inner.getAncestors().some(each => each === scope)
    })
    return isSeen
      ? [
          diagnosticAt(
            inner.getNameNode(),
            'shadowed',
            `this function has a variable '${snakeCase(inner.getName())}' already`,
            'shell has one scope for a function: give this one another name',
          ),
        ]
      : []
  })
}

/** A function has one word list: its positional parameters. */
function wordLists({ node }: StageFunction): Diagnostic[] {
  const lists = node
    .getDescendantsOfKind(SyntaxKind.VariableDeclaration)
    .filter(each => each.getType().isArray())
  const second = lists
    .slice(1)
    .map(each =>
      diagnosticAt(
        each.getNameNode(),
        'word-list',
        'a second word list in one function',
        'a function has one, its positional parameters: let another function make the other',
      ),
    )
  const whileWalking = node.getDescendantsOfKind(SyntaxKind.ForOfStatement).flatMap(loop => {
    const walked = loop.getExpression()
    if (!Node.isIdentifier(walked)) return []
    return loop
      .getDescendantsOfKind(SyntaxKind.CallExpression)
      .filter(call => call.getExpression().getText() === `${walked.getText()}.push`)
      .map(call =>
        diagnosticAt(
          call,
          'word-list',
          'the list grows while it is walked over',
          'the shell would not come to the new words: walk first, push after',
        ),
      )
  })
  return [...second, ...whileWalking]
}

/** `for (const x of …)`, with a variable of its own. */
function loopVariables(node: FunctionDeclaration): Diagnostic[] {
  return node
    .getDescendantsOfKind(SyntaxKind.ForOfStatement)
    .filter(loop => !Node.isVariableDeclarationList(loop.getInitializer()))
    .map(loop =>
      diagnosticAt(
        loop.getInitializer(),
        'for-of',
        'a loop declares its variable',
        'write for (const x of …)',
      ),
    )
}

function switchClauses(node: SwitchStatement): Diagnostic[] {
  const clauses = node.getClauses()
  const labels = new Set<string>()
  return clauses.flatMap((clause, index): Diagnostic[] => {
    const declared = clause
      .getStatements()
      .filter(Node.isVariableStatement)
      .map(each =>
        diagnosticAt(
          each,
          'switch',
          'a variable of the whole switch, set in one clause alone',
          'declare it before the switch',
        ),
      )
    if (Node.isDefaultClause(clause)) {
      return index === clauses.length - 1
        ? declared
        : [
            ...declared,
            diagnosticAt(clause, 'switch', 'default is not the last clause', 'move it to the end'),
          ]
    }
    const label = clause.getExpression()
    const isLiteral =
      Node.isStringLiteral(label) ||
      Node.isNoSubstitutionTemplateLiteral(label) ||
      Node.isNumericLiteral(label)
    if (!isLiteral) {
      return [
        ...declared,
        diagnosticAt(label, 'switch', 'a label that is no literal', 'compare with if and else if'),
      ]
    }
    const text = String(label.getLiteralValue())
    const isSecond = labels.has(text)
    labels.add(text)
    return isSecond
      ? [...declared, diagnosticAt(label, 'switch', 'this label was there before', 'leave one of them out')]
      : declared
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
