/** The table of codes in generator/compiler/README.md. */
import { catalogue } from './catalogue.ts'

/** A table's cell: a bar would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|')

export function codesTable(): string {
  const rows = Object.entries(catalogue).map(([code, { means, why }]) => [
    `\`${code}\``,
    cell(means),
    cell(why),
  ])
  const head = ['code', 'what it means', 'why']
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |\n`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('')
}
