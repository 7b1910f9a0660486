/** What each function of stages/api is in shell: its form there, read as a tree of the compiler's. */

import * as machine from '../stages/api/machine.ts'
import { type ShellForm, shellForms } from '../stages/api/verb.ts'
import { helperFiles } from './helpers.ts'
import type { Command, Pattern, Redirect, SimpleCommand, Word, WordPart } from './ir.ts'

/**
 * A machine function in shell; `helper` names the file in shell-templates/helpers that holds the function it calls,
 * `fails` says when it can fail, `prints` that its standard output is for the console.
 */
export type MachineMember = {
  helper?: string
  prints?: boolean
  fails?: string
  changesNothing?: boolean
} & (
  | {
      kind: 'action'
      canFail: boolean
      changesShell?: boolean
      ends?: boolean
      emit: (words: Word[]) => Command
    }
  | { kind: 'value'; canFail: boolean; emit: (words: Word[]) => SimpleCommand }
  /** A command whose exit status is the value. */
  | { kind: 'status'; emit: (words: Word[]) => SimpleCommand }
  | { kind: 'predicate'; emit: (words: Word[]) => Command }
  /** Parameter expansion of a variable. */
  | { kind: 'text'; emit: (name: string, argument: Pattern, argumentName: string | undefined) => Trim }
  /** What a for-of walks over; the characters that separate its words. */
  | { kind: 'words'; separators: Word | 'argument' }
  /** Has a rule of its own in lowering. */
  | { kind: 'special' }
)

export type Trim = Extract<WordPart, { kind: 'trim' }>

const literal = (text: string): Word => [{ kind: 'literal', text }]

export function command(name: string, ...words: (Word | string)[]): SimpleCommand {
  return {
    kind: 'command',
    name,
    words: words.map(word => (typeof word === 'string' ? literal(word) : word)),
  }
}

const isNoOption = ([first]: Word): boolean => first?.kind === 'literal' && !first.text.startsWith('-')

/** One word of a form: an argument, all that are left, or itself. */
function formWords(word: string, given: Word[], rest: Word[]): Word[] {
  if (word === '$@') return rest
  const number = /^\$([1-9])$/.exec(word)?.[1]
  if (number !== undefined) return [given[Number(number) - 1] ?? []]
  return [literal(word.replace(/^'(.*)'$/, '$1'))]
}

function formRedirect(word: string, given: Word[]): Redirect | undefined {
  const [, descriptor, operator, target = ''] = /^([0-9]?)(>>|>|<)(.+)$/.exec(word) ?? []
  if (operator === undefined) return undefined
  const number = /^&([0-9])$/.exec(target)?.[1]
  return {
    operator: operator as Redirect['operator'],
    ...(descriptor === '' ? {} : { descriptor: Number(descriptor) }),
    target: number === undefined ? (formWords(target, given, [])[0] ?? []) : Number(number),
  }
}

/** The command of a form with its arguments in it. */
function formCommand(shell: string, given: Word[]): SimpleCommand {
  const [first = '', ...pieces] = shell.match(/'[^']*'|\S+/g) ?? []
  // `$1` as the command is a program's name, a literal: check/program-names.ts sees to it.
  const [program] = given[0] ?? []
  const name = first === '$1' && program?.kind === 'literal' ? program.text : first
  const named = Math.max(0, ...[...shell.matchAll(/\$([1-9])/g)].map(([, number]) => Number(number)))
  const redirects: Redirect[] = []
  const words: Word[] = []
  for (const [index, piece] of pieces.entries()) {
    const redirect = formRedirect(piece, given)
    if (redirect !== undefined) redirects.push(redirect)
    else if (piece === '--') {
      const operands = pieces.slice(index + 1).filter(each => formRedirect(each, given) === undefined)
      const safe = operands.flatMap(each => formWords(each, given, given.slice(named))).every(isNoOption)
      if (!safe) words.push(literal('--'))
    } else words.push(...formWords(piece, given, given.slice(named)))
  }
  return { ...command(name, ...words), ...(redirects.length > 0 ? { redirects } : {}) }
}

/** `NAME=$1`, or a command. */
function formAction(shell: string, given: Word[]): Command {
  const name = /^([a-z_]+)=\$1$/.exec(shell)?.[1]
  return name === undefined ? formCommand(shell, given) : { kind: 'assign', name, value: given[0] ?? [] }
}

/** `${1%%$2*}`: the expansion of a variable; `$2` is what it looks for. */
function formTrim(shell: string, name: string, argument: Pattern, argumentName = ''): Trim {
  const [, side = '', pattern = ''] = /^\$\{1(%%|%|##|#)(.+)\}$/.exec(shell) ?? []
  const parts: Pattern = (pattern.match(/\[\$2\]|\$2|[*?]/g) ?? []).flatMap((piece): Pattern => {
    if (piece === '[$2]') return [{ kind: 'oneOf', name: argumentName }]
    if (piece === '$2') return argument
    return [{ kind: piece === '*' ? 'any' : 'one' }]
  })
  return { kind: 'trim', name, side: side as Trim['side'], pattern: parts }
}

function memberOf({ kind, shell, fails, ...traits }: ShellForm): MachineMember {
  const [name = ''] = shell.split(' ')
  const common = {
    ...(helperFiles().includes(name) ? { helper: name } : {}),
    ...(fails === undefined ? {} : { fails }),
    ...traits,
  }
  const canFail = fails !== undefined
  switch (kind) {
    case 'action':
      return { ...common, kind, canFail, emit: given => formAction(shell, given) }
    case 'value':
      return { ...common, kind, canFail, emit: given => formCommand(shell, given) }
    case 'status':
    case 'predicate':
      return { ...common, kind, emit: given => formCommand(shell, given) }
    case 'text':
      return {
        kind,
        emit: (subject, argument, argumentName) => formTrim(shell, subject, argument, argumentName),
      }
    case 'words':
      return {
        kind,
        separators: shell === '$2' ? 'argument' : [{ kind: 'variable', name: shell.slice(1) }],
      }
    case 'special':
      return { ...common, kind }
  }
}

const names = new Map<unknown, string>(Object.entries(machine).map(([name, verb]) => [verb, name]))

/** By their names, in the order of their declaration. */
export const machineTable: Record<string, MachineMember> = Object.fromEntries(
  [...shellForms].map(([verb, form]) => [names.get(verb) ?? '', memberOf(form)]),
)

/** Those whose command is their first argument: it must be known when /init is made. */
export const runners: readonly string[] = [...shellForms]
  .filter(([, { shell }]) => shell.startsWith('$1 '))
  .map(([verb]) => names.get(verb) ?? '')
