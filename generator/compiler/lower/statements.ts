/** Statements as commands. What fails is handed on by `|| return`, but where it is the last word of its function. */

import {
  type CallExpression,
  type Expression,
  type ForOfStatement,
  type IfStatement,
  Node,
  type SwitchStatement,
  SyntaxKind,
  type Statement as TsStatement,
  type VariableDeclaration,
} from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import { wordsForSyntax } from '../diagnostics/syntax-words.ts'
import type { CaseArm, Command, ForWords, Statement, Word } from '../ir.ts'
import { command } from '../machine-table.ts'
import { machineMember, recordFields } from '../model.ts'
import { snakeCase } from '../parameters.ts'
import { spanOf } from '../places.ts'
import { callForm, lowerCommandCall, lowerValueCall } from './calls.ts'
import { commentAbove } from './comments.ts'
import { conjuncts, lowerCondition, lowerGuarded, type PatternTest, patternTest } from './conditions.ts'
import { attempt, type Context, isLast, isNumeric, isWordList, refuse, variableName } from './context.ts'
import { lowerArguments, lowerArithmetic, lowerPattern, lowerWord } from './words.ts'

/** Hands on the status of what came last. */
const returnCommand = command('return')
/** `return` of the TypeScript: done. A bare one would hand on the status of the condition before it. */
const doneCommand = command('return', '0')

function orReturn(inner: Command, canFail: boolean, last: boolean): Command {
  return canFail && !last ? { kind: 'or', left: inner, right: returnCommand } : inner
}

/** A call that stands as a statement. */
function lowerCallStatement(node: CallExpression, statement: TsStatement, context: Context): Command[] {
  const callee = node.getExpression()
  if (
    Node.isPropertyAccessExpression(callee) &&
    callee.getName() === 'push' &&
    isWordList(callee.getExpression())
  ) {
    return [command('set', '--', [{ kind: 'arguments' }], ...lowerArguments(node.getArguments(), () => true))]
  }
  if (callee.getText() === 'succeeds') {
    return [{ kind: 'or', left: lowerGuarded(node, context), right: command(':') }]
  }
  const form = callForm(node, context)
  if (form?.kind === 'predicate' || form?.kind === 'provider') {
    return refuse(
      node,
      (form.kind === 'predicate' ? says['unused-value'].predicate : says['unused-value'].record)(
        callee.getText(),
      ),
    )
  }
  const inner = lowerCommandCall(node, context)
  return [orReturn(inner, form?.canFail === true, isLast(statement))]
}

/** `name = value`, where the value may be a word or a call that is captured. */
function lowerAssignment(name: string, value: Expression, context: Context): Command[] {
  if (Node.isCallExpression(value)) {
    const form = callForm(value, context)
    if (form?.kind === 'status') {
      return [
        { kind: 'assign', name, value: [{ kind: 'literal', text: '0' }] },
        {
          kind: 'or',
          left: lowerValueCall(value, context),
          right: { kind: 'assign', name, value: [{ kind: 'status' }] },
        },
      ]
    }
    if (form?.kind === 'value') {
      const captured: Word = [{ kind: 'capture', command: lowerValueCall(value, context) }]
      return [orReturn({ kind: 'assign', name, value: captured }, form.canFail, false)]
    }
  }
  return [{ kind: 'assign', name, value: lowerWord(value) }]
}

function lowerDeclaration(node: VariableDeclaration, context: Context): Command[] {
  const value = node.getInitializer()
  if (value === undefined) {
    return refuse(node, says['no-value'].missing(node.getName()))
  }
  if (Node.isArrayLiteralExpression(value)) {
    return [command('set', '--', ...lowerArguments(value.getElements(), () => true))]
  }
  if (recordFields(node.getType()) !== undefined) {
    // A record's fields are variables of the whole script: only the call is left.
    if (!Node.isCallExpression(value)) return refuse(node, says.record.fromFunction())
    if (value.getExpression().getText() === 'defaultParameters') return []
    const form = callForm(value, context)
    return [orReturn(lowerCommandCall(value, context), form?.canFail === true, false)]
  }
  return lowerAssignment(snakeCase(node.getName()), value, context)
}

