/** The boots of a history for other programs: CSV (RFC 4180) and JSON. */
import { shown } from '../host/console/foreign-text.ts'
import type { KeptBoot } from './boot-history.ts'

const columns = [
  ...['mac', 'address', 'hostname', 'serial', 'rack', 'began', 'seconds', 'state', 'stage', 'cause'],
  ...['fromServer', 'fromSwarm', 'contested'],
] as const

/** A boot as it is exported: times as RFC 3339 has them. */
function exported(boot: KeptBoot): Record<(typeof columns)[number], string | number | boolean> {
  const { boot: _, began, ...facts } = boot
  return { ...facts, began: new Date(began).toISOString() }
}

/** Lines of CSV, with a head. */
export function* csvLines(boots: KeptBoot[]): Generator<string> {
  yield `${columns.join(',')}\r\n`
  for (const boot of boots) {
    const facts = exported(boot)
    yield `${columns.map(column => cell(facts[column])).join(',')}\r\n`
  }
}

/** Lines of a JSON list. */
export function* jsonLines(boots: KeptBoot[]): Generator<string> {
  yield '['
  for (const [index, boot] of boots.entries())
    yield `${index === 0 ? '' : ','}\n  ${JSON.stringify(exported(boot))}`
  yield '\n]\n'
}

/** What begins like a formula a spreadsheet would reckon, and a node chose it: an apostrophe makes it a text. */
function cell(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value)
  const text = shown(value)
  const safe = /^\s*[=+\-@]/.test(text) ? `'${text}` : text
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
