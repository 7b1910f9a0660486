/** What ShellCheck said before of the same bytes: an unchanged /init is not checked twice. */
import { createHash } from 'node:crypto'
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../host/files/cache-folder.ts'
import { makeFolder } from '../../host/files/whole-file.ts'
import type { Finding } from './finding.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

interface Kept {
  /** All that the result depends on. */
  subject: string
  findings: Finding[]
  /** Over both: a record that is cut off or changed is none. */
  digest: string
}

const subjectOf = (identity: string, script: string): string =>
  JSON.stringify([identity, '--shell=sh --enable=all', sha256(script)])

const digestOf = (subject: string, findings: Finding[]): string => sha256(JSON.stringify([subject, findings]))

const pathOf = (subject: string): string => join(cacheFolder(), 'shellcheck', `${sha256(subject)}.json`)

/** What that engine said of the script; undefined where no sound record of this user's own says so. */
export function keptFindings(identity: string, script: string): Finding[] | undefined {
  try {
    const subject = subjectOf(identity, script)
    const path = pathOf(subject)
    const { uid, mode } = statSync(path)
    // In a cache that others may write to, theirs is no proof.
    if (uid !== process.geteuid?.() || (mode & 0o022) !== 0) return undefined
    const kept = JSON.parse(readFileSync(path, 'utf8')) as Kept
    const isSound = kept.subject === subject && kept.digest === digestOf(subject, kept.findings)
    return isSound ? kept.findings : undefined
  } catch {
    return undefined
  }
}

/** Keeps a result, where the cache can be written. */
export async function keepFindings(identity: string, script: string, findings: Finding[]): Promise<void> {
  let fresh: string | undefined
  try {
    const subject = subjectOf(identity, script)
    const path = pathOf(subject)
    await makeFolder(join(cacheFolder(), 'shellcheck'))
    fresh = `${path}.${process.pid}.tmp`
    const kept: Kept = { subject, findings, digest: digestOf(subject, findings) }
    writeFileSync(fresh, JSON.stringify(kept), { mode: 0o600 })
    renameSync(fresh, path)
  } catch {
    try {
      if (fresh !== undefined) rmSync(fresh, { force: true })
    } catch {}
  }
}
