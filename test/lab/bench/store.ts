/** results.json: what has been measured, so that single cases can be run again and the page be drawn at any time. */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ownInit } from '../../../generator/compiler/kept-init.ts'
import { silent } from '../../../generator/host/console/progress.ts'
import { provideBinaries } from '../../../generator/programs/provide-programs.ts'
import type { CaseResult, LabCase } from '../case.ts'

/** One run; a time that never came is null. */
export type StoredRun = { [key in keyof Omit<CaseResult, 'nodes' | 'aria2'>]: CaseResult[key] | null }

/** What was run: /init and aria2c by the beginnings of their sha256. */
export interface Versions {
  init: string
  aria2c: string
}

export interface StoredCase {
  lab: LabCase
  versions: Versions
  runs: StoredRun[]
}

export interface Results {
  /** The machine: processors and its kernel's release. */
  machine: string
  cases: { [id: string]: StoredCase }
}

const path = fileURLToPath(new URL('../results.json', import.meta.url))

export function readResults(machine = ''): Results {
  if (!existsSync(path)) return { machine, cases: {} }
  return { ...(JSON.parse(readFileSync(path, 'utf8')) as Results), machine }
}

/** Cases in the order of their names, so that a new run changes its own lines only. */
export function writeResults({ machine, cases }: Results): void {
  const sorted = Object.fromEntries(Object.entries(cases).sort(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(`${path}.new`, `${JSON.stringify({ machine, cases: sorted }, rounded, 1)}\n`)
  renameSync(`${path}.new`, path)
}

/** Infinity, which JSON has not, becomes null by itself. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isInteger(value) ? Math.round(value * 1000) / 1000 : value

/** Whether what is stored was measured by this definition of the case, and with these programs where it uses them. */
export function isOf(stored: StoredCase | undefined, lab: LabCase, { init, aria2c }: Versions): boolean {
  if (stored === undefined || JSON.stringify(stored.lab) !== JSON.stringify(lab)) return false
  if (lab.method === 'http-wget') return true
  return stored.versions.aria2c === aria2c && (lab.method === 'naive' || stored.versions.init === init)
}

/** A run without what each node did. */
export function storedRun({ nodes: _nodes, aria2: _aria2, ...numbers }: CaseResult): StoredRun {
  return numbers
}

export async function currentVersions(): Promise<Versions> {
  const init = createHash('sha256')
    .update(await ownInit())
    .digest('hex')
  const { aria2c } = await provideBinaries(silent)
  return { init: init.slice(0, 12), aria2c: aria2c.sha256.slice(0, 12) }
}
