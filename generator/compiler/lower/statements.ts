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
import type { CaseArm, Command, ForWords, Statement, Word } from '../ir.ts'
import { command } from '../machine-table.ts'
import { machineMember, recordFields } from '../model.ts'
import { snakeCase } from '../parameters.ts'
import { spanOf } from '../places.ts'
import { callForm, lowerCommandCall, lowerValueCall } from './calls.ts'
import { commentAbove } from './comments.ts'
import { lowerCondition, lowerGuarded, type PatternTest, patternTest } from './conditions.ts'
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
      'unused-value',
      `the value of '${callee.getText()}' goes nowhere`,
      form.kind === 'predicate' ? 'ask it in an if' : 'give the record a name: const x = …',
    )
  }
  const inner = lowerCommandCall(node, context)
  const last = isLast(statement)
  if (form?.ends === true) return form.canFail && !last ? [inner, returnCommand] : [inner]
  return [orReturn(inner, form?.canFail === true, last)]
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
    return refuse(
      node,
      'no-value',
      `'${node.getName()}' has no value yet`,
      'give it one: a shell variable without a value is fatal',
    )
  }
  if (Node.isArrayLiteralExpression(value)) {
    return [command('set', '--', ...lowerArguments(value.getElements(), () => true))]
  }
  if (recordFields(node.getType()) !== undefined) {
    // A record's fields are variables of the whole script: only the call is left.
    if (!Node.isCallExpression(value))
      return refuse(node, 'record', 'a record comes from a function', 'call the stage that provides it')
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
  if (!Node.isBinaryExpression(node))
    return refuse(node, 'no-statement', 'this does nothing in shell', 'assign it, or call a function')
  const target = node.getLeft()
  const name = Node.isIdentifier(target) ? variableName(target) : undefined
  if (name === undefined) {
    return refuse(
      target,
      'assignment',
      `'${target.getText()}' cannot be assigned`,
      'assign to a variable of this function',
    )
  }
  const operator = node.getOperatorToken().getKind()
  if (operator === SyntaxKind.EqualsToken) return lowerAssignment(name, node.getRight(), context)
  const arithmetic = updates[operator]
  if (arithmetic === undefined)
    return refuse(node, 'assignment', 'this operator has no shell', 'use =, +=, -= or *=')
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
    if (form?.ends === true) return [lowerCommandCall(node, context), ...end]
    if (kind === 'action') {
      return refuse(node, 'return', 'nothing is returned here', 'call it, then return in a line of its own')
    }
    if (kind === 'value' && (form?.kind === 'value' || form?.kind === 'status')) {
      return form.kind === 'value'
        ? [lowerValueCall(node, context), ...end]
        : refuse(node, 'nested-call', 'the status would be lost', 'give it a name first')
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
    return [lowerCondition(node, context), ...end]
  }
  if (kind === 'provider') {
    const done = isLast(statement) ? [] : [doneCommand]
    if (Node.isObjectLiteralExpression(node)) return [...lowerProvided(node), ...done]
    if (Node.isIdentifier(node)) return done
    return refuse(
      node,
      'record',
      'a record is returned field by field',
      'write return { name, other: value }',
    )
  }
  return [command('printf', '%s\\n', lowerWord(node)), ...end]
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
      return refuse(property, 'record', 'a record holds plain fields', 'write { name: value }')
    }
    const value = property.getInitializerOrThrow()
    const read = [value, ...value.getDescendants()].map(variableName)
    if (read.some(name => name !== undefined && name !== snakeCase(property.getName()) && fields.has(name))) {
      return refuse(
        property,
        'record',
        'this reads what another field of the record is about to be',
        'fields are variables of the whole script: give the value another name first',
      )
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
  const anything: CaseArm['patterns'] = [[{ kind: 'any' }]]
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

function lowerIf(node: IfStatement, context: Context): Command {
  const test: PatternTest | undefined = patternTest(node.getExpression())
  if (test !== undefined) {
    const arms = caseArms(node, test.subject, context)
    if (arms !== undefined) return { kind: 'case', subject: [{ kind: 'variable', name: test.subject }], arms }
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
  return refuse(
    source,
    'no-words',
    `'${source.getText()}' is nothing to walk over`,
    'walk over lines(x), words(x), split(x, separator) of a variable, a list of literals, or this function’s word list',
  )
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
  return refuse(
    node,
    'not-in-subset',
    `${node.getKindName()} has no shell`,
    'generator/compiler/README.md lists what has',
  )
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
