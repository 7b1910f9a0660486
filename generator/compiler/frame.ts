/** The frame of /init: a Handlebars template around the helpers that are used and the printed sections. */
import { readFileSync } from 'node:fs'
import Handlebars from 'handlebars'
import type { PartName } from '../stages/api/parts.ts'
import { helpersFor } from './helpers.ts'
import type { Section } from './ir.ts'
import { banner, type Line, printStatements } from './print/print.ts'
import { root } from './root.ts'

const templates = `${root}shell-templates/`

export interface Frame {
  version: string
  sections: Section[]
  helpers: string[]
  without: readonly PartName[]
}

/** /init as lines; a line of a stage knows the statement that it was printed from. */
export function printFrame({ version, sections, helpers, without }: Frame): Line[] {
  const printed = sections.map(section => ({
    title: section.title,
    lines: [
      ...(section.comment ?? []).map((text): Line => ({ text: text === '' ? '#' : `# ${text}` })),
      { text: '' },
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
    helpers: helpersFor([...helpers, 'end_machine'], without),
    sections: printed.map(({ title, lines }) => ({ title, lines: lines.map(line => line.text) })),
  })
  return attachStatements(text.replace(/\n+$/, '').split('\n'), printed)
}

/** The template knows text only: after each banner come the section's lines, as many as were printed. */
function attachStatements(texts: string[], printed: { title: string; lines: Line[] }[]): Line[] {
  const result: Line[] = texts.map(text => ({ text }))
  // From the end, so that a section is not taken for a part of the frame with the same banner.
  let end = texts.length
  for (const { title, lines } of [...printed].reverse()) {
    const start = texts.lastIndexOf(banner(title), end - lines.length)
    for (const [index, line] of lines.entries()) result[start + 1 + index] = line
    end = start
  }
  return result
}
