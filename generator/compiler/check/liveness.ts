/**
 * Which value of a function's variables would be lost by a call: one that a command after the call still reads. Backward
 * liveness over the tree, in the order in which shell evaluates it; a loop is gone through until nothing is added.
 */
import { type Block, type CallExpression, Node, type Statement, SyntaxKind } from 'ts-morph'
import { snakeCase } from '../declared-parameters.ts'
import { namesOf } from '../model.ts'

/** The variables whose values are still needed at a place, each with a read that needs it. */
type Live = ReadonlyMap<string, Node>

/** A value that a call overwrites although `read` still needs it. */
export interface LostValue {
  call: CallExpression
  /** In shell. */
  variable: string
  read: Node
}

/** Where `break` and `continue` go on. */
interface Loop {
  afterBreak: Live
  afterContinue: Live
}

const nothing: Live = new Map()

function both(one: Live, other: Live): Live {
  return other.size === 0 ? one : new Map([...other, ...one])
}

function without(live: Live, variable: string): Live {
  if (!live.has(variable)) return live
  const rest = new Map(live)
  rest.delete(variable)
  return rest
}

const compound = (kind: SyntaxKind): boolean =>
  kind >= SyntaxKind.PlusEqualsToken && kind <= SyntaxKind.CaretEqualsToken

/**
 * @param body the function's
 * @param own its variables, in shell
 * @param overwritten the variables that a call would overwrite in the caller's shell
 */
export function lostValues(
  body: Block,
  own: ReadonlySet<string>,
  overwritten: (call: CallExpression) => Iterable<string>,
): LostValue[] {
  const lost = new Map<string, LostValue>()

  function variableOf(node: Node): string | undefined {
    if (!Node.isIdentifier(node)) return undefined
    const variable = snakeCase(node.getText())
    return own.has(variable) ? variable : undefined
  }

  function called(node: CallExpression, after: Live): Live {
    for (const variable of overwritten(node)) {
      const read = after.get(variable)
      if (read !== undefined) lost.set(`${node.getStart()} ${variable}`, { call: node, variable, read })
    }
    return node.getArguments().reduceRight((live, each) => expression(each, live), after)
  }

  /** Whether nothing of this function comes after a call: `fail(…)` as a statement. */
  const isLast = (node: CallExpression): boolean =>
    Node.isExpressionStatement(node.getParent()) && node.getReturnType().isNever()

  function expression(node: Node, after: Live): Live {
    if (Node.isCallExpression(node)) {
      const live = called(node, isLast(node) ? nothing : after)
      const callee = node.getExpression()
      // words.push(…), text.startsWith(…)
      return Node.isPropertyAccessExpression(callee) ? expression(callee.getExpression(), live) : live
    }
    if (Node.isBinaryExpression(node)) {
      const operator = node.getOperatorToken().getKind()
      const [left, right] = [node.getLeft(), node.getRight()]
      const assigned = variableOf(left)
      if (operator === SyntaxKind.EqualsToken && assigned !== undefined)
        return expression(right, without(after, assigned))
      if (compound(operator) && assigned !== undefined)
        return expression(left, expression(right, without(after, assigned)))
      // What stands on the right of && and || only reads: it takes nothing from what is read behind it.
      return expression(left, expression(right, after))
    }
    if (Node.isConditionalExpression(node)) {
      const arms = both(expression(node.getWhenTrue(), after), expression(node.getWhenFalse(), after))
      return expression(node.getCondition(), arms)
    }
    if (Node.isPropertyAccessExpression(node)) return expression(node.getExpression(), after)
    if (Node.isPropertyAssignment(node)) {
      const value = node.getInitializer()
      return value === undefined ? after : expression(value, after)
    }
    const read = variableOf(node)
    if (read !== undefined) return new Map([...after, [read, node]])
    return node.forEachChildAsArray().reduceRight((live, each) => expression(each, live), after)
  }

  /** The state before a loop whose head is passed again after each round; `round` is one round, from its end. */
  function repeated(round: (end: Live) => Live): Live {
    let head = nothing
    for (;;) {
      const next = both(round(head), head)
      if (next.size === head.size) return next
      head = next
    }
  }

  function statement(node: Statement, after: Live, loop: Loop): Live {
    if (Node.isBlock(node)) return statements(node.getStatements(), after, loop)
    if (Node.isVariableStatement(node)) {
      return node.getDeclarations().reduceRight((live, each) => {
        const value = each.getInitializer()
        const rest = namesOf(each).reduce((left, { name }) => without(left, snakeCase(name)), live)
        return value === undefined ? rest : expression(value, rest)
      }, after)
    }
    if (Node.isIfStatement(node)) {
      const otherwise = node.getElseStatement()
      const then = statement(node.getThenStatement(), after, loop)
      const or = otherwise === undefined ? after : statement(otherwise, after, loop)
      return expression(node.getExpression(), both(then, or))
    }
    if (Node.isSwitchStatement(node)) {
      const clauses = node.getClauses()
      const inside: Loop = { ...loop, afterBreak: after }
      // A clause without statements shares those of the next.
      const ends = clauses
        .filter(each => each.getStatements().length > 0)
        .map(each => statements(each.getStatements(), after, inside))
      const start = clauses.some(Node.isDefaultClause) ? nothing : after
      return expression(node.getExpression(), ends.reduce(both, start))
    }
    if (Node.isWhileStatement(node)) {
      return repeated(end => {
        const round = statement(node.getStatement(), end, { afterBreak: after, afterContinue: end })
        return expression(node.getExpression(), both(round, after))
      })
    }
    if (Node.isForOfStatement(node)) {
      const initializer = node.getInitializer()
      const variable = Node.isVariableDeclarationList(initializer)
        ? snakeCase(initializer.getDeclarations()[0]?.getName() ?? '')
        : ''
      const head = repeated(end => {
        const afterRound = both(end, after)
        const inside: Loop = { afterBreak: after, afterContinue: afterRound }
        return both(without(statement(node.getStatement(), afterRound, inside), variable), after)
      })
      return expression(node.getExpression(), head)
    }
    if (Node.isReturnStatement(node)) {
      const value = node.getExpression()
      return value === undefined ? nothing : expression(value, nothing)
    }
    if (Node.isBreakStatement(node)) return loop.afterBreak
    if (Node.isContinueStatement(node)) return loop.afterContinue
    return expression(node, after)
  }

  function statements(list: Statement[], after: Live, loop: Loop): Live {
    return list.reduceRight((live, each) => statement(each, live, loop), after)
  }

  statements(body.getStatements(), nothing, { afterBreak: nothing, afterContinue: nothing })
  return [...lost.values()]
}
