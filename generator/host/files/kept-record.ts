/** Small results in the cache, each a file that says what it is of and proves that it is whole. */
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from './cache-folder.ts'
import { makeFolder } from './whole-file.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Kept {
  /** All that the result depends on. */
  subject: string
  result: unknown
  /** Over both: a record that is cut off or changed is none. */
  digest: string
}

const digestOf = (subject: string, result: unknown): string => sha256(JSON.stringify([subject, result]))

const pathOf = (kind: string, subject: string): string => join(cacheFolder(), kind, `${sha256(subject)}.json`)

/**
 * What was kept of a subject; undefined where no sound record of this user's own has it.
 * @param kind the folder in the cache
 */
export function keptResult(kind: string, subject: string): unknown {
  try {
    const path = pathOf(kind, subject)
    const { uid, mode } = statSync(path)
    // In a cache that others may write to, theirs is no proof.
    if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) return undefined
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept
    const isSound = kept.subject === subject && kept.digest === digestOf(subject, kept.result)
    return isSound ? kept.result : undefined
  } catch {
    return undefined
  }
}

/** Keeps a result, where the cache can be written. */
export function keepResult(kind: string, subject: string, result: unknown): void {
  let fresh: string | undefined
  try {
    const path = pathOf(kind, subject)
    makeFolder(join(cacheFolder(), kind))
    fresh = `${path}.${process.pid}.tmp`
    const kept: Kept = { subject, result, digest: digestOf(subject, result) }
    writeFileSync(fresh, JSON.stringify(kept), { mode: 0o600 })
    renameSync(fresh, path)
  } catch {
    try {
      if (fresh !== undefined) rmSync(fresh, { force: true })
    } catch {}
  }
}
