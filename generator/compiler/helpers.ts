/** The shell functions that a machine member may need: a file for each, named after it. */
import { readdirSync, readFileSync } from 'node:fs'
import { isPartName, type PartName } from '../stages/api/parts.ts'
import { root } from './root.ts'

const folder = `${root}shell-templates/helpers/`

export const helperText = (name: string): string => readFileSync(`${folder}${name}.sh`, 'utf8')

let known: string[] | undefined

/** A helper's text for an image: of lines with `# with PART` or `# without PART` at their ends those that are meant. */
function helperFor(name: string, without: readonly PartName[]): string {
  return helperText(name)
    .split('\n')
    .flatMap(line => {
      const [, code = '', preposition, part = ''] = /^(.*) # (with|without) ([a-z-]+)$/.exec(line) ?? []
      if (!isPartName(part)) return [line]
      return without.includes(part) === (preposition === 'without') ? [code] : []
    })
    .join('\n')
}

/** The names of all of them. */
export function helperFiles(): string[] {
  known ??= readdirSync(folder).map(file => file.replace(/\.sh$/, ''))
  return known
}

/** Names that helpers take: of their functions, and of the variables that they set. */
export function helperNames(): { functions: Set<string>; variables: Set<string> } {
  const texts = helperFiles().map(helperText)
  const matches = (pattern: RegExp): Set<string> =>
    new Set(texts.flatMap(text => [...text.matchAll(pattern)].map(match => match[1] ?? '')))
  return { functions: matches(/^([a-z0-9_]+)\(\)/gm), variables: matches(/^\s+([a-z0-9_]+)=/gm) }
}

/** The texts of helpers with those that they call, what is called first. */
export function helpersFor(wanted: string[], without: readonly PartName[]): string[] {
  const known = helperFiles()
  const ordered = new Map<string, string>()
  const add = (name: string): void => {
    const text = helperFor(name, without)
    const code = text.replace(/^#.*$/gm, '')
    const called = new Set(
      [...code.matchAll(/(?:^|[;&|(){]|then|else)\s*(?=([a-z0-9_]+) )/gm)].map(match => match[1]),
    )
    for (const other of known) {
      if (other !== name && called.has(other)) add(other)
    }
    ordered.set(name, text)
  }
  for (const name of wanted) add(name)
  return [...ordered.values()]
}
