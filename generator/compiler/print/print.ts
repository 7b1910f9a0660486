/** IR to shell text: four spaces, 80 columns where it can, one option a line where it cannot. */
import type { CaseArm, Command, Redirect, SimpleCommand, Statement, WordPart } from '../ir.ts'
import { printCasePattern, printSplit, printUnsplitWord, printWord } from './quote.ts'

const indentation = '    '
const wishedColumns = 80
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
  if (whole.length <= wishedColumns || (condition.kind !== 'and' && condition.kind !== 'or')) return [whole]
  const { kind } = condition
  const parts = members(condition, kind).map(part => grouped(part, kind))
  const operator = kind === 'and' ? ' &&' : ' ||'
  return [
    ...parts.map((part, index) => {
      const lead = index === 0 ? `${indent}${keyword} ` : `${indent}${indentation}`
      return `${lead}${part}${index < parts.length - 1 ? operator : ''}`
    }),
    `${indent}${end}`,
  ]
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

function plainLines(command: Command, indent: string): string[] {
  const whole = indent + inline(command)
  if (whole.length <= wishedColumns) return [whole]
  if (command.kind === 'command' && command.words.length > 3) return brokenCommand(command, indent)
  if (command.kind === 'background') {
    const rows = plainLines(command.command, indent)
    return rows.map((row, index) => (index === rows.length - 1 ? `${row} &` : row))
  }
  if (command.kind === 'and' || command.kind === 'or') {
    const operator = command.kind === 'and' ? '&&' : '||'
    const left = plainLines(command.left, indent)
    const last = left.pop() ?? ''
    const right = grouped(command.right, command.kind)
    const joined = `${last} ${operator} ${right}`
    // What a failure is handed on by may stand behind the wished width: nothing else is read there.
    if (joined.length <= (isReturn(command.right) ? mostColumns : wishedColumns)) return [...left, joined]
    return [...left, `${last} ${operator}`, `${indent}${indentation}${right}`]
  }
  return [whole]
}

/** Pieces with blanks between them, the line continued before it grows too long. */
function wrapped(pieces: string[], end: string, indent: string): string[] {
  const rows: string[] = []
  let row = ''
  for (const piece of pieces) {
    if (row !== '' && row.length + 1 + piece.length + end.length > wishedColumns - 2) {
      rows.push(`${row} \\`)
      row = `${indent}${indentation}${piece}`
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

function armLines(arm: CaseArm, indent: string): Line[] {
  const patterns = arm.patterns.map(printCasePattern).join(' | ')
  const [first] = arm.body
  if (first === undefined) return [{ text: `${indent}${patterns}) ;;` }]
  const body = inlineBody(arm.body)
  const text = `${indent}${patterns}) ${body} ;;`
  if (body !== undefined && text.length <= wishedColumns) return [{ text, statement: first }]
  return [
    ...patternLines(patterns, indent),
    ...blockLines(arm.body, indent + indentation),
    { text: `${indent}${indentation};;` },
  ]
}

/** `case x in pattern) command ;; esac`, where there is one arm and a line is wide enough for it. */
function shortCase(
  { subject, arms }: Extract<Command, { kind: 'case' }>,
  indent: string,
): string | undefined {
  const [arm] = arms
  const body = arm === undefined || arms.length > 1 ? undefined : inlineBody(arm.body)
  if (arm === undefined || body === undefined) return undefined
  const patterns = arm.patterns.map(printCasePattern).join(' | ')
  const text = `${indent}case ${printUnsplitWord(subject, captured)} in ${patterns}) ${body} ;; esac`
  return text.length <= wishedColumns ? text : undefined
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
  return text.length <= wishedColumns ? text : undefined
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
  return [...lead, ...blockLines(command.body, indent + indentation), { text: `${indent}done` }]
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
      return [
        ...conditionLines('while', command.condition, 'do', indent).map(at),
        ...blockLines(command.body, indent + indentation),
        { text: `${indent}done` },
      ]
    case 'function':
      return [
        at(`${indent}${command.name}() {`),
        ...blockLines(command.body, indent + indentation),
        { text: `${indent}}` },
      ]
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

/** A list of statements, each with the comment above it. An empty list is `:`. */
function blockLines(statements: Statement[], indent: string): Line[] {
  if (statements.length === 0) return [{ text: `${indent}:` }]
  return needed(statements).flatMap(statement => [
    ...[...(statement.comment ?? []), ...directives(statement.command)].map(text => ({
      text: `${indent}${text === '' ? '#' : `# ${text}`}`,
    })),
    ...statementLines(statement, indent),
  ])
}

/** Top-level statements: a blank line around each function. */
export function printStatements(statements: Statement[]): Line[] {
  return statements.flatMap((statement, index) => {
    const apart = statement.command.kind === 'function' || statements[index - 1]?.command.kind === 'function'
    return [...(index > 0 && apart ? [{ text: '' }] : []), ...blockLines([statement], '')]
  })
}

/** The line that opens a module's part of /init. */
export function banner(title: string): string {
  return `# ---- ${title} `.padEnd(wishedColumns, '-')
}
