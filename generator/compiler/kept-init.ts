/** /init of the stages as they are here, compiled once: the compiler is not even loaded while nothing has changed. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { keepResult, keptResult } from '../host/files/kept-record.ts'
import { leftOutByDefault } from '../stages/api/parts.ts'
import { root } from './root.ts'
import { requireClean } from './shellcheck/gate.ts'

/** All that /init is made of; package.json names the version, and that of each library. */
const made = [
  fileURLToPath(new URL('.', import.meta.url)),
  join(root, 'generator/stages'),
  join(root, 'shell-templates'),
]

interface CheckedInit {
  /** What it was made of. */
  subject: string
  /** Its text. */
  init: string
}

/** What make-dist.ts compiled and checked for the package; undefined in a checkout, whose stages may change at any time. */
function checkedInit(): CheckedInit | undefined {
  try {
    return JSON.parse(readFileSync(new URL('../checked.json', import.meta.url), 'utf8'))
  } catch {
    return undefined
  }
}

/** Names that which /init is made of: the same name, the same text. */
export function initSubject(without = leftOutByDefault): string {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package.json')))
  hash.update(`${[...without].sort().join()}\n`)
  for (const folder of made) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry =>
      entry.isFile(),
    )
    const paths = files.map(entry => join(entry.parentPath, entry.name)).sort()
    for (const path of paths) {
      const content = readFileSync(path)
      hash.update(`${path.slice(folder.length)} ${content.length}\n`).update(content)
    }
  }
  return `/init ${hash.digest('hex')}`
}

/**
 * The text of /init without a stage of a site's, approved by ShellCheck.
 * @param without parts of the boot that are left out
 */
export async function ownInit(without = leftOutByDefault): Promise<string> {
  const of = initSubject(without)
  const checked = checkedInit()
  if (checked?.subject === of) return checked.init
  const kept = keptResult('init', of)
  if (typeof kept === 'string') {
    await requireClean(kept)
    return kept
  }
  const { generateInit } = await import('./generate-init.ts')
  const text = await generateInit({ without })
  keepResult('init', of, text)
  return text
}
