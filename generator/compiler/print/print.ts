/** IR to shell text: four spaces, a statement a line where it has room; commands of many words are wrapped at 80 columns. */
import type { CaseArm, Command, Redirect, SimpleCommand, Statement, WordPart } from '../ir.ts'
import { printCasePattern, printSplit, printUnsplitWord, printWord } from './quote.ts'

const indentation = '    '
/** Where words are wrapped, and comments. */
const wrapColumns = 80
/** What is wider is an error. */
export const mostColumns = 100

/** A printed line and the statement it came from, for `generate --explain`. */
export interface Line {
  text: string
  statement?: Statement
}

const captured = (part: WordPart): string =>
  part.kind === 'capture' ? `$(${simple(part.command).join(' ')})` : ''

function redirect({ operator, descriptor, target }: Redirect): string {
  const to = typeof target === 'number' ? `&${target}` : printWord(target, captured)
  return `${descriptor ?? ''}${operator}${to}`
}

/** A simple command as its words. */
function simple({ name, words, redirects = [] }: SimpleCommand): string[] {
  return [name, ...words.map(word => printWord(word, captured)), ...redirects.map(redirect)]
}

/** A command that fits into the middle of a line: everything but the compound ones. */
function inline(command: Command): string {
  switch (command.kind) {
    case 'command':
      return simple(command).join(' ')
    case 'assign':
      return `${command.name}=${printUnsplitWord(command.value, captured)}`
    case 'and':
      return `${grouped(command.left, command.kind)} && ${grouped(command.right, command.kind)}`
    case 'or':
      return `${grouped(command.left, command.kind)} || ${grouped(command.right, command.kind)}`
    case 'not':
      return `! ${grouped(command.command, command.kind)}`
    case 'background':
      return `${grouped(command.command, 'not')} &`
    case 'group':
      return `{ ${command.body.map(({ command: member }) => `${inline(member)}; `).join('')}}`
    default:
      throw new Error(`a ${command.kind} cannot stand inside a line`)
  }
}

/** `&&` and `||` bind alike in shell: a mixture, and what `!` covers, gets braces. */
function grouped(command: Command, around: 'and' | 'or' | 'not'): string {
  const isList = command.kind === 'and' || command.kind === 'or'
  return isList && command.kind !== around ? `{ ${inline(command)}; }` : inline(command)
}

/** The members of an and-or list of one kind, in order. */
function members(command: Command, kind: 'and' | 'or'): Command[] {
  return command.kind === kind ? [...members(command.left, kind), command.right] : [command]
}

/** A condition after `if`, `elif` or `while`, broken after its operators where the line is too long. */
function conditionLines(keyword: string, condition: Command, end: string, indent: string): string[] {
  const whole = `${indent}${keyword} ${inline(condition)}; ${end}`
  if (whole.length <= mostColumns || (condition.kind !== 'and' && condition.kind !== 'or')) return [whole]
  const { kind } = condition
  const parts = members(condition, kind).map(part => grouped(part, kind))
  const operator = kind === 'and' ? ' &&' : ' ||'
  return parts.map((part, index) => {
    // Twice as far in as what follows.
    const lead = index === 0 ? `${indent}${keyword} ` : `${indent}${indentation}${indentation}`
    return `${lead}${part}${index < parts.length - 1 ? operator : `; ${end}`}`
  })
}

/** A simple command over several lines, an option and its argument together. */
function brokenCommand(command: SimpleCommand, indent: string): string[] {
  const [name = '', ...rest] = simple(command)
  const pieces: string[] = []
  for (let index = 0; index < rest.length; index += 1) {
    const word = rest[index] ?? ''
    const next = rest[index + 1]
    // `-t 3`: a short option and what follows it, unless that is an option too.
    if (/^-[A-Za-z]$/.test(word) && next !== undefined && !next.startsWith('-')) {
      pieces.push(`${word} ${next}`)
      index += 1
    } else pieces.push(word)
  }
  return wrapped([name, ...pieces], '', indent)
}

const isReturn = (command: Command): boolean =>
  command.kind === 'command' && command.name === 'return' && command.words.length === 0

