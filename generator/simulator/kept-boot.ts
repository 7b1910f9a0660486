/** Boots that were made ready to run, kept in the cache: reading TypeScript takes longer than most tests. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepResult, keptResult } from '../host/files/kept-record.ts'
import type { BootProgram } from './transpile.ts'

/** The modules that make a boot ready: where one of them changes, nothing is kept. */
const makers = [
  '../compiler/declared-parameters',
  '../compiler/insert-site-stages',
  '../compiler/opened-stages',
  '../compiler/site-wiring',
  '../stages/api/parts',
  './boot-program',
  './transpile',
  './kept-boot',
].map(name => fileURLToPath(new URL(`${name}${extname(import.meta.url)}`, import.meta.url)))

interface Kept {
  program: BootProgram
  /** What it was made of: paths, and digests of what they held. */
  files: [path: string, digest: string][]
}

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

const subjectOf = (name: string[]): string => JSON.stringify([...makers.map(digestOf), ...name])

/** What was kept under a name, if nothing that it was made of has changed. */
export function keptBoot(name: string[]): BootProgram | undefined {
  try {
    const kept = keptResult('simulated-boots', subjectOf(name)) as Kept | undefined
    return kept?.files.every(([path, digest]) => digestOf(path) === digest) ? kept.program : undefined
  } catch {
    // A file is gone.
    return undefined
  }
}

/** Keeps a boot, where the cache can be written. */
export function keepBoot(name: string[], paths: string[], program: BootProgram): void {
  const files = paths.map((path): Kept['files'][number] => [path, digestOf(path)])
  keepResult('simulated-boots', subjectOf(name), { program, files } satisfies Kept)
}