const updates: Partial<Record<SyntaxKind, '+' | '-' | '*'>> = {
  [SyntaxKind.PlusEqualsToken]: '+',
  [SyntaxKind.MinusEqualsToken]: '-',
  [SyntaxKind.AsteriskEqualsToken]: '*',
}

function lowerUpdate(node: Expression, context: Context): Command[] {
  if (!Node.isBinaryExpression(node)) return refuse(node, says['no-statement'].idle())
  const target = node.getLeft()
  const name = Node.isIdentifier(target) ? variableName(target) : undefined
  if (name === undefined) {
    return refuse(target, says.assignment.target(target.getText()))
  }
  const operator = node.getOperatorToken().getKind()
  if (operator === SyntaxKind.EqualsToken) return lowerAssignment(name, node.getRight(), context)
  const arithmetic = updates[operator]
  if (arithmetic === undefined) return refuse(node, says.assignment.operator())
  if (!isNumeric(target)) {
    return [{ kind: 'assign', name, value: [{ kind: 'variable', name }, ...lowerWord(node.getRight())] }]
  }
  const right = lowerArithmetic(node.getRight())
  const expression = {
    kind: 'binary',
    operator: arithmetic,
    left: { kind: 'variable', name },
    right,
  } as const
  return [{ kind: 'assign', name, value: [{ kind: 'arithmetic', expression }] }]
}

/** `return value`: printed by a value function, the status of a predicate, variables of a provider. */
function lowerReturn(node: Expression | undefined, statement: TsStatement, context: Context): Command[] {
  const end: Command[] = isLast(statement) ? [] : [returnCommand]
  const { kind } = context.current
  if (node === undefined) return isLast(statement) ? [] : [doneCommand]
  if (Node.isCallExpression(node)) {
    const form = callForm(node, context)
    if (form?.ends === true)
      return [orReturn(lowerCommandCall(node, context), form.canFail, isLast(statement))]
    if (kind === 'action') {
      return refuse(node, says.return.nothing())
    }
    if (kind === 'value' && (form?.kind === 'value' || form?.kind === 'status')) {
      return form.kind === 'value'
        ? [lowerValueCall(node, context), ...end]
        : refuse(node, says['nested-call'].returned())
    }
  }
  if (kind === 'predicate') {
    const always =
      node.getKind() === SyntaxKind.TrueKeyword
        ? '0'
        : node.getKind() === SyntaxKind.FalseKeyword
          ? '1'
          : undefined
    if (always !== undefined) return [command('return', always)]
    return lowerAnswer(node, isLast(statement), context)
  }
  if (kind === 'provider') {
    const done = isLast(statement) ? [] : [doneCommand]
    if (Node.isObjectLiteralExpression(node)) return [...lowerProvided(node), ...done]
    if (Node.isIdentifier(node)) return done
    return refuse(node, says.record.fieldByField())
  }
  const word = lowerWord(node)
  // Nothing printed is the empty text.
  return word.length === 0 ? [doneCommand] : [command('printf', '%s\\n', word), ...end]
}

const anything: CaseArm['patterns'] = [[{ kind: 'any' }]]

/** The commands, as a body. */
const block = (...commands: Command[]): Statement[] => commands.map(each => ({ command: each }))

/** A `case` that goes on with `body` where the test holds, and with `otherwise` where it does not. */
function decide(
  { subject, patterns, matches }: PatternTest,
  body: Statement[],
  otherwise: Statement[],
): Command {
  const rest = matches ? otherwise : body
  const arms: CaseArm[] = [{ patterns, body: matches ? body : otherwise }]
  if (rest.length > 0) arms.push({ patterns: anything, body: rest })
  return { kind: 'case', subject: [{ kind: 'variable', name: subject }], arms }
}

/** A predicate's answer: its status. Each thing that has to hold ends it with 1 where it does not. */
function lowerAnswer(node: Expression, last: boolean, context: Context): Command[] {
  const pieces = conjuncts(node)
  const end = last ? [] : [returnCommand]
  if (!pieces.some(piece => 'test' in piece)) return [lowerCondition(node, context), ...end]
  const commands = pieces.map((piece, index): Command => {
    if ('test' in piece) return decide(piece.test, [], block(command('return', '1')))
    const holds = lowerCondition(piece.condition, context)
    return index === pieces.length - 1 ? holds : { kind: 'or', left: holds, right: returnCommand }
  })
  return [
    ...commands,
    ...(last
      ? []
      : [pieces.at(-1) !== undefined && 'test' in (pieces.at(-1) as object) ? doneCommand : returnCommand]),
  ]
}