/** @param columns what a line may have: what stands behind the command needs room, too */
function plainLines(command: Command, indent: string, columns = mostColumns): string[] {
  const whole = indent + inline(command)
  if (whole.length <= (command.kind === 'command' ? wrapColumns : columns)) return [whole]
  if (command.kind === 'command' && command.words.length > 3) return brokenCommand(command, indent)
  if (command.kind === 'background') {
    const rows = plainLines(command.command, indent, columns - ' &'.length)
    return rows.map((row, index) => (index === rows.length - 1 ? `${row} &` : row))
  }
  if (command.kind === 'and' || command.kind === 'or') {
    const operator = command.kind === 'and' ? '&&' : '||'
    const right = grouped(command.right, command.kind)
    const room = isReturn(command.right) ? ` ${operator} ${right}`.length : 0
    const left = plainLines(command.left, indent, columns - room)
    const last = left.pop() ?? ''
    const joined = `${last} ${operator} ${right}`
    if (joined.length <= columns) return [...left, joined]
    return [...left, `${last} ${operator}`, `${indent}${indentation}${right}`]
  }
  return [whole]
}

/** Pieces with blanks between them, the line continued before it grows too long. */
function wrapped(pieces: string[], end: string, indent: string, continued = ' \\'): string[] {
  const rows: string[] = []
  let row = ''
  for (const piece of pieces) {
    if (row !== '' && row.length + 1 + piece.length + end.length > wrapColumns - 2) {
      rows.push(`${row}${continued}`)
      row = `${indent}${continued === '' ? '' : indentation}${piece}`
    } else row = row === '' ? `${indent}${piece}` : `${row} ${piece}`
  }
  return [...rows, `${row}${end}`]
}

const ending = new Set(['return', 'break', 'continue'])

const isHeld = (statement: Statement | undefined): boolean =>
  statement?.command.kind === 'assign' && statement.command.isHeld === true

/** What is printed of a list: no IFS that is there already; the comment above it is that of what it was for. */
function needed(statements: Statement[]): Statement[] {
  return statements.flatMap((statement, index) => {
    const before = statements[index - 1]
    if (isHeld(statement)) return []
    return [isHeld(before) && before?.comment ? { ...statement, comment: before.comment } : statement]
  })
}

/** A body that can stand inside of a line: one command, or one and the `return` after it. */
function inlineBody(statements: Statement[]): string | undefined {
  const body = needed(statements)
  const [first, second] = body
  if (first === undefined || body.length > 2) return undefined
  if (body.some(({ comment, command }) => comment !== undefined || !isPlain(command))) return undefined
  if (body.some(({ command }) => directives(command).length > 0)) return undefined
  const endsThere =
    second === undefined || (second.command.kind === 'command' && ending.has(second.command.name))
  return endsThere ? body.map(({ command }) => inline(command)).join('; ') : undefined
}

/** An `if` that can stand in the line of an arm. */
function inlineIf([only, ...others]: Statement[]): string | undefined {
  const isAlone = only !== undefined && others.length === 0 && only.comment === undefined
  return isAlone && only.command.kind === 'if' ? shortIf(only.command, '') : undefined
}

function armLines(arm: CaseArm, indent: string): Line[] {
  const patterns = arm.patterns.map(printCasePattern).join(' | ')
  const [first] = arm.body
  if (first === undefined) return [{ text: `${indent}${patterns}) ;;` }]
  const body = inlineBody(arm.body) ?? inlineIf(arm.body)
  const text = `${indent}${patterns}) ${body} ;;`
  if (body !== undefined && text.length <= mostColumns) return [{ text, statement: first }]
  return [
    ...patternLines(patterns, indent),
    ...blockLines(arm.body, indent + indentation),
    { text: `${indent}${indentation};;` },
  ]
}

/** `case x in pattern) command ;; esac`, of two arms at most, where a line is wide enough for it. */
function shortCase(
  { subject, arms }: Extract<Command, { kind: 'case' }>,
  indent: string,
): string | undefined {
  if (arms.length > 2) return undefined
  const texts: string[] = []
  for (const arm of arms) {
    const patterns = arm.patterns.map(printCasePattern).join(' | ')
    const body = arm.body.length === 0 ? '' : inlineBody(arm.body)
    if (body === undefined) return undefined
    texts.push(body === '' ? `${patterns}) ;;` : `${patterns}) ${body} ;;`)
  }
  const text = `${indent}case ${printUnsplitWord(subject, captured)} in ${texts.join(' ')} esac`
  return text.length <= mostColumns ? text : undefined
}

