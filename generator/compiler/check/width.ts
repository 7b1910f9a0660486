/** Lines of /init that no break can make short: a text that is too long for one line of a terminal. */
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model } from '../model.ts'
import { diagnosticAtText, spanOf } from '../places.ts'
import { mostColumns as columns, type Line } from '../print/print.ts'

export function checkWidth(lines: Line[], { program }: Model): Diagnostic[] {
  const modules = new Map(program.modules.map(module => [spanOf(module).file, module]))
  return lines.flatMap(({ text, statement }) => {
    const span = statement?.span
    const module = span && modules.get(span.file)
    if (text.length <= columns || span === undefined || module === undefined) return []
    const offset = module.compilerNode.getPositionOfLineAndCharacter(span.line - 1, span.column - 1)
    const rest = module.getFullText().slice(offset).split('\n')[0] ?? ''
    return [
      diagnosticAtText(
        module,
        offset,
        rest.length,
        says['too-wide'].line(String(text.length), String(columns)),
      ),
    ]
  })
}
