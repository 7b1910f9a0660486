/** Hostile inputs: each is a test, and a row of README.md, which the run makes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Callback, Test } from 'uvu'
import * as assert from 'uvu/assert'

/** What an input is given to. */
export type HostileRun = 'stages and shells' | 'aria2c' | 'namespaces' | 'QEMU' | 'CLI' | 'serve' | 'fuzzer'

export interface HostileInput {
  /** What is sent, in a few words: `length prefix ff ff ff ff`. */
  input: string
  /** The right outcome, in a few words. */
  expected: string
  run: HostileRun
  /**
   * Gives the input and returns what was seen: the console's or the program's own words, or a status. Without times,
   * ports and process ids, so that each run sees the same. Throws where it is not what is expected.
   */
  see: () => string | Promise<string>
}

/** The page of this folder. */
const hostilePage = new URL('README.md', import.meta.url)

/** A cell of a Markdown table: one line, nothing in it is markup, control characters shown. */
function cell(text: string): string {
  const shown = text
    .trim()
    .replace(/[^ -~]/g, byte => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return shown.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('`', "'")
}

/** A table without its third column. */
const withoutSeen = (table: string): string =>
  table.replace(/^((?:\| (?:\\\||[^|])*){2})\| (?:\\\||[^|])*(?=\|)/gm, '$1')

/**
 * Declares a test for each input. When all of them have run, their rows are compared with the topic's section of
 * README.md; UPDATE=1 writes it. A section that is new needs its two marks in README.md first.
 * @param pageUrl another page than this folder's
 */
export function declareInputs(
  test: Test,
  topic: string,
  inputs: HostileInput[],
  declare: (name: string, callback: Callback) => void = test,
  pageUrl: URL = hostilePage,
): void {
  const page = fileURLToPath(pageUrl)
  const seen = new Map<HostileInput, string>()
  for (const each of inputs)
    declare(`${topic}: ${each.input}`, async () => void seen.set(each, await each.see()))
  test.after(() => {
    // Where one was skipped or has failed there is no whole table to compare.
    if (seen.size < inputs.length) return
    const rows = inputs.map(each => {
      const cells = [each.input, each.expected, seen.get(each) ?? '', each.run]
      return `| ${cells.map(cell).join(' | ')} |`
    })
    const table = ['| input | expected | seen | run |', '| --- | --- | --- | --- |', ...rows].join('\n')
    const [open, close] = [`<!-- ${topic} -->`, `<!-- /${topic} -->`]
    const text = readFileSync(page, 'utf8')
    const [start, end] = [text.indexOf(open), text.indexOf(close)]
    assert.ok(start !== -1 && end > start, `${page} lacks the marks ${open} and ${close}`)
    const section = `${open}\n\n${table}\n\n${close}`
    if (process.env.UPDATE === '1')
      writeFileSync(page, text.slice(0, start) + section + text.slice(end + close.length))
    // What was seen may differ in words from run to run (which of two errors came first); each test has judged it.
    else
      assert.is(
        withoutSeen(text.slice(start, end + close.length)),
        withoutSeen(section),
        'UPDATE=1 writes the table',
      )
  })
}