/** `if x; then y; fi`, where a line is wide enough for it. */
function shortIf(
  { branches, otherwise }: Extract<Command, { kind: 'if' }>,
  indent: string,
): string | undefined {
  const [branch] = branches
  if (branch === undefined || branches.length > 1) return undefined
  const body = inlineBody(branch.body)
  const other = otherwise === undefined ? undefined : inlineBody(otherwise)
  if (body === undefined || (otherwise !== undefined && other === undefined)) return undefined
  const end = other === undefined ? '' : `else ${other}; `
  const text = `${indent}if ${inline(branch.condition)}; then ${body}; ${end}fi`
  return text.length <= mostColumns ? text : undefined
}

/** Patterns of an arm, with the line continued where they are too long for one line. */
function patternLines(patterns: string, indent: string): Line[] {
  const [first = '', ...others] = patterns.split(' | ')
  return wrapped([first, ...others.map(pattern => `| ${pattern}`)], ')', indent).map(text => ({ text }))
}

const isPlain = ({ kind }: Command): boolean =>
  kind === 'command' ||
  kind === 'assign' ||
  kind === 'and' ||
  kind === 'or' ||
  kind === 'not' ||
  kind === 'group'

function forLines(command: Extract<Command, { kind: 'for' }>, indent: string, statement: Statement): Line[] {
  const { words, variable } = command
  const lead: Line[] = []
  if (words.kind === 'list') {
    const pieces = [`for ${variable} in`, ...words.words.map(word => printWord(word, captured))]
    lead.push(...wrapped(pieces, '; do', indent).map(text => ({ text, statement })))
  }
  if (words.kind === 'fields') {
    if (words.areSet !== true)
      lead.push({ text: `${indent}IFS=${printUnsplitWord(words.separators, captured)}`, statement })
    lead.push({ text: `${indent}for ${variable} in ${printSplit(words.text, captured)}; do`, statement })
  }
  if (words.kind === 'arguments') lead.push({ text: `${indent}for ${variable} in "$@"; do`, statement })
  return [...lead.slice(0, -1), ...loopLines(lead.slice(-1), command.body, indent)]
}

/** A loop behind its head; one command and its loop are one line, where that is wide enough. */
function loopLines(head: Line[], body: Statement[], indent: string): Line[] {
  const [first, ...others] = head
  const only = needed(body).length === 1 ? inlineBody(body) : undefined
  const short = `${first?.text} ${only}; done`
  if (first !== undefined && others.length === 0 && only !== undefined && short.length <= mostColumns)
    return [{ ...first, text: short }]
  return [...head, ...blockLines(body, indent + indentation), { text: `${indent}done` }]
}

/** `name() { command; }`, where a line is wide enough for it. */
function shortFunction({ name, body }: Extract<Command, { kind: 'function' }>): string | undefined {
  const [only, ...others] = needed(body)
  if (only === undefined || others.length > 0 || only.comment !== undefined) return undefined
  const { command } = only
  const inner =
    command.kind === 'case'
      ? shortCase(command, '')
      : command.kind === 'if'
        ? shortIf(command, '')
        : inlineBody([only])
  const text = `${name}() { ${inner}; }`
  return inner !== undefined && text.length <= mostColumns ? text : undefined
}

function statementLines(statement: Statement, indent: string): Line[] {
  const { command } = statement
  const at = (text: string): Line => ({ text, statement })
  switch (command.kind) {
    case 'if': {
      const short = shortIf(command, indent)
      if (short !== undefined) return [at(short)]
      const result: Line[] = []
      for (const [index, { condition, body }] of command.branches.entries()) {
        result.push(...conditionLines(index === 0 ? 'if' : 'elif', condition, 'then', indent).map(at))
        result.push(...blockLines(body, indent + indentation))
      }
      if (command.otherwise !== undefined) {
        result.push({ text: `${indent}else` }, ...blockLines(command.otherwise, indent + indentation))
      }
      return [...result, { text: `${indent}fi` }]
    }
    case 'case': {
      const short = shortCase(command, indent)
      if (short !== undefined) return [at(short)]
      return [
        at(`${indent}case ${printUnsplitWord(command.subject, captured)} in`),
        ...command.arms.flatMap(arm => armLines(arm, indent + indentation)),
        { text: `${indent}esac` },
      ]
    }
    case 'for':
      return forLines(command, indent, statement)
    case 'while':
      return loopLines(conditionLines('while', command.condition, 'do', indent).map(at), command.body, indent)
    case 'function': {
      const short = shortFunction(command)
      if (short !== undefined) return [at(short)]
      return [
        at(`${indent}${command.name}() {`),
        ...blockLines(command.body, indent + indentation),
        { text: `${indent}}` },
      ]
    }
    default:
      return plainLines(command, indent).map(at)
  }
}

