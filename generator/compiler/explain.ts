/** Where lines of /init come from. */
import { readFileSync } from 'node:fs'
import { CommandError } from '../host/console/command-error.ts'
import { banner, type Line } from './print/print.ts'
import { root } from './root.ts'

/** The line of TypeScript behind a line of /init (counted from 1), or what else it is. */
export function explain(lines: Line[], number: number): string {
  const line = lines[number - 1]
  if (line === undefined) {
    throw new CommandError(`/init has no line ${number}`, `it has lines 1 to ${lines.length}`, 2)
  }
  const shown = `/init:${number}: ${line.text.trim()}`
  // `fi`, `done` and comments belong to the statement before or after them.
  const owner = [...lines.slice(0, number).reverse(), ...lines.slice(number)].find(
    each => each.statement?.span,
  )
  const span = line.text === '' ? undefined : (line.statement ?? owner?.statement)?.span
  const isFrame = lines.slice(number - 1).some(each => each.text === banner('kernel parameters'))
  if (span === undefined || isFrame)
    return `${shown}\n  from the frame, shell-templates/init.hbs, or a helper beside it\n`
  const source = readFileSync(span.file.startsWith('/') ? span.file : `${root}${span.file}`, 'utf8').split(
    '\n',
  )
  return `${shown}\n  from ${span.file}:${span.line}:${span.column}\n  ${source[span.line - 1]?.trim() ?? ''}\n`
}

/** A part of /init by its banner: a chapter of the boot such as `network`, or one module of it such as `network/dhcp`. */
export function stageText(lines: Line[], name: string): string {
  let title = ''
  const titles = lines.map(({ text }) => {
    title = text.match(/^# ---- (.*?) -+$/)?.[1] ?? title
    return title
  })
  const part = lines.slice(0, -1).filter((_, index) => {
    const of = titles[index] ?? ''
    return of === name || of.startsWith(`${name}/`) || of.endsWith(`/${name}`)
  })
  if (part.length === 0) {
    const known = [...new Set(titles)].filter(each => each !== '').join(', ')
    throw new CommandError(`no part of /init is called '${name}'`, `its parts are ${known}`, 2)
  }
  const text = part.map(each => each.text).join('\n')
  return `${text.trimEnd()}\n`
}
