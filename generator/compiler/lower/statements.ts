/** Statements as commands. What fails is handed on by `|| return`, but where it is the last word of its function. */

import {
  type ArrayBindingPattern,
  type CallExpression,
  type Expression,
  type ExpressionStatement,
  type ForOfStatement,
  type IfStatement,
  Node,
  type SwitchStatement,
  SyntaxKind,
  type Statement as TsStatement,
  type VariableDeclaration,
} from 'ts-morph'
import { snakeCase } from '../declared-parameters.ts'
import { says } from '../diagnostics/catalogue.ts'
import { wordsForSyntax } from '../diagnostics/syntax-words.ts'
import type { CaseArm, Command, ForWords, Statement, Word } from '../ir.ts'
import { command } from '../machine-table.ts'
import { recordFields } from '../model.ts'
import { spanOf } from '../places.ts'
import { callForm } from './call-form.ts'
import { chosen, isCutWithFallback, openChoice, separatorTest } from './choices.ts'
import { lowerCommandCall } from './command-calls.ts'
import { commentAbove } from './comments.ts'
import { conjuncts, lowerCondition, lowerGuarded, type PatternTest, patternTest } from './conditions.ts'
import {
  attempt,
  type FunctionContext,
  isLast,
  isNumeric,
  isWordList,
  refuse,
  variableName,
} from './context.ts'
import {
  isFields,
  lowerArguments,
  lowerArithmetic,
  lowerCut,
  lowerPattern,
  lowerSplit,
  lowerValueCall,
  lowerWord,
} from './words.ts'

/** Hands on the status of what came last. */
const returnCommand = command('return')
/** `return` of the TypeScript: done. A bare one would hand on the status of the condition before it. */
const doneCommand = command('return', '0')

function orReturn(inner: Command, canFail: boolean, last: boolean): Command {
  return canFail && !last ? { kind: 'or', left: inner, right: returnCommand } : inner
}

/** A call that stands as a statement. */
function lowerCallStatement(
  node: CallExpression,
  statement: TsStatement,
  context: FunctionContext,
): Command[] {
  const callee = node.getExpression()
  if (
    Node.isPropertyAccessExpression(callee) &&
    callee.getName() === 'push' &&
    isWordList(callee.getExpression())
  ) {
    return [command('set', '--', [{ kind: 'arguments' }], ...lowerArguments(node.getArguments(), context))]
  }
  if (callee.getText() === 'succeeds') {
    return [{ kind: 'or', left: lowerGuarded(node, context), right: command(':') }]
  }
  if (callee.getText() === 'start') return [lowerStarted(node, context)]
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

/** `start(() => …)`: the command goes on by itself. */
const lowerStarted = (node: CallExpression, context: FunctionContext): Command => ({
  kind: 'background',
  command: lowerGuarded(node, context),
})

/** `name = value`, where the value may be a word or a call that is captured. */
function lowerAssignment(name: string, given: Expression, context: FunctionContext): Command[] {
  const value = chosen(given, context)
  if (Node.isParenthesizedExpression(value)) return lowerAssignment(name, value.getExpression(), context)
  if (Node.isCallExpression(value)) {
    if (value.getExpression().getText() === 'start')
      return [lowerStarted(value, context), { kind: 'assign', name, value: [{ kind: 'job' }] }]
    const form = callForm(value, context)
    if (form?.ends === true) return [orReturn(lowerCommandCall(value, context), form.canFail, false)]
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
  return [{ kind: 'assign', name, value: lowerWord(value, context) }]
}

/** `const [a, , c] = fields(text, ':')`: one split, and each field under its name. */
function lowerFields(names: ArrayBindingPattern, value: Expression, context: FunctionContext): Command[] {
  const split = isFields(value) ? lowerCut(value, context) : undefined
  if (split === undefined) return refuse(value, says.fields.other())
  return [
    { kind: 'assign', name: 'IFS', value: split.separators },
    command('set', '--', [{ kind: 'split', text: split.text }]),
    ...names.getElements().flatMap((element, index): Command[] =>
      Node.isBindingElement(element)
        ? [
            {
              kind: 'assign',
              name: snakeCase(element.getName()),
              value: [{ kind: 'positional', index: index + 1, orEmpty: true }],
            },
          ]
        : [],
    ),
  ]
}

function lowerDeclaration(node: VariableDeclaration, context: FunctionContext): Command[] {
  const value = node.getInitializer()
  const names = node.getNameNode()
  if (Node.isArrayBindingPattern(names) && value !== undefined) return lowerFields(names, value, context)
  if (value === undefined) {
    return refuse(node, says['no-value'].missing(node.getName()))
  }
  if (Node.isArrayLiteralExpression(value)) {
    return [command('set', '--', ...lowerArguments(value.getElements(), context))]
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

function lowerUpdate(node: Expression, context: FunctionContext): Command[] {
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
    return [
      { kind: 'assign', name, value: [{ kind: 'variable', name }, ...lowerWord(node.getRight(), context)] },
    ]
  }
  const right = lowerArithmetic(node.getRight(), context)
  const expression = {
    kind: 'binary',
    operator: arithmetic,
    left: { kind: 'variable', name },
    right,
  } as const
  return [{ kind: 'assign', name, value: [{ kind: 'arithmetic', expression }] }]
}

/** `return value`: printed by a value function, the status of a predicate, variables of a provider. */
function lowerReturn(
  given: Expression | undefined,
  statement: TsStatement,
  context: FunctionContext,
): Command[] {
  const node = given === undefined ? undefined : chosen(given, context)
  if (Node.isParenthesizedExpression(node)) return lowerReturn(node.getExpression(), statement, context)
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
    if (Node.isObjectLiteralExpression(node)) return [...lowerProvided(node, context), ...done]
    if (Node.isIdentifier(node)) return done
    return refuse(node, says.record.fieldByField())
  }
  const word = lowerWord(node, context)
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
  return { kind: 'case', subject, arms }
}

/** A predicate's answer: its status. Each thing that has to hold ends it with 1 where it does not. */
function lowerAnswer(node: Expression, last: boolean, context: FunctionContext): Command[] {
  const pieces = conjuncts(node, context)
  const end = last ? [] : [returnCommand]
  if (!pieces.some(piece => 'test' in piece)) return [lowerCondition(node, context), ...end]
  const commands = pieces.map((piece, index): Command => {
    if ('test' in piece) return decide(piece.test, [], block(command('return', '1')))
    const holds = lowerCondition(piece.condition, context)
    return index === pieces.length - 1 ? holds : { kind: 'or', left: holds, right: returnCommand }
  })
  if (last) return commands
  const endsInTest = pieces.slice(-1).some(piece => 'test' in piece)
  return [...commands, endsInTest ? doneCommand : returnCommand]
}

/** The fields of a returned record: variables by that name; one that is called so already needs nothing. */
function lowerProvided(node: Expression, context: FunctionContext): Command[] {
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
    return [{ kind: 'assign', name: snakeCase(property.getName()), value: lowerWord(value, context) }]
  })
}