/** The fields of a returned record: variables by that name; one that is called so already needs nothing. */
function lowerProvided(node: Expression): Command[] {
  if (!Node.isObjectLiteralExpression(node)) return []
  const fields = new Set(
    node.getProperties().map(each => (Node.isPropertyAssignment(each) ? snakeCase(each.getName()) : '')),
  )
  return node.getProperties().flatMap((property): Command[] => {
    if (Node.isShorthandPropertyAssignment(property)) return []
    if (!Node.isPropertyAssignment(property)) {
      return refuse(property, says.record.plainFields())
    }
    const value = property.getInitializerOrThrow()
    const read = [value, ...value.getDescendants()].map(variableName)
    if (read.some(name => name !== undefined && name !== snakeCase(property.getName()) && fields.has(name))) {
      return refuse(property, says.record.readsOther())
    }
    return [{ kind: 'assign', name: snakeCase(property.getName()), value: lowerWord(value) }]
  })
}

function bodyOf(node: TsStatement, context: Context): Statement[] {
  return lowerStatements(Node.isBlock(node) ? node.getStatements() : [node], context)
}

/** The arms of an `if` that one `case` can decide, and those of its `else if` on the same variable. */
function caseArms(node: IfStatement, subject: string, context: Context): CaseArm[] | undefined {
  const test = patternTest(node.getExpression())
  if (test?.subject !== subject) return undefined
  const then = bodyOf(node.getThenStatement(), context)
  const elseNode = node.getElseStatement()
  if (!test.matches) {
    const otherwise = elseNode === undefined ? [] : bodyOf(elseNode, context)
    return [
      { patterns: test.patterns, body: otherwise },
      { patterns: anything, body: then },
    ]
  }
  const own: CaseArm = { patterns: test.patterns, body: then }
  if (elseNode === undefined) return [own]
  const rest = Node.isIfStatement(elseNode) ? caseArms(elseNode, subject, context) : undefined
  return [own, ...(rest ?? [{ patterns: anything, body: bodyOf(elseNode, context) }])]
}

/** `if (x) { fail(…) }`: what has to hold, `|| fail …`. */
function lowerRefusal(node: IfStatement, context: Context): Command | undefined {
  const then = node.getThenStatement()
  const [only, ...others] = Node.isBlock(then) ? then.getStatements() : [then]
  if (only === undefined || others.length > 0 || node.getElseStatement() !== undefined) return undefined
  const call =
    Node.isExpressionStatement(only) || Node.isReturnStatement(only) ? only.getExpression() : undefined
  if (!Node.isCallExpression(call) || commentAbove(only).length > 0) return undefined
  const form = callForm(call, context)
  if (form?.ends !== true || !form.canFail || conjuncts(node.getExpression()).some(piece => 'test' in piece))
    return undefined
  const holds = lowerCondition(node.getExpression(), context, false)
  if (holds.kind === 'and') return undefined
  const refused: Command = { kind: 'or', left: holds, right: lowerCommandCall(call, context) }
  return isLast(node) ? refused : { kind: 'or', left: refused, right: returnCommand }
}

function lowerIf(node: IfStatement, context: Context): Command {
  const test: PatternTest | undefined = patternTest(node.getExpression())
  if (test !== undefined) {
    const arms = caseArms(node, test.subject, context)
    if (arms !== undefined) return { kind: 'case', subject: [{ kind: 'variable', name: test.subject }], arms }
  }
  const refusal = lowerRefusal(node, context)
  if (refusal !== undefined) return refusal
  const pieces = conjuncts(node.getExpression())
  if (node.getElseStatement() === undefined && pieces.some(piece => 'test' in piece)) {
    const [inner] = pieces.reduceRight(
      (body, piece) =>
        block(
          'test' in piece
            ? decide(piece.test, body, [])
            : { kind: 'if', branches: [{ condition: lowerCondition(piece.condition, context), body }] },
        ),
      bodyOf(node.getThenStatement(), context),
    )
    if (inner !== undefined) return inner.command
  }
  const branches = [
    {
      condition: lowerCondition(node.getExpression(), context),
      body: bodyOf(node.getThenStatement(), context),
    },
  ]
  let elseNode = node.getElseStatement()
  while (Node.isIfStatement(elseNode) && patternTest(elseNode.getExpression()) === undefined) {
    branches.push({
      condition: lowerCondition(elseNode.getExpression(), context),
      body: bodyOf(elseNode.getThenStatement(), context),
    })
    elseNode = elseNode.getElseStatement()
  }
  return { kind: 'if', branches, ...(elseNode === undefined ? {} : { otherwise: bodyOf(elseNode, context) }) }
}

