/** Trees of files in the cache: a list of what is in them lies beside, so that they are used as they were kept. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The list, in the tree itself: both come and go by one rename. */
const listName = '.kept.json'

const format = 1

type Listed = { sha256: string } | { target: string }

/** What is in a tree, by path. Folders are in it by what they hold. */
function listOf(folder: string): Record<string, Listed> {
  const found: [string, Listed][] = []
  const open = ['']
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    for (const entry of readdirSync(join(folder, path), { withFileTypes: true })) {
      const inside = path === '' ? entry.name : `${path}/${entry.name}`
      if (inside === listName) continue
      const at = join(folder, inside)
      if (entry.isDirectory()) open.push(inside)
      else if (entry.isSymbolicLink()) found.push([inside, { target: readlinkSync(at) }])
      else if (entry.isFile()) found.push([inside, { sha256: sha256Of(at) }])
      else found.push([inside, { target: 'no file' }])
    }
  }
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)))
}

const sha256Of = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

const textOf = (files: Record<string, Listed>) => `${JSON.stringify({ format, files })}\n`

/** Writes the list of a tree that has just been made. */
export function keepTree(folder: string): void {
  writeFileSync(join(folder, listName), textOf(listOf(folder)))
}

/**
 * Reads a whole tree of the cache; Debian's kernel with its modules, 116 MB, takes 0.4 s.
 * @returns in what it is not as it was kept, in a few words; undefined when in nothing
 */
export function treeFault(folder: string): string | undefined {
  let text: string
  let kept: Record<string, Listed>
  let found: Record<string, Listed>
  try {
    if (!lstatSync(folder).isDirectory()) return 'it is no folder'
    text = readFileSync(join(folder, listName), 'utf8')
    const { format: version, files } = JSON.parse(text)
    if (version !== format || typeof files !== 'object' || files === null) return 'its list is unknown'
    kept = files
  } catch {
    return 'it has no list of its files'
  }
  try {
    found = listOf(folder)
  } catch {
    return 'it cannot be read'
  }
  if (text === textOf(found)) return undefined
  for (const path of Object.keys({ ...kept, ...found })) {
    if (found[path] === undefined) return `${path} is missing`
    if (kept[path] === undefined) return `${path} is foreign`
    if (JSON.stringify(kept[path]) !== JSON.stringify(found[path])) return `${path} is not what it was`
  }
  return 'its list is damaged'
}
