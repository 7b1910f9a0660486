/** Runs in network namespaces as rows of README.md. */
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { declareInputs, type HostileInput } from '../hostile/inputs.ts'
import { needs } from '../support/needs.ts'
import { holds, type Pattern } from '../support/pattern.ts'
import { type NodeEnd, NodeLab } from './node-lab.ts'

export interface NodeRow {
  input: string
  expected: string
  run: (lab: NodeLab) => Promise<NodeEnd>
  /** Parts of lines that the console has, and some that it must not have. */
  has: Pattern[]
  not?: string[]
  /** The same of what `ip` and /etc/resolv.conf show at the end. */
  state?: string[]
  notState?: string[]
}

let lab: Promise<NodeLab> | undefined

async function stopLab(): Promise<void> {
  const started = await lab
  started?.stop()
}

/** How many run at a time: most of them wait for a server. */
const lanes = 8

function startAll(rows: NodeRow[]): Promise<NodeEnd>[] {
  lab = NodeLab.start()
  const started = lab
  const ends: Promise<unknown>[] = Array.from({ length: lanes }, () => started)
  return rows.map((row, number) => {
    const result = (ends[number % lanes] as Promise<unknown>).then(async () => row.run(await started))
    ends[number % lanes] = result.catch(() => {})
    return result
  })
}

/** What differs from run to run: times, and which of two lines of the wait came. */
export const summary = (console: string[]): string =>
  console
    .filter(
      line =>
        !/asking for an address|waiting for|^Killed|\[#|aria2 will resume|^If there are any|no link-local/.test(
          line,
        ),
    )
    .filter((line, index, all) => all.indexOf(line) === index)
    .map(line => line.replace(/\d+ s\b/g, 'N s'))
    .join('; ')

function nodeRows(rows: NodeRow[]): HostileInput[] {
  let running: Promise<NodeEnd>[] | undefined
  return rows.map(({ input, expected, has, not = [], state = [], notState = [] }, number) => ({
    input,
    expected,
    run: 'namespaces',
    async see() {
      running ??= startAll(rows)
      const end = (await running[number]) as NodeEnd
      const seen = `${end.console.join('\n')}\n--\n${end.state.join('\n')}`
      const check = (lines: string[], wanted: Pattern[], unwanted: Pattern[]): void => {
        const isThere = (pattern: Pattern) => lines.some(line => holds(line, pattern))
        for (const pattern of wanted) assert.ok(isThere(pattern), `lacks ${pattern}\n${seen}`)
        for (const pattern of unwanted) assert.not.ok(isThere(pattern), `has ${pattern}\n${seen}`)
      }
      check(end.console, has, not)
      check(end.state, state, notState)
      return summary(end.console)
    },
  }))
}

/** The DHCP servers of Debian, and their packages. */
export const dhcpServers = {
  dnsmasq: 'dnsmasq-base',
  dhcpd: 'isc-dhcp-server',
  'kea-dhcp4': 'kea-dhcp4-server',
}

/** Runs a file's rows, which are a table of README.md. @param programs what they need besides `ip`, and its packages */
export function runNodeRows(topic: string, rows: NodeRow[], programs: Record<string, string>): void {
  const readme = new URL('README.md', import.meta.url)
  declareInputs(test, topic, nodeRows(rows), needs(test, { ip: 'iproute2', ...programs }, true), readme)
  test.after(stopLab)
  test.run()
}
