/** What is known of published files from the last time, so that what has not changed is not read again. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Cut, FileDigests } from './digester.ts'

/** A file as it was when it was digested. */
export interface RecordedFile extends Cut {
  /** Identities of the file that was given and of the published one. */
  source: string
  published: string
  digests: FileDigests
}

/** By the name that files are published under. */
export type DigestRecord = Record<string, RecordedFile>

const format = 1

/** A record that is not there, damaged, or another version's knows nothing: all is digested anew then. */
export async function readRecord(path: string): Promise<DigestRecord> {
  try {
    const { format: found, digest, files } = JSON.parse(await readFile(path, 'utf8'))
    const isRecord = typeof files === 'object' && files !== null
    if (found === format && isRecord && digest === digestOf(files)) return files as DigestRecord
  } catch {}
  return {}
}

/** The record as text. It ends with the digest of itself: a wrong digit in it must not get into a torrent. */
export function recordText(files: DigestRecord): string {
  return `${JSON.stringify({ format, files, digest: digestOf(files) })}\n`
}

const digestOf = (files: DigestRecord): string =>
  createHash('sha256').update(JSON.stringify(files)).digest('hex')
