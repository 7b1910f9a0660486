/**
 * How a function of the machine is declared: its TypeScript type, and beside it what it is in shell. The compiler reads
 * the shell form (compiler/machine-table.ts), and the type obliges the simulator to have a member of that name.
 */

/** What a verb is in shell. */
export interface ShellForm {
  /**
   * `action`: a command; `value`: a command that prints its value; `status`: a command whose exit status is the value;
   * `predicate`: a command that is asked; `text`: an expansion of a variable; `words`: what is walked over, its shell the
   * separators; `special`: has a rule of its own in lowering.
   */
  kind: 'action' | 'value' | 'status' | 'predicate' | 'text' | 'words' | 'special'
  /**
   * The command line: `$1`, `$2` are the arguments in their order, each one word; `$@` is all that come after those. `--`
   * is left out where no argument can be taken for an option.
   */
  shell: string
  /** When it can fail: ends the sentence "it fails when …". Without this it cannot. */
  fails?: string
  /** Its standard output is for the console. */
  prints?: true
  /** It changes the shell that runs it, so it must not run in a subshell. */
  changesShell?: true
  /** It never comes back. */
  ends?: true
  /** A command that leaves machine and files as they are, so it may run in a capture. */
  changesNothing?: true
}

/** A text of lines. It is walked over by lines(…): without that it has nothing to walk over, unlike other texts. */
export type List = string & { readonly [Symbol.iterator]: never }

type Traits = Omit<ShellForm, 'kind' | 'shell'>
type AnyFunction = (...given: never[]) => unknown

/** Thrown where a command would end with a non-zero status. */
export class CommandFailed extends Error {
  override name = 'CommandFailed'
}

let machine: object | undefined

/** The machine that stages act on from now on; undefined takes it away again. */
export function actOn(next: object | undefined): void {
  machine = next
}

/** The member of the machine that a verb is. */
function member(name: string): AnyFunction {
  if (machine === undefined) throw new Error('no machine: call runOn(…) before a stage')
  return (machine as Record<string, AnyFunction>)[name] as AnyFunction
}

/** What each function of the machine is in shell, in the order of their declaration. */
export const shellForms = new Map<unknown, ShellForm>()

function declared<Kind extends AnyFunction>(call: Kind, form: ShellForm): Kind {
  shellForms.set(call, form)
  return call
}

const verb =
  (kind: ShellForm['kind']) =>
  <Type extends AnyFunction>(name: string, shell: string, traits: Traits = {}): Type =>
    declared(((...given: never[]) => member(name)(...given)) as Type, { kind, shell, ...traits })

/** A command. */
export const action = verb('action')
/** A command that prints its value. */
export const value = verb('value')
/** A command whose exit status is the value. */
export const status = verb('status')
/** A command that is asked: its exit status is the answer. */
export const predicate = verb('predicate')
/** Something that lowering knows by name. */
export const special = verb('special')

/** A function of text alone, the same on every machine: an expansion like `${1%%$2*}`. */
export const text = <Type extends AnyFunction>(shell: string, call: Type): Type =>
  declared(call, { kind: 'text', shell })
/** What a for-of walks over: a text, cut at each of the characters that `shell` names. */
export const separated = <Type extends AnyFunction>(shell: string, call: Type): Type =>
  declared(call, { kind: 'words', shell })
/** A function of its own in TypeScript that lowering knows by name. */
export const lowered = <Type extends AnyFunction>(call: Type): Type =>
  declared(call, { kind: 'special', shell: '' })
