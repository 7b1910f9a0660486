/**
 * What IFS holds, proven: whatever cuts a text sets it only where it may hold something else. From the start of /init on
 * it is a newline; a function begins with what all its calls have in common, a capture leaves IFS alone.
 */
import { helperText } from '../helpers.ts'
import type { Arithmetic, Command, Section, SimpleCommand, Statement, Word, WordPart } from '../ir.ts'

/** IFS at a place: a word's text, `unknown`, or undefined where the boot never comes. */
type State = string | undefined
const unknown = 'unknown'
const keyOf = (word: Word): string => JSON.stringify(word)

/** What the frame sets. */
const initial = keyOf([{ kind: 'variable', name: 'newline' }])

const both = (one: State, other: State): State =>
  one === undefined ? other : other === undefined || one === other ? one : unknown

/** The commands in `$( )` that a piece of a word or of arithmetic holds. */
function capturesIn(part: WordPart | Arithmetic): Command[] {
  switch (part.kind) {
    case 'capture':
      return [part.command]
    case 'split':
      return part.text.kind === 'capture' ? [part.text.command] : []
    case 'choice':
      return part.word.flatMap(capturesIn)
    case 'arithmetic':
      return capturesIn(part.expression)
    case 'binary':
      return [...capturesIn(part.left), ...capturesIn(part.right)]
    default:
      return []
  }
}

/** The files that a command's redirections name. */
const targetsOf = ({ redirects = [] }: SimpleCommand): Word[] =>
  redirects.map(({ target }) => target).filter(target => typeof target !== 'number')

interface Loop {
  /** IFS at every `break` and `continue`. */
  left: State
}

class Analysis {
  readonly #bodies = new Map<string, Statement[]>()
  readonly #entries = new Map<string, State>()
  readonly #exits = new Map<string, State>()
  /** The commands in the words of each: a loop is gone through more than once. */
  readonly #captured = new WeakMap<object, Command[]>()
  #changed = false
  /** IFS at each `return` of the function that is gone through. */
  #returned: State
  #loop: Loop | undefined

  constructor(sections: Section[]) {
    for (const { command } of sections.flatMap(({ statements }) => statements))
      if (command.kind === 'function') this.#bodies.set(command.name, command.body)
    this.#entries.set('main', initial)
    do {
      this.#changed = false
      for (const [name, body] of this.#bodies) this.#function(name, body)
    } while (this.#changed)
  }

  #function(name: string, body: Statement[]): void {
    const entry = this.#entries.get(name)
    if (entry === undefined) return
    this.#returned = undefined
    this.#update(this.#exits, name, both(this.#statements(body, entry), this.#returned))
  }

  #update(states: Map<string, State>, name: string, state: State): void {
    const joined = both(states.get(name), state)
    if (joined === states.get(name)) return
    states.set(name, joined)
    this.#changed = true
  }

  #statements(list: Statement[], before: State): State {
    return list.reduce((state, { command }) => this.#command(command, state), before)
  }

  /** Commands in `$( )` see IFS, and cannot change it. @param command whose words they are */
  #captures(command: object, words: Word[], state: State): void {
    const captures = this.#captured.get(command) ?? words.flat().flatMap(capturesIn)
    this.#captured.set(command, captures)
    for (const captured of captures) this.#command(captured, state)
  }

  #called(name: string, state: State): State {
    if (name === 'return') {
      this.#returned = both(this.#returned, state)
      return undefined
    }
    if ((name === 'break' || name === 'continue') && this.#loop !== undefined) {
      this.#loop.left = both(this.#loop.left, state)
      return undefined
    }
    if (!this.#bodies.has(name)) return setsSeparators(name) ? unknown : state
    this.#update(this.#entries, name, state)
    return this.#exits.get(name)
  }

  /** A loop's rounds, until nothing new comes from the end of one; IFS behind it. */
  #rounds(before: State, round: (head: State) => State): State {
    const around = this.#loop
    let head = before
    for (;;) {
      this.#loop = { left: undefined }
      const end = both(round(head), this.#loop.left)
      const next = both(head, end)
      if (next === head) break
      head = next
    }
    this.#loop = around
    return head
  }

  #command(command: Command, before: State): State {
    if (before === undefined) return undefined
    switch (command.kind) {
      case 'command':
        this.#captures(command, [...command.words, ...targetsOf(command)], before)
        return this.#called(command.name, before)
      case 'assign':
        this.#captures(command, [command.value], before)
        if (command.name !== 'IFS') return before
        command.isHeld = before === keyOf(command.value)
        return keyOf(command.value)
      case 'background':
        this.#command(command.command, before)
        return before
      case 'and':
      case 'or': {
        const left = this.#command(command.left, before)
        return both(left, this.#command(command.right, left))
      }
      case 'not':
        return this.#command(command.command, before)
      case 'group':
        return this.#statements(command.body, before)
      case 'if': {
        let state: State = before
        let after: State
        for (const { condition, body } of command.branches) {
          state = this.#command(condition, state)
          after = both(after, this.#statements(body, state))
        }
        return both(after, this.#statements(command.otherwise ?? [], state))
      }
      case 'case': {
        this.#captures(command, [command.subject], before)
        const isComplete = command.arms.some(({ patterns }) =>
          patterns.some(([part, ...rest]) => part?.kind === 'any' && rest.length === 0),
        )
        const ends = command.arms.map(({ body }) => this.#statements(body, before))
        return ends.reduce(both, isComplete ? undefined : before)
      }
      case 'for': {
        const { words } = command
        if (words.kind === 'list') this.#captures(words, words.words, before)
        if (words.kind === 'fields')
          this.#captures(words, [[{ kind: 'split', text: words.text }]], keyOf(words.separators))
        if (words.kind !== 'fields') return this.#rounds(before, head => this.#statements(command.body, head))
        const separators = keyOf(words.separators)
        words.areSet = before === separators
        return this.#rounds(separators, head => this.#statements(command.body, head))
      }
      case 'while':
        return this.#rounds(before, head =>
          this.#statements(command.body, this.#command(command.condition, head)),
        )
      case 'function':
        return before
    }
  }
}

/** Whether a helper leaves another IFS behind. */
const changing = new Map<string, boolean>()
function setsSeparators(name: string): boolean {
  const known = changing.get(name)
  if (known !== undefined) return known
  let text = ''
  try {
    text = helperText(name)
  } catch {
    // A program, or a word of the shell.
  }
  const sets = /^\s*IFS=/m.test(text)
  changing.set(name, sets)
  return sets
}

/** Marks the loops and assignments that find IFS as they need it. */
export function markKnownSeparators(sections: Section[]): void {
  new Analysis(sections)
}