function bodyOf(node: TsStatement, context: FunctionContext): Statement[] {
  return lowerStatements(Node.isBlock(node) ? node.getStatements() : [node], context)
}

/** The arms of an `if` that one `case` can decide, and those of its `else if` on the same variable. */
function caseArms(node: IfStatement, subject: Word, context: FunctionContext): CaseArm[] | undefined {
  const test = patternTest(node.getExpression(), context)
  if (test === undefined || JSON.stringify(test.subject) !== JSON.stringify(subject)) return undefined
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

/**
 * `if (x) { fail(…) }`: what has to hold, `|| fail …`. Other calls that can fail stand there too, behind one plain test:
 * `[ … ] || call || return`.
 */
function lowerRefusal(node: IfStatement, context: FunctionContext): Command | undefined {
  const then = node.getThenStatement()
  const [only, ...others] = Node.isBlock(then) ? then.getStatements() : [then]
  if (only === undefined || others.length > 0 || node.getElseStatement() !== undefined) return undefined
  const call =
    Node.isExpressionStatement(only) || Node.isReturnStatement(only) ? only.getExpression() : undefined
  if (!Node.isCallExpression(call) || commentAbove(only).length > 0) return undefined
  const form = callForm(call, context)
  if (form?.canFail !== true || openChoice(only, context) !== undefined) return undefined
  if (conjuncts(node.getExpression(), context).some(piece => 'test' in piece)) return undefined
  const holds = lowerCondition(node.getExpression(), context, false)
  const isPlainTest = holds.kind === 'command' && holds.name === '['
  if (form.ends ? holds.kind === 'and' : form.kind !== 'action' || !isPlainTest) return undefined
  const refused: Command = { kind: 'or', left: holds, right: lowerCommandCall(call, context) }
  return isLast(node) ? refused : { kind: 'or', left: refused, right: returnCommand }
}

function lowerIf(node: IfStatement, context: FunctionContext): Command {
  const test: PatternTest | undefined = patternTest(node.getExpression(), context)
  if (test !== undefined) {
    const arms = caseArms(node, test.subject, context)
    if (arms !== undefined) return { kind: 'case', subject: test.subject, arms }
  }
  const refusal = lowerRefusal(node, context)
  if (refusal !== undefined) return refusal
  const pieces = conjuncts(node.getExpression(), context)
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
  while (Node.isIfStatement(elseNode) && patternTest(elseNode.getExpression(), context) === undefined) {
    branches.push({
      condition: lowerCondition(elseNode.getExpression(), context),
      body: bodyOf(elseNode.getThenStatement(), context),
    })
    elseNode = elseNode.getElseStatement()
  }
  return { kind: 'if', branches, ...(elseNode === undefined ? {} : { otherwise: bodyOf(elseNode, context) }) }
}

function lowerSwitch(node: SwitchStatement, context: FunctionContext): Command {
  const arms: CaseArm[] = []
  let patterns: CaseArm['patterns'] = []
  for (const clause of node.getClauses()) {
    if (Node.isCaseClause(clause)) patterns.push(lowerPattern(clause.getExpression(), context))
    else patterns = [[{ kind: 'any' }]]
    const statements = clause.getStatements()
    if (statements.length === 0) continue
    const own = statements.filter(statement => !Node.isBreakStatement(statement))
    arms.push({ patterns, body: lowerStatements(own, context) })
    patterns = []
  }
  return { kind: 'case', subject: lowerWord(node.getExpression(), context), arms }
}

function forWords(source: Expression, context: FunctionContext): ForWords {
  if (isWordList(source)) return { kind: 'arguments' }
  if (Node.isArrayLiteralExpression(source)) {
    return { kind: 'list', words: lowerArguments(source.getElements(), context) }
  }
  const split = lowerSplit(source, context)
  if (split !== undefined) return { kind: 'fields', ...split }
  return refuse(source, says['no-words'].other(source.getText()))
}

function lowerForOf(node: ForOfStatement, context: FunctionContext): Command {
  const initializer = node.getInitializer()
  const name = Node.isVariableDeclarationList(initializer)
    ? initializer.getDeclarations()[0]?.getName()
    : undefined
  return {
    kind: 'for',
    variable: snakeCase(name ?? ''),
    words: forWords(node.getExpression(), context),
    body: bodyOf(node.getStatement(), context),
  }
}

/** A statement that a choice stands in: written once for each side. */
function lowerChoice(statement: TsStatement, context: FunctionContext): Command[] | undefined {
  const choice = openChoice(statement, context)
  if (choice === undefined) return undefined
  const arm = (taken: boolean): Statement[] => {
    const decided = new Map([...context.decided, [choice, taken] as const])
    return lowerStatement(statement, { ...context, decided }).map(each => ({
      command: each,
      span: spanOf(statement),
    }))
  }
  const test = Node.isConditionalExpression(choice) ? choice.getCondition() : undefined
  const found = test === undefined ? undefined : patternTest(test, context)
  if (test !== undefined && found === undefined) {
    const branch = { condition: lowerCondition(test, context), body: arm(true) }
    const otherwise = arm(false)
    // `a ? x : b ? y : z` goes on as elif.
    const [only] = otherwise
    if (otherwise.length === 1 && only?.command.kind === 'if') {
      const { branches, ...rest } = only.command
      return [{ ...rest, branches: [branch, ...branches] }]
    }
    return [{ kind: 'if', branches: [branch], otherwise }]
  }
  const cut = isCutWithFallback(choice)
    ? separatorTest(choice, each => lowerPattern(each, context))
    : undefined
  const subject: Word = cut?.subject ?? found?.subject ?? []
  const matches = found?.matches ?? true
  const own: CaseArm = { patterns: cut?.patterns ?? found?.patterns ?? [], body: arm(matches) }
  const others = arm(!matches)
  const [only] = others
  const follows =
    others.length === 1 &&
    only?.command.kind === 'case' &&
    JSON.stringify(only.command.subject) === JSON.stringify(subject)
  const rest: CaseArm[] =
    follows && only?.command.kind === 'case'
      ? only.command.arms
      : [{ patterns: [[{ kind: 'any' }]], body: others }]
  return [{ kind: 'case', subject, arms: [own, ...rest] }]
}

/** A statement without others inside; a text that it cuts into words is preceded by what separates those. */
function lowerSimple(node: TsStatement, outer: FunctionContext): Command[] | undefined {
  const context: FunctionContext = { ...outer, split: {} }
  const lowered = Node.isVariableStatement(node)
    ? node.getDeclarations().flatMap(each => lowerDeclaration(each, context))
    : Node.isExpressionStatement(node)
      ? lowerExpression(node, context)
      : undefined
  const separators = context.split?.separators
  if (lowered === undefined || separators === undefined) return lowered
  return [{ kind: 'assign', name: 'IFS', value: separators }, ...lowered]
}

function lowerExpression(node: ExpressionStatement, context: FunctionContext): Command[] {
  const expression = node.getExpression()
  return Node.isCallExpression(expression)
    ? lowerCallStatement(expression, node, context)
    : lowerUpdate(expression, context)
}

function lowerStatement(node: TsStatement, context: FunctionContext): Command[] {
  const simple = lowerChoice(node, context) ?? lowerSimple(node, context)
  if (simple !== undefined) return simple
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
export function lowerStatements(nodes: TsStatement[], context: FunctionContext): Statement[] {
  return nodes.flatMap(node => {
    const comment = commentAbove(node)
    return attempt(context.diagnostics, () => lowerStatement(node, context)).map((each, index) => ({
      command: each,
      span: spanOf(node),
      ...(index === 0 && comment.length > 0 ? { comment } : {}),
    }))
  })
}
