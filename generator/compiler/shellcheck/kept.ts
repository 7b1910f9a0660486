/** What ShellCheck said before of the same bytes: an unchanged /init is not checked twice. */
import { createHash } from 'node:crypto'
import { keepResult, keptResult } from '../../host/files/kept-record.ts'
import type { Finding } from './finding.ts'

const subjectOf = (identity: string, script: string): string =>
  JSON.stringify([identity, '--shell=sh --enable=all', createHash('sha256').update(script).digest('hex')])

/** What that engine said of the script; undefined where no sound record of this user's own says so. */
export const keptFindings = (identity: string, script: string): Finding[] | undefined =>
  keptResult('shellcheck', subjectOf(identity, script)) as Finding[] | undefined

/** Keeps a result, where the cache can be written. */
export const keepFindings = (identity: string, script: string, findings: Finding[]): void =>
  keepResult('shellcheck', subjectOf(identity, script), findings)
