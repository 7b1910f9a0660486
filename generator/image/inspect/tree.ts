import { constants } from 'node:fs'
import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { readableSize } from '../../host/console/progress.ts'
import { typeOf } from '../newc/newc-reader.ts'
import { type ImagePart, type ReadEntry, unpackedEntries } from './image-reader.ts'
import { defaultEntryLimit } from './limits.ts'
import { isFile } from './listing.ts'

interface Branch {
  entry?: ReadEntry
  /** Bytes of the files in it. */
  size: number
  children?: Map<string, Branch>
}

/** The image as folders in folders; a folder's size is that of all that is in it, unpacked. */
function grow(parts: ImagePart[], limit: number): Branch {
  const root: Branch = { size: 0 }
  let count = 0
  for (const entry of unpackedEntries(parts)) {
    const size = isFile(entry) ? entry.file.size : 0
    let branch = root
    branch.size += size
    for (const word of entry.path === '' ? [] : entry.path.split('/')) {
      branch.children ??= new Map()
      let child = branch.children.get(word)
      if (child === undefined) {
        if (++count > limit) throw tooMany(limit)
        child = { size: 0 }
        branch.children.set(word, child)
      }
      child.size += size
      branch = child
    }
    branch.entry = entry
  }
  return root
}

function tooMany(limit: number): CommandError {
  return new CommandError(
    `the image has more than ${limit} files and folders`,
    'inspect IMAGE lists it without a tree; or raise the limit: --entry-limit COUNT',
  )
}

function label(name: string, { entry, size, children }: Branch): string {
  const text = shown(name)
  if (entry?.target !== undefined) return `${text} -> ${shown(entry.target)}`
  const isFolder = children !== undefined || (entry !== undefined && typeOf(entry) === constants.S_IFDIR)
  if (isFolder) return size > 0 ? `${text}/  ${readableSize(size)}` : `${text}/`
  return entry !== undefined && isFile(entry) ? `${text}  ${readableSize(size)}` : text
}

/** All below a branch, each with how deep it lies; without recursion, since a path may have 2,000 folders. */
function* below(root: Branch): Generator<{ name: string; branch: Branch; depth: number; last: boolean }> {
  const level = (branch: Branch) => [...(branch.children ?? [])].values()
  const open = [{ items: level(root), left: root.children?.size ?? 0 }]
  while (open.length > 0) {
    const current = open[open.length - 1]
    const { value, done } = current?.items.next() ?? { done: true as const, value: undefined }
    if (current === undefined || done || value === undefined) {
      open.pop()
      continue
    }
    current.left--
    const [name, branch] = value
    yield { name, branch, depth: open.length - 1, last: current.left === 0 }
    if (branch.children !== undefined) open.push({ items: level(branch), left: branch.children.size })
  }
}

/** The image as a tree, with the sizes of files and folders. */
export function* treeOf(parts: ImagePart[], limit = defaultEntryLimit): Generator<string> {
  const root = grow(parts, limit)
  yield `/  ${readableSize(root.size)}\n`
  const indents: string[] = []
  for (const { name, branch, depth, last } of below(root)) {
    indents.length = depth
    yield `${indents.join('')}${last ? '└── ' : '├── '}${label(name, branch)}\n`
    indents.push(last ? '    ' : '│   ')
  }
}

/** Files and folders by their size in bytes, the biggest first; of equal size in the order of their paths. */
export function* sizesOf(parts: ImagePart[], limit = defaultEntryLimit): Generator<string> {
  const found: { branch: Branch; path: Path }[] = []
  const above: Path[] = []
  for (const { name, branch, depth } of below(grow(parts, limit))) {
    above.length = depth
    const path: Path = { name, above: above[depth - 1] }
    above.push(path)
    if (branch.size > 0) found.push({ path, branch })
  }
  found.sort((a, b) => b.branch.size - a.branch.size)
  const width = String(found[0]?.branch.size ?? 0).length
  for (const { path, branch } of found) {
    const slash = branch.children === undefined ? '' : '/'
    yield `${String(branch.size).padStart(width)}  ${shown(pathText(path))}${slash}\n`
  }
}

/** A path that shares what is above it with others. */
interface Path {
  name: string
  above: Path | undefined
}

function pathText(path: Path): string {
  const words: string[] = []
  for (let at: Path | undefined = path; at !== undefined; at = at.above) words.push(at.name)
  return words.reverse().join('/')
}
