/** Files in the cache that are no archive's with a digest of its own: their digest lies beside them. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

const beside = (path: string) => `${path}.sha256`

/** A digest as `sha256sum` writes it, so that `sha256sum -c` reads it. */
const line = (path: string, digest: string) => `${digest}  ${basename(path)}\n`

/** What lies beside a file with this content. */
export function digestFileOf(path: string, content: Buffer): { path: string; content: string } {
  const digest = createHash('sha256').update(content).digest('hex')
  return { path: beside(path), content: line(path, digest) }
}

/** Whether the content is what was kept under this path. */
export async function isAsKept(path: string, content: Buffer): Promise<boolean> {
  const text = await readFile(beside(path), 'utf8').catch(() => undefined)
  return text === digestFileOf(path, content).content
}