/** Words that are split on purpose: where ShellCheck would ask for quotes it is told that there are none. */
function directives(command: Command): string[] {
  switch (command.kind) {
    case 'command': {
      const kinds = command.words.flatMap(([part]) => (part?.kind === 'split' ? [part.text.kind] : []))
      const codes = [
        ...(kinds.some(kind => kind !== 'capture') ? ['SC2086'] : []),
        ...(kinds.includes('capture') ? ['SC2046'] : []),
      ]
      return codes.length === 0 ? [] : [`shellcheck disable=${codes.join(',')} # split where IFS says`]
    }
    case 'assign':
      return command.value.flatMap(part => (part.kind === 'capture' ? directives(part.command) : []))
    case 'and':
    case 'or':
      return [...new Set([...directives(command.left), ...directives(command.right)])]
    case 'not':
    case 'background':
      return directives(command.command)
    default:
      return []
  }
}

/** Assignments that stand side by side: names of positional parameters, and first values, which are literals. */
function sideBySide({ command, comment }: Statement): 'positional' | 'literal' | undefined {
  if (command.kind !== 'assign' || comment !== undefined || command.name === 'IFS') return undefined
  const [only, ...others] = command.value
  if (others.length > 0) return undefined
  if (only === undefined || only.kind === 'literal') return 'literal'
  return only.kind === 'positional' ? 'positional' : undefined
}

/** Assignments in one line, or more where it is too short; between others nothing is `''`. */
function assignmentLines(statements: Statement[], indent: string): Line[] {
  const [statement] = statements
  const pieces = statements.map(({ command }) => {
    const text = inline(command)
    return statements.length > 1 && text.endsWith('=') ? `${text}''` : text
  })
  const rows = wrapped(pieces, '', indent, '')
  return rows.map(text => ({ text, ...(statement === undefined ? {} : { statement }) }))
}

/** A list of statements, each with the comment above it. An empty list is `:`. */
function blockLines(statements: Statement[], indent: string): Line[] {
  if (statements.length === 0) return [{ text: `${indent}:` }]
  const lines: Line[] = []
  const list = needed(statements)
  for (let start = 0; start < list.length; ) {
    const kind = sideBySide(list[start] as Statement)
    let end = start + 1
    while (kind !== undefined && end < list.length && sideBySide(list[end] as Statement) === kind) end += 1
    const group = list.slice(start, end)
    lines.push(...(kind === undefined ? statementsLines(group, indent) : assignmentLines(group, indent)))
    start = end
  }
  return lines
}

function statementsLines(statements: Statement[], indent: string): Line[] {
  return statements.flatMap(statement => [
    ...[...(statement.comment ?? []), ...directives(statement.command)].map(text => ({
      text: `${indent}${text === '' ? '#' : `# ${text}`}`,
    })),
    ...statementLines(statement, indent),
  ])
}

/** Comments behind assignments begin there, where the assignment is not longer. */
const commentColumn = 20

/** `name=value  # What it is.`, where the comment is one sentence or two and the line wide enough. */
function commentedAssignment(statement: Statement): Line | undefined {
  const { command, comment = [] } = statement
  if (command.kind !== 'assign' || comment.length === 0 || comment.includes('')) return undefined
  const text = `${inline(command).padEnd(commentColumn)}  # ${comment.join(' ')}`
  return text.length <= mostColumns ? { text, statement } : undefined
}

/** Top-level statements: a blank line around each function. */
export function printStatements(statements: Statement[]): Line[] {
  return statements.flatMap((statement, index) => {
    const apart = statement.command.kind === 'function' || statements[index - 1]?.command.kind === 'function'
    const short = commentedAssignment(statement)
    return [
      ...(index > 0 && apart ? [{ text: '' }] : []),
      ...(short === undefined ? blockLines([statement], '') : [short]),
    ]
  })
}

/** The line that opens a module's part of /init. */
export function banner(title: string): string {
  return `# ---- ${title} `.padEnd(wrapColumns, '-')
}
