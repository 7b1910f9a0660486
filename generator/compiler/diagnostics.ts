import { readFileSync } from 'node:fs'
import { CommandError } from '../host/console/command-error.ts'
import type { Span } from './ir.ts'

/** A piece of a stage's text. */
export interface Place {
  span: Span
  /** The source line that the span points into; where in the file it is meant to begin, and how far it goes. */
  sourceLine: string
  offset: number
  length: number
  /** Nobody wrote it: it was put into a module in memory for what stands here. */
  isAdded?: true
}

/** Something in a stage that cannot become shell. Codes are stable: people search for them. */
export interface Diagnostic extends Place {
  code: string
  message: string
  /** What to write instead. */
  help: string
  /** What happens here; shown behind the carets. */
  label?: string
  /** Where the other half of the truth stands. */
  other?: Place & { label: string }
}

/** The line of a place with carets below it, and a label behind them. */
function frame({ span, sourceLine, length }: Place, label = ''): string {
  const gutter = String(span.line).padStart(5)
  const carets = '^'.repeat(Math.max(1, Math.min(length, sourceLine.length - span.column + 1)))
  const below = `${' '.repeat(gutter.length)} | ${' '.repeat(span.column - 1)}${carets} ${label}`
  return `${gutter} | ${sourceLine}\n${below.trimEnd()}`
}

const position = ({ span }: Place): string => `${span.file}:${span.line}:${span.column}`

/** `file:line:column: error[code]: message`, the line with carets below, the other place alike, and `help:`. */
export function printDiagnostic(diagnostic: Diagnostic): string {
  const { code, message, help, label, other } = diagnostic
  return [
    `${position(diagnostic)}: error[${code}]: ${message}`,
    frame(diagnostic, label),
    ...(other === undefined ? [] : [`${position(other)}:`, frame(other, other.label)]),
    `help: ${help}`,
  ].join('\n')
}

/** Of two diagnostics for the same piece of text the one that was found first tells more. */
export function withoutEchoes(diagnostics: Diagnostic[]): Diagnostic[] {
  const kept: Diagnostic[] = []
  for (const each of diagnostics) {
    const isEcho = kept.some(
      other =>
        other.span.file === each.span.file &&
        other.offset < each.offset + each.length &&
        each.offset < other.offset + other.length,
    )
    if (!isEcho) kept.push(each)
  }
  return kept
}

/** All that is wrong with the stages, in order of file and place. Nothing is emitted then. */
export class CompileError extends CommandError {
  override name = 'CompileError'

  constructor(readonly diagnostics: Diagnostic[]) {
    const sorted = [...diagnostics].sort(
      (a, b) =>
        a.span.file.localeCompare(b.span.file) || a.span.line - b.span.line || a.span.column - b.span.column,
    )
    const count = sorted.length === 1 ? 'one error' : `${sorted.length} errors`
    super(
      `${count} in the stages, no /init was made\n\n${sorted.map(printDiagnostic).join('\n\n')}\n`,
      'generator/compiler/README.md lists all that a stage may hold',
    )
  }
}

/** Where bugs are reported: what package.json says, or those from whom the package came. */
function whereToReport(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  const { bugs } = JSON.parse(text) as { bugs?: { url?: string } }
  return bugs?.url ?? 'whoever gave you this package'
}

/** The stages that come with the package do not compile: nothing that a site can mend, so it is told no details. */
export class OwnStagesError extends CommandError {
  override name = 'OwnStagesError'

  constructor(error: CompileError) {
    const places = error.diagnostics.map(({ span, code }) => `${span.file}:${span.line} ${code}`)
    super(
      "aria2-initrd's own stages do not compile here: this is a bug in aria2-initrd",
      `report it to ${whereToReport()}, with this line: ${process.version} ${places.length} ${places[0]}`,
    )
  }
}
