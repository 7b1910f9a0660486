/** Boots that were made ready to run, kept in the cache: reading TypeScript takes longer than most tests. */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../host/files/cache-folder.ts'
import type { BootProgram } from './transpile.ts'

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** The modules that make a boot ready: where one of them changes, nothing is kept. */
const makers = [
  '../compiler/boot',
  '../compiler/parameters',
  '../compiler/site-wiring',
  '../stages/api/parts',
  './transpile',
  './kept-boot',
]

const makersDigest = (): string =>
  digest(
    makers
      .map(name =>
        readFileSync(fileURLToPath(new URL(`${name}${extname(import.meta.url)}`, import.meta.url)), 'utf8'),
      )
      .join('\0'),
  )

interface Kept {
  /** Of the program, so that a file that is cut short is none. */
  digest: string
  /** What it was made of: paths, and digests of what they held. */
  files: [string, string][]
  program: string
}

const pathOf = (name: string[]): string =>
  join(cacheFolder(), 'simulated-boots', `${digest(JSON.stringify([makersDigest(), ...name]))}.json`)

/** What was kept under a name, if nothing that it was made of has changed. */
export function keptBoot(name: string[]): BootProgram | undefined {
  try {
    const kept = JSON.parse(readFileSync(pathOf(name), 'utf8')) as Kept
    if (digest(kept.program) !== kept.digest) return undefined
    if (kept.files.some(([path, was]) => digest(readFileSync(path, 'utf8')) !== was)) return undefined
    return JSON.parse(kept.program) as BootProgram
  } catch {
    return undefined
  }
}

/** Keeps a boot, where there is a folder for that. */
export function keepBoot(name: string[], files: string[], program: BootProgram): void {
  let beside: string | undefined
  try {
    const path = pathOf(name)
    const text = JSON.stringify(program)
    const kept: Kept = {
      digest: digest(text),
      files: files.map(file => [file, digest(readFileSync(file, 'utf8'))]),
      program: text,
    }
    mkdirSync(dirname(path), { recursive: true })
    beside = `${path}.${process.pid}.tmp`
    writeFileSync(beside, JSON.stringify(kept))
    renameSync(beside, path)
  } catch {
    if (beside !== undefined) rmSync(beside, { force: true })
  }
}
