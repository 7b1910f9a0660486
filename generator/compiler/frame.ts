/** The frame of /init: a Handlebars template around the helpers that are used and the printed sections. */
import { readFileSync } from 'node:fs'
import Handlebars from 'handlebars'
import type { Section } from './ir.ts'
import { root } from './load.ts'
import { banner, type Line, printStatements } from './print/print.ts'

const templates = `${root}shell-templates/`
/** A file for each shell function that a machine member may need. */
export const helperFolder = `${templates}helpers`

/** What a helper itself calls. */
const needs: Record<string, string[]> = {
  fail: ['log'],
  is_count: ['log', 'refuse_value'],
  refuse_value: ['log'],
  whole_number: ['log', 'fail'],
  decode_base64url: ['log', 'fail'],
}

/** Helpers with what they need, those first that others call. */
function inOrderOfNeed(helpers: string[]): string[] {
  const ordered = new Set<string>()
  const add = (name: string): void => {
    for (const needed of needs[name] ?? []) add(needed)
    ordered.add(name)
  }
  for (const name of helpers) add(name)
  return [...ordered]
}

export interface Frame {
  version: string
  sections: Section[]
  helpers: string[]
}

/** /init as lines; a line of a stage knows the statement that it was printed from. */
export function printFrame({ version, sections, helpers }: Frame): Line[] {
  const printed = sections.map(section => ({
    title: section.title,
    lines: [
      ...(section.comment ?? []).map((text): Line => ({ text: text === '' ? '#' : `# ${text}` })),
      ...(section.comment !== undefined && section.comment.length > 0 ? [{ text: '' }] : []),
      ...printStatements(section.statements),
    ],
  }))
  const engine = Handlebars.create()
  engine.registerHelper('banner', (title: string) => banner(title))
  const template = engine.compile(readFileSync(`${templates}init.hbs`, 'utf8'), {
    noEscape: true,
    strict: true,
  })
  const text = template({
    version,
    purpose: 'PID 1 of a diskless boot: network up, files fetched and verified, kexec.',
    helpers: inOrderOfNeed(helpers).map(name => readFileSync(`${helperFolder}/${name}.sh`, 'utf8')),
    sections: printed.map(({ title, lines }) => ({ title, lines: lines.map(line => line.text) })),
  })
  return attachStatements(text.replace(/\n+$/, '').split('\n'), printed)
}

/** The template knows text only: after each banner come the section's lines, as many as were printed. */
function attachStatements(texts: string[], printed: { title: string; lines: Line[] }[]): Line[] {
  const result: Line[] = texts.map(text => ({ text }))
  for (const { title, lines } of printed) {
    const start = texts.indexOf(banner(title)) + 2
    for (const [index, line] of lines.entries()) result[start + index] = line
  }
  return result
}
