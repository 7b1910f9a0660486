/** The reference of the kernel parameters, from parameters.ts alone. */
import { readFileSync } from 'node:fs'
import Handlebars from 'handlebars'
import type { Parameter } from './declared-parameters.ts'
import { wrapComment } from './lower/comments.ts'
import { root } from './root.ts'

export type ReferenceFormat = 'text' | 'md' | 'json'

/** The headings of our own parameters, in the order of what a reader looks for first. */
const titles: Record<string, string> = {
  download: 'what to fetch, and how',
  next: 'the next kernel',
  network: 'network',
  end: 'how the boot ends',
  watch: 'watching a boot',
}

/** A table's cell: a bar would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|')

function view(parameter: Parameter) {
  const { name, aliases, choices, defaultValue, description, examples, repeats } = parameter
  const choice = choices.length > 0 ? ` ${choices.map(each => `\`${each}\``).join(', ')}.` : ''
  const repeated = repeats ? ' May be given several times.' : ''
  const example = examples.length > 0 ? ` Example: ${examples.map(each => `\`${each}\``).join(' ')}` : ''
  const whole = `${description}${choice}${repeated}${example}`
  return {
    names: [name, ...aliases].map(each => `\`${each}\``).join(', '),
    plainNames: [name, ...aliases].join(', '),
    shownDefault: defaultValue === '' ? '' : `\`${defaultValue}\``,
    plainDefault: defaultValue === '' ? '' : ` (default ${defaultValue})`,
    meaning: cell(whole),
    lines: wrapComment(whole.replaceAll('`', ''), 74),
  }
}

/** The reference as text for a terminal, as Markdown tables, or as JSON. */
export function parameterReference(format: ReferenceFormat, parameters: Parameter[]): string {
  if (format === 'json') return `${JSON.stringify(parameters, null, 2)}\n`
  const named = new Set(parameters.map(({ group }) => group))
  const ordered = [...new Set([...Object.keys(titles), ...named])].filter(group => named.has(group))
  const groups = ordered.map(group => ({
    title: titles[group] ?? `the stage ${group}`,
    parameters: parameters.filter(parameter => parameter.group === group).map(view),
  }))
  const file = format === 'md' ? 'parameters.md.hbs' : 'parameters.txt.hbs'
  const template = Handlebars.compile(readFileSync(`${root}shell-templates/${file}`, 'utf8'), {
    noEscape: true,
    strict: true,
  })
  return `${template({ groups }).trimEnd()}\n`
}
