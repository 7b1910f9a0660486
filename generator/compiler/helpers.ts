/** The shell functions that a machine member may need: a file for each, named after it. */
import { readdirSync, readFileSync } from 'node:fs'
import { root } from './root.ts'

const folder = `${root}shell-templates/helpers/`

export const helperText = (name: string): string => readFileSync(`${folder}${name}.sh`, 'utf8')

let known: string[] | undefined

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

/** Helpers with those that they call, what is called first. */
export function inOrderOfNeed(wanted: string[]): string[] {
  const known = helperFiles()
  const ordered = new Set<string>()
  const add = (name: string): void => {
    const code = helperText(name).replace(/^#.*$/gm, '')
    for (const other of known) {
      if (other !== name && new RegExp(`(^|[;&|(){]|then|else)\\s*${other} `, 'm').test(code)) add(other)
    }
    ordered.add(name)
  }
  for (const name of wanted) add(name)
  return [...ordered]
}
