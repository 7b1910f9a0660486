/** ShellCheck as a gate: a finding means that the compiler has a fault, and nothing is written. */
import { createHash } from 'node:crypto'
import { accessSync, constants, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { keepResult, keptResult } from '../../host/files/kept-record.ts'
import { fetchBinary, fetchedBinary } from './fetched.ts'
import type { Engine, Finding } from './finding.ts'
import { nativeEngine } from './native.ts'
import { wasmEngine } from './wasm.ts'

/** What is unchanged is not checked twice: what ShellCheck said of the same bytes is kept under their digest. */
const subjectOf = (identity: string, script: string): string =>
  JSON.stringify([identity, '--shell=sh --enable=all', createHash('sha256').update(script).digest('hex')])

/** What that engine said of the script; undefined where no sound record of this user's own says so. */
export const keptFindings = (identity: string, script: string): Finding[] | undefined =>
  keptResult('shellcheck', subjectOf(identity, script)) as Finding[] | undefined

/** Keeps a result, where the cache can be written. */
export const keepFindings = (identity: string, script: string, findings: Finding[]): void =>
  keepResult('shellcheck', subjectOf(identity, script), findings)

/** The program on PATH; npm's wrapper of that name, in a node_modules/.bin, would first download another one. */
export function installedEngine(): Engine | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, 'shellcheck')
    try {
      accessSync(path, constants.X_OK)
      if (!realpathSync(path).includes('/node_modules/')) return nativeEngine(path)
    } catch {}
  }
  return undefined
}

const fetchedEngine = (path: string | undefined): Engine | undefined =>
  path === undefined ? undefined : nativeEngine(path)

/** `ARIA2_INITRD_SHELLCHECK=fetched|installed|wasm` asks for one of them, where it is there; WASM always is. */
function presentEngines(): Engine[] {
  const asked = process.env.ARIA2_INITRD_SHELLCHECK
  const engines = {
    fetched: () => fetchedEngine(fetchedBinary()),
    installed: installedEngine,
    wasm: wasmEngine,
  }
  const names = (['fetched', 'installed', 'wasm'] as const).filter(
    name => asked === undefined || name === asked || name === 'wasm',
  )
  return names.flatMap(name => engines[name]() ?? [])
}

/** What a piece cannot know: variables and functions that are used in, or come from, other pieces. The compiler knows. */
const ofOthers = ['SC2034', 'SC2154', 'SC2317', 'SC2329']

/**
 * /init in pieces, one for each banner: ShellCheck's time grows faster than a script's length, and two choices of parts have most
 * pieces in common. It finds in them all that it finds in the whole, but for what needs several to be seen.
 */
export function piecesOf(script: string): string[] {
  const [first = '', ...others] = script.split(/^(?=# ---- )/m)
  if (others.length === 0) return [script]
  const disabled = /^# shellcheck disable=(\S+)$/m.exec(first)?.[1] ?? ''
  const head = `#!/bin/sh\n# shellcheck disable=${[disabled, ...ofOthers].filter(Boolean).join()}\n`
  return [first, ...others].map(piece => `${head}${piece.replace(/^#!.*\n/, '')}`)
}

/** What an engine finds in a script; where it finds nothing in any piece, the whole is not asked for. */
async function lintPieces(engine: Engine, script: string): Promise<Finding[] | undefined> {
  const pieces = piecesOf(script).filter(piece => keptFindings(engine.identity, piece) === undefined)
  if (pieces[0] !== script) {
    const found = pieces.length === 0 ? [] : await engine.lint(...pieces)
    if (found === undefined) return undefined
    const isClean = found.every(findings => findings.length === 0)
    for (const piece of isClean ? pieces : []) keepFindings(engine.identity, piece, [])
    if (isClean) return []
  }
  return (await engine.lint(script))?.[0]
}

/** What the engines say of a script: as it was kept, or of the first that works; the network only as a last step. */
export async function findingsOf(script: string): Promise<Finding[]> {
  const engines = presentEngines()
  for (const { identity } of engines) {
    const kept = keptFindings(identity, script)
    if (kept !== undefined) return kept
  }
  const mayFetch = [undefined, 'fetched'].includes(process.env.ARIA2_INITRD_SHELLCHECK)
  const fetched = mayFetch && fetchedBinary() === undefined ? fetchedEngine(await fetchBinary()) : undefined
  for (const engine of fetched === undefined ? engines : [fetched, ...engines]) {
    const findings = await lintPieces(engine, script)
    if (findings === undefined) continue
    keepFindings(engine.identity, script, findings)
    return findings
  }
  throw new Error('the WebAssembly engine has said nothing')
}

/** Stops on any finding. */
export async function requireClean(script: string): Promise<void> {
  const findings = await findingsOf(script)
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