function lowerSwitch(node: SwitchStatement, context: Context): Command {
  const arms: CaseArm[] = []
  let patterns: CaseArm['patterns'] = []
  for (const clause of node.getClauses()) {
    if (Node.isCaseClause(clause)) patterns.push(lowerPattern(clause.getExpression()))
    else patterns = [[{ kind: 'any' }]]
    const statements = clause.getStatements()
    if (statements.length === 0) continue
    const own = statements.filter(statement => !Node.isBreakStatement(statement))
    arms.push({ patterns, body: lowerStatements(own, context) })
    patterns = []
  }
  return { kind: 'case', subject: lowerWord(node.getExpression()), arms }
}

function forWords(source: Expression): ForWords {
  if (isWordList(source)) return { kind: 'arguments' }
  if (Node.isArrayLiteralExpression(source)) {
    return { kind: 'list', words: lowerArguments(source.getElements(), () => true) }
  }
  if (Node.isCallExpression(source)) {
    const member = machineMember(source.getExpression().getText())
    const [text, separator] = source.getArguments() as Expression[]
    const name = text === undefined ? undefined : variableName(text)
    if (member?.kind === 'words' && name !== undefined) {
      const separators =
        member.separators === 'argument' ? lowerWord(separator as Expression) : member.separators
      return { kind: 'fields', name, separators }
    }
  }
  return refuse(source, says['no-words'].other(source.getText()))
}

function lowerForOf(node: ForOfStatement, context: Context): Command {
  const initializer = node.getInitializer()
  const name = Node.isVariableDeclarationList(initializer)
    ? initializer.getDeclarations()[0]?.getName()
    : undefined
  return {
    kind: 'for',
    variable: snakeCase(name ?? ''),
    words: forWords(node.getExpression()),
    body: bodyOf(node.getStatement(), context),
  }
}

function lowerStatement(node: TsStatement, context: Context): Command[] {
  if (Node.isVariableStatement(node))
    return node.getDeclarations().flatMap(each => lowerDeclaration(each, context))
  if (Node.isExpressionStatement(node)) {
    const expression = node.getExpression()
    return Node.isCallExpression(expression)
      ? lowerCallStatement(expression, node, context)
      : lowerUpdate(expression, context)
  }
  if (Node.isIfStatement(node)) return [lowerIf(node, context)]
  if (Node.isSwitchStatement(node)) return [lowerSwitch(node, context)]
  if (Node.isForOfStatement(node)) return [lowerForOf(node, context)]
  if (Node.isWhileStatement(node)) {
    const condition = lowerCondition(node.getExpression(), context)
    return [{ kind: 'while', condition, body: bodyOf(node.getStatement(), context) }]
  }
  if (Node.isReturnStatement(node)) return lowerReturn(node.getExpression(), node, context)
  if (Node.isBreakStatement(node)) return [command('break')]
  if (Node.isContinueStatement(node)) return [command('continue')]
  return refuse(node, says['not-in-subset'].syntax(...wordsForSyntax(node)))
}

/** Statements in order, each with the comment that stands above it. */
export function lowerStatements(nodes: TsStatement[], context: Context): Statement[] {
  return nodes.flatMap(node => {
    const comment = commentAbove(node)
    return attempt(context.diagnostics, () => lowerStatement(node, context)).map((each, index) => ({
      command: each,
      span: spanOf(node),
      ...(index === 0 && comment.length > 0 ? { comment } : {}),
    }))
  })
}
