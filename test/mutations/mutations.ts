/** Faults for the compiler: each breaks one rule, by a piece of its source that is there once. */
export interface Mutation {
  /** What is wrong then. */
  name: string
  /** A file below generator/compiler. */
  file: string
  from: string
  to: string
}

export const mutations: Mutation[] = [
  {
    name: 'a failure is not handed on',
    file: 'lower/statements.ts',
    from: "return canFail && !last ? { kind: 'or', left: inner, right: returnCommand } : inner",
    to: 'return inner',
  },
  {
    name: 'a failed capture is not handed on',
    file: 'lower/statements.ts',
    from: "return [orReturn({ kind: 'assign', name, value: captured }, form.canFail, false)]",
    to: "return [{ kind: 'assign', name, value: captured }]",
  },
  {
    name: 'fail() goes on with the next line',
    file: 'lower/statements.ts',
    from: "return isLast(node) ? refused : { kind: 'or', left: refused, right: returnCommand }",
    to: 'return refused',
  },
  {
    name: 'an early return hands on the status before it',
    file: 'lower/statements.ts',
    from: "const doneCommand = command('return', '0')",
    to: "const doneCommand = command('return')",
  },
  {
    name: 'the status of aria2c stays 0',
    file: 'lower/statements.ts',
    from: "right: { kind: 'assign', name, value: [{ kind: 'status' }] },",
    to: "right: command(':'),",
  },
  {
    name: 'true and false of a predicate change places',
    file: 'lower/statements.ts',
    from: "node.getKind() === SyntaxKind.TrueKeyword\n        ? '0'",
    to: "node.getKind() === SyntaxKind.FalseKeyword\n        ? '0'",
  },
  {
    name: 'an arm of a case that should not match does',
    file: 'lower/statements.ts',
    from: '      { patterns: test.patterns, body: otherwise },\n      { patterns: anything, body: then },',
    to: '      { patterns: test.patterns, body: then },\n      { patterns: anything, body: otherwise },',
  },
  {
    name: '&& and || change places under a negation',
    file: 'lower/conditions.ts',
    from: "kind: isAnd === holds ? 'and' : 'or'",
    to: "kind: isAnd ? 'and' : 'or'",
  },
  {
    name: 'less-than-or-equal loses its equal',
    file: 'lower/conditions.ts',
    from: "number: '-le'",
    to: "number: '-lt'",
  },
  {
    name: 'a negated comparison is not negated',
    file: 'lower/conditions.ts',
    from: 'const kind = holds ? operator : comparisons[operator]?.opposite',
    to: 'const kind = operator',
  },
  {
    name: 'endsWith asks the beginning',
    file: 'lower/conditions.ts',
    from: 'endsWith: argument => [any, ...argument],',
    to: 'endsWith: argument => [...argument, any],',
  },
  {
    name: 'a newline in a text is lost',
    file: 'lower/words.ts',
    from: ".map(piece => (piece === '\\n' ? { kind: 'variable', name: 'newline' } : { kind: 'literal', text: piece }))",
    to: ".map(piece => ({ kind: 'literal', text: piece.trim() }))",
  },
  {
    name: 'the two sides of an operator change places',
    file: 'lower/words.ts',
    from: '        left: lowerArithmetic(node.getLeft(), context),\n        right: lowerArithmetic(node.getRight(), context),\n      }\n    }\n  }',
    to: '        left: lowerArithmetic(node.getRight(), context),\n        right: lowerArithmetic(node.getLeft(), context),\n      }\n    }\n  }',
  },
  {
    name: 'after() looks for the last one',
    file: 'machine-table.ts',
    from: "name, side: side as Trim['side'], pattern: parts }",
    to: "name, side: side === '#' ? '##' : (side as Trim['side']), pattern: parts }",
  },
  {
    name: 'a path may be taken for an option',
    file: 'machine-table.ts',
    from: "if (!safe) words.push(literal('--'))",
    to: 'void safe',
  },
  {
    name: 'a parenthesis is left out',
    file: 'print/quote.ts',
    from: 'return rank < outer ? `(${text})` : text',
    to: 'return text',
  },
  {
    name: 'a dollar sign is not escaped',
    file: 'print/quote.ts',
    from: 'return text.replace(/[\\\\"$`]/g',
    to: 'return text.replace(/[\\\\"`]/g',
  },
  {
    name: 'a variable in a pattern is not quoted',
    file: 'print/quote.ts',
    from: 'return `"$${part.name}"`',
    to: 'return `$${part.name}`',
  },
  {
    name: 'a mixture of && and || has no braces',
    file: 'print/print.ts',
    from: 'return isList && command.kind !== around ? `{ ${inline(command)}; }` : inline(command)',
    to: 'return inline(command)',
  },
  {
    name: 'IFS is not set',
    file: 'print/print.ts',
    from: 'lead.push({ text: `${indent}IFS=${printUnsplitWord(words.separators, captured)}`, statement })',
    to: '',
  },
  {
    name: 'variables may clash',
    file: 'check/names.ts',
    from: '...clashes(model, effects),',
    to: '',
  },
  {
    name: 'syntax outside of the list is let through',
    file: 'check/syntax.ts',
    from: 'if (!allowedSyntax.has(kind) && !Node.isCommentNode(node)) {',
    to: 'if (false as boolean) {',
  },
  {
    name: 'a capture may change what the script shares',
    file: 'check/calls.ts',
    from: "if (stageFunction.kind === 'value' && below(setsState)) {",
    to: 'if (false as boolean) {',
  },
  {
    name: 'lost value: no call overwrites anything',
    file: 'check/names.ts',
    from: 'return call === undefined ? [] : effects.changedBy(call).keys()',
    to: 'return call === undefined ? [] : []',
  },
  {
    name: 'lost value: a call overwrites only what the callee itself sets',
    file: 'check/names.ts',
    from: 'for (const [name, variable] of this.sets(call.target)) if (!all.has(name)) all.set(name, variable)',
    to: '',
  },
  {
    name: 'lost value: a parameter that is assigned counts as handed on',
    file: 'check/names.ts',
    from: 'return !target.node\n      .getDescendantsOfKind(SyntaxKind.BinaryExpression)',
    to: 'return true || !target.node\n      .getDescendantsOfKind(SyntaxKind.BinaryExpression)',
  },
  {
    name: 'lost value: what a callee hands on may be changed further down',
    file: 'check/names.ts',
    from: 'if (furtherDown === undefined) changed.delete(name)',
    to: 'if (furtherDown !== name) changed.delete(name)',
  },
  {
    name: 'lost value: any parameter counts as handed on',
    file: 'check/names.ts',
    from: 'if (!Node.isIdentifier(given) || snakeCase(given.getText()) !== name) return false',
    to: 'if (index === -1) return false',
  },
  {
    name: 'lost value: a loop is gone through once',
    file: 'check/liveness.ts',
    from: 'if (next.size === head.size) return next',
    to: 'return next',
  },
  {
    name: 'lost value: nothing is read after a break',
    file: 'check/liveness.ts',
    from: 'if (Node.isBreakStatement(node)) return loop.afterBreak',
    to: 'if (Node.isBreakStatement(node)) return nothing',
  },
  {
    name: 'lost value: nothing is read after a continue',
    file: 'check/liveness.ts',
    from: 'if (Node.isContinueStatement(node)) return loop.afterContinue',
    to: 'if (Node.isContinueStatement(node)) return nothing',
  },
  {
    name: 'lost value: an if without else always takes its branch',
    file: 'check/liveness.ts',
    from: 'otherwise === undefined ? after : statement(otherwise, after, loop)',
    to: 'otherwise === undefined ? nothing : statement(otherwise, after, loop)',
  },
  {
    name: 'lost value: a switch always comes to a clause',
    file: 'check/liveness.ts',
    from: 'clauses.some(Node.isDefaultClause) ? nothing : after',
    to: 'clauses.length > 0 ? nothing : after',
  },
  {
    name: 'lost value: an assignment reads what it assigns nothing of',
    file: 'check/liveness.ts',
    from: 'const rest = namesOf(each).reduce((left, { name }) => without(left, snakeCase(name)), live)',
    to: 'const rest = live',
  },
  {
    name: 'lost value: the right side of && and || always runs',
    file: 'check/liveness.ts',
    from: '? both(after, expression(right, after))',
    to: '? expression(right, after)',
  },
]
