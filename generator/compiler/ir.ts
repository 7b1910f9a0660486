/**
 * The tree between lowering and printing, shaped like POSIX's shell grammar (XCU 2.10). There is no node that holds raw
 * shell text: whatever a stage says ends up quoted by the printer or not in /init at all.
 */

/** Where in the TypeScript something comes from. Lines and columns count from 1. */
export interface Span {
  file: string
  line: number
  column: number
}

/** An integer expression inside `$(( ))`. Variables in it hold validated integers only. */
export type Arithmetic =
  | { kind: 'integer'; value: number }
  | { kind: 'variable'; name: string }
  /** `$(…)` of a command that prints an integer. */
  | { kind: 'capture'; command: SimpleCommand }
  | { kind: 'binary'; operator: '+' | '-' | '*' | '/' | '%'; left: Arithmetic; right: Arithmetic }

/** A piece of a pattern (XCU 2.14). Literals and variables match themselves only. */
export type PatternPart =
  | { kind: 'literal'; text: string }
  | { kind: 'variable'; name: string }
  /** `*` */
  | { kind: 'any' }
  /** `?` */
  | { kind: 'one' }
  /** `[…]`: one character that is in a variable, or in a list with ranges such as `0-9`. */
  | { kind: 'oneOf'; name: string }
  | { kind: 'noneOf'; ranges: string }

export type Pattern = PatternPart[]

/** A piece of a word. A name is a variable's, or the number of a positional parameter. */
export type WordPart =
  | { kind: 'literal'; text: string }
  | { kind: 'variable'; name: string }
  /** `$1`, or `${1-}` where there may be none. */
  | { kind: 'positional'; index: number; orEmpty?: true }
  /** `"$@"`; stands alone in its word. */
  | { kind: 'arguments' }
  /** `$#` */
  | { kind: 'argumentCount' }
  /** `$?` */
  | { kind: 'status' }
  /** `${#name}` */
  | { kind: 'length'; name: string }
  /** `${name#pattern}` and its kin. */
  | { kind: 'trim'; name: string; side: '#' | '##' | '%' | '%%'; pattern: Pattern }
  /** `$((…))` */
  | { kind: 'arithmetic'; expression: Arithmetic }
  /** `$(…)` */
  | { kind: 'capture'; command: SimpleCommand }
  /** `$!` */
  | { kind: 'job' }
  /** `${name:-word}`, `${name:+word}`: for an empty text, or for one that is not; the word is plain. */
  | { kind: 'choice'; name: string; when: 'empty' | 'full'; word: Word }
  /** A text that IFS cuts into words of their own; stands alone in its word. */
  | { kind: 'split'; text: SplitText }

/** One word for the shell. None but `split` is ever split, none is expanded to file names. */
export type Word = WordPart[]

/** What may be split: a variable, or what a command prints. */
export type SplitText =
  | { kind: 'variable'; name: string }
  | { kind: 'positional'; index: number }
  | { kind: 'capture'; command: SimpleCommand }

export interface Redirect {
  operator: '<' | '>' | '>>'
  /** 2 in `2>file`; the default of the operator when left out. */
  descriptor?: number
  /** A file, or another descriptor's number (`2>&1`). */
  target: Word | number
}

export interface SimpleCommand {
  kind: 'command'
  name: string
  words: Word[]
  redirects?: Redirect[]
}

/** What stands between words of a `for`. */
export type ForWords =
  /** The function's own words, `"$@"`. */
  | { kind: 'arguments' }
  /** Fixed words. */
  | { kind: 'list'; words: Word[] }
  /** A text, cut at each character of `separators`; IFS has to hold them, unless it does already. */
  | { kind: 'fields'; text: SplitText; separators: Word; areSet?: boolean }

export type Command =
  | SimpleCommand
  /** `isHeld`: IFS, which has that value already. */
  | { kind: 'assign'; name: string; value: Word; isHeld?: boolean }
  | { kind: 'and' | 'or'; left: Command; right: Command }
  | { kind: 'not'; command: Command }
  /** `command &` */
  | { kind: 'background'; command: Command }
  | { kind: 'group'; body: Statement[] }
  | { kind: 'if'; branches: { condition: Command; body: Statement[] }[]; otherwise?: Statement[] }
  | { kind: 'case'; subject: Word; arms: CaseArm[] }
  | { kind: 'for'; variable: string; words: ForWords; body: Statement[] }
  | { kind: 'while'; condition: Command; body: Statement[] }
  | { kind: 'function'; name: string; body: Statement[] }

export interface CaseArm {
  patterns: Pattern[]
  body: Statement[]
}

/** A command in a list, with the comment that stands above it and the line of TypeScript that it comes from. */
export interface Statement {
  command: Command
  comment?: string[]
  span?: Span
}

/** A source module of /init: its banner, its constants and functions. */
export interface Section {
  title: string
  comment?: string[]
  statements: Statement[]
}
