import { constants } from 'node:fs'
import { readableSize } from '../../progress.ts'
import { type ImagePart, plainPath, unpackedEntries } from './image-reader.ts'
import { printable } from './listing.ts'
import { type ReadEntry, typeOf } from './newc-reader.ts'

interface Branch {
  entry?: ReadEntry
  /** Bytes of the files in it. */
  size: number
  children: Map<string, Branch>
}

const newBranch = (): Branch => ({ size: 0, children: new Map() })

/** The image as folders in folders; a folder's size is that of all that is in it, unpacked. */
function grow(parts: ImagePart[]): Branch {
  const root = newBranch()
  for (const entry of unpackedEntries(parts)) {
    const size = typeOf(entry) === constants.S_IFREG ? entry.content.length : 0
    let branch = root
    branch.size += size
    for (const word of plainPath(entry.path)
      .split('/')
      .filter(word => word !== '' && word !== '.')) {
      const child = branch.children.get(word) ?? newBranch()
      branch.children.set(word, child)
      child.size += size
      branch = child
    }
    branch.entry = entry
  }
  return root
}

function label(name: string, { entry, size, children }: Branch): string {
  const shown = printable(name)
  if (entry !== undefined && typeOf(entry) === constants.S_IFLNK) {
    return `${shown} -> ${printable(entry.content.toString())}`
  }
  const isFolder = children.size > 0 || (entry !== undefined && typeOf(entry) === constants.S_IFDIR)
  if (isFolder) return size > 0 ? `${shown}/  ${readableSize(size)}` : `${shown}/`
  return entry !== undefined && typeOf(entry) === constants.S_IFREG
    ? `${shown}  ${readableSize(size)}`
    : shown
}

function lines({ children }: Branch, indent: string): string[] {
  const last = children.size - 1
  return [...children].flatMap(([name, branch], index) => [
    `${indent}${index === last ? '└── ' : '├── '}${label(name, branch)}`,
    ...lines(branch, `${indent}${index === last ? '    ' : '│   '}`),
  ])
}

/** The image as a tree, with the sizes of files and folders. */
export function treeOf(parts: ImagePart[]): string {
  const root = grow(parts)
  return [`/  ${readableSize(root.size)}`, ...lines(root, '')].map(line => `${line}\n`).join('')
}

/** Files and folders by their size in bytes, the biggest first; of equal size in the order of their paths. */
export function sizesOf(parts: ImagePart[]): string {
  const found: { path: string; size: number }[] = []
  const visit = ({ children }: Branch, above: string): void => {
    for (const [name, branch] of children) {
      const isFolder = branch.children.size > 0
      if (branch.size > 0) found.push({ path: `${above}${name}${isFolder ? '/' : ''}`, size: branch.size })
      visit(branch, `${above}${name}/`)
    }
  }
  visit(grow(parts), '')
  const sorted = found.sort((a, b) => b.size - a.size)
  const width = String(sorted[0]?.size ?? 0).length
  return sorted.map(({ path, size }) => `${String(size).padStart(width)}  ${printable(path)}\n`).join('')
}
