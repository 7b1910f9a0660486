import { posix } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { type ArchiveEntry, foldersAbove, type ImagePath } from '../newc/entry.ts'
import type { Segment } from '../segment.ts'
import type { Added } from './collect.ts'
import { isElf } from './elf.ts'

const sameThing = (a: ArchiveEntry, b: ArchiveEntry): boolean =>
  (a.kind === 'file' && b.kind === 'file' && a.mode === b.mode && a.content.equals(b.content)) ||
  (a.kind === 'symlink' && b.kind === 'symlink' && a.target === b.target)

function conflict(path: ImagePath, first: string, second: string): CommandError {
  return new CommandError(
    `two sources for /${path} in the image: ${first} and ${second}`,
    'leave one of them out, choose another place with --add SRC:DEST, or --replace what is there',
  )
}

/** What is at a path so far: the entry, and who brought it. */
type Known = Map<ImagePath, { entry: ArchiveEntry; from: string }>

/** The folders above what is added; a link or a file among them would lead it elsewhere than was said. */
function missingFolders(path: ImagePath, known: Known): ArchiveEntry[] {
  return foldersAbove(path).flatMap((folder): ArchiveEntry[] => {
    const there = known.get(folder)?.entry
    if (there === undefined) return [{ kind: 'directory', path: folder, mode: 0o755 }]
    if (there.kind === 'directory') return []
    const what =
      there.kind === 'symlink' ? `a link to /${posix.join(posix.dirname(folder), there.target)}` : 'no folder'
    throw new CommandError(
      `cannot add /${path}: /${folder} in the image is ${what}`,
      'name the place itself, with --add SRC:DEST',
    )
  })
}

/**
 * The segments with what is added as one more, before the last. With `replace` a file or link takes the place of an
 * earlier one of its path, but never of /init, which is what was reviewed.
 */
export function withAdditions(segments: Segment[], added: Added, replace: boolean): Segment[] {
  if (added.entries.length === 0 && added.libraries.length === 0) return segments
  const known: Known = new Map(
    segments.flatMap(({ part, entries }) => entries.map(entry => [entry.path, { entry, from: part }])),
  )
  const own: Known = new Map()
  const asked = new Set(added.entries.map(({ path }) => path))
  for (const entry of [...added.entries, ...added.libraries.filter(({ path }) => !asked.has(path))]) {
    const { path } = entry
    const from = entry.origin ?? 'added'
    const there = known.get(path)
    if (path === 'init') {
      throw new CommandError(
        '/init comes from the stages and cannot be added',
        'add a stage: --stage FILE.ts',
      )
    }
    if (there !== undefined) {
      const folders = [there.entry, entry].filter(({ kind }) => kind === 'directory').length
      if (folders === 2 || sameThing(there.entry, entry)) continue
      if (folders === 1 || !replace) throw conflict(path, there.from, from)
    }
    for (const folder of missingFolders(path, known)) {
      known.set(folder.path, { entry: folder, from })
      own.set(folder.path, { entry: folder, from })
    }
    known.set(path, { entry, from })
    own.set(path, { entry, from })
  }
  const kept = segments.map(segment => ({
    ...segment,
    entries: segment.entries.filter(({ path }) => !own.has(path)),
  }))
  const entries = [...own.values()].map(({ entry }) => entry)
  checkInterpreters(entries, known)
  const bytes = (list: ArchiveEntry[]) =>
    list.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.content.length : 0), 0)
  const code = entries.filter(entry => entry.kind === 'file' && isElf(entry.content))
  const addedPart: Segment = {
    part: 'additions',
    origin: 'added',
    x86: bytes(code) * 2 > bytes(entries),
    entries,
  }
  return [...kept.slice(0, -1), addedPart, ...kept.slice(-1)]
}

/** What a path of the image is in the end, links followed. */
function targetOf(path: ImagePath, known: Known): ArchiveEntry | undefined {
  let current = path
  for (let links = 0; links < 8; links += 1) {
    const link = foldersAbove(`${current}/x`).find(folder => known.get(folder)?.entry.kind === 'symlink')
    if (link === undefined) return known.get(current)?.entry
    const { entry } = known.get(link) ?? {}
    const target = entry?.kind === 'symlink' ? entry.target : ''
    current = posix
      .join('/', posix.resolve('/', posix.dirname(link), target), current.slice(link.length))
      .slice(1)
  }
  return undefined
}

/** A script without its interpreter would fail on the machine as "not found". */
function checkInterpreters(entries: ArchiveEntry[], known: Known): void {
  for (const entry of entries) {
    if (entry.kind !== 'file' || (entry.mode & 0o111) === 0) continue
    const [, interpreter] = entry.content.toString('latin1', 0, 256).match(/^#![ \t]*(\/[^\s]*)/) ?? []
    if (interpreter === undefined) continue
    if (targetOf(posix.normalize(interpreter).slice(1), known)?.kind !== 'file') {
      throw new CommandError(
        `/${entry.path} is a script for ${interpreter}, which is not in the image`,
        `add it as well: --add ${interpreter}; or write the script for /bin/sh`,
      )
    }
  }
}
