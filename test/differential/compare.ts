/** The same boot twice: on the simulator and under a shell. */
import type { Boot } from '../../generator/simulator/simulate.ts'
import type { Run } from './replay.ts'
import { fixedNames } from './throwaway-root.ts'

/** What a shell says in its own name, which each says in words of its own. */
export function withoutShellWords(console: string): string {
  return console
    .replace(/^.*(ignored null byte in input).*\n/gm, '')
    .replace(/^\/init(:|\[\d+\]).*$/gm, '/init: …')
}

/** With `debug` a shell shows each command: only our own lines are compared. */
const ownLines = (console: string): string => (console.match(/^aria2-initrd: .*\n/gm) ?? []).join('')

const shown = (value: unknown): string => JSON.stringify(value)

function firstDifference(what: string, expected: string[], got: string[]): string[] {
  const at = expected.findIndex((line, index) => line !== got[index])
  const index = at === -1 ? expected.length : at
  if (at === -1 && got.length === expected.length) return []
  return [`${what} ${index}: simulator ${shown(expected[index])}, shell ${shown(got[index])}`]
}

/** What is not the same, in words; empty when all is. */
export function differences(boot: Boot, run: Run): string[] {
  const readable = boot.isTracing ? ownLines : withoutShellWords
  const found = [
    ...(run.end === 'machine' ? [] : [`the shell ended by itself: ${run.end}`]),
    ...firstDifference(
      'command',
      boot.calls.map(({ words }) => shown(words)),
      run.trace.map(shown),
    ),
    ...firstDifference('console line', readable(boot.console).split('\n'), readable(run.console).split('\n')),
  ]
  const expected = new Map(
    [...boot.machine.files.snapshot()].map(([path, bytes]) => [path, bytes?.toString('latin1')]),
  )
  for (const path of [...new Set([...expected.keys(), ...run.files.keys()])].sort()) {
    if (path === '/' || fixedNames.has(path.split('/')[1] ?? '')) continue
    // yash shows a command where its output goes.
    if (boot.isTracing && path.endsWith('.log')) continue
    if (expected.has(path) !== run.files.has(path))
      found.push(`${path} is only ${expected.has(path) ? 'on the simulator' : 'under the shell'}`)
    else if (expected.get(path) !== run.files.get(path))
      found.push(`${path}: simulator ${shown(expected.get(path))}, shell ${shown(run.files.get(path))}`)
  }
  return found
}
