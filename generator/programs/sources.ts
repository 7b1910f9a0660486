import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import { type ArchiveFile, type DebianArchive, type PackageFile, poolFolder } from '../host/debian/archive.ts'
import { holds } from '../host/debian/download-files.ts'
import { findFiles, type MissingFile, type WantedFile } from '../host/debian/find-files.ts'
import type { Lock, LockedPackage } from './lock.ts'

/** How the lock file is brought up to date; part of two messages. */
export const updateLockHelp = 'build --update-lock shows what has changed and writes the new lock.json'

/** Where the cache keeps a file: by its digest, so that two versions never meet. */
function cached(folder: string, file: PackageFile): string {
  return join(folder, `${file.sha256.slice(0, 16)}-${file.name}`)
}

/** The locked files of packages, as far as they are to be had. */
export interface Provided {
  /** The path in the cache by file name. */
  paths: Map<string, string>
  /** What nobody has, with the name of its package. */
  missing: (MissingFile & { package: string })[]
}

/** A package of the lock, and its name there. */
export type NamedPackage = [name: string, locked: LockedPackage]

/** A day after lists are signed all that they name is in the snapshot archive, which takes four a day. */
const dayLater = (date: string) => new Date(new Date(date).getTime() + 24 * 60 * 60 * 1000)

/** When what the lock names was current. */
export const lockTimes = ({ lists = {} }: Lock): Date[] => {
  const dates = Object.values(lists)
  return [...dates.map(dayLater), ...dates.map(date => new Date(date))]
}

/**
 * Files of the lock from the cache, or from whoever has them: only one content has the digest, which signed lists had
 * when the lock was written.
 * @param what they are, for the line of progress
 */
export async function provideLocked(
  packages: NamedPackage[],
  folder: string,
  archive: () => Promise<DebianArchive>,
  what: string,
  times: Date[],
): Promise<Provided> {
  const paths = new Map<string, string>()
  const wanted = new Map<string, { name: string; file: WantedFile }>()
  for (const [name, locked] of packages) {
    for (const file of locked.files) {
      const to = cached(folder, file)
      paths.set(file.name, to)
      if (!(await holds(to, file))) wanted.set(to, { name, file: { ...file, folder: locked.folder, to } })
    }
  }
  if (wanted.size === 0) return { paths, missing: [] }
  const files = [...wanted.values()].map(({ file }) => file)
  const missing = await findFiles(files, await archive(), what, times)
  return { paths, missing: missing.map(file => ({ ...file, package: wanted.get(file.to)?.name ?? '' })) }
}

/** What Debian's signed lists name, newer lists too where the first do not; empty when there is no such version. */
async function listedFiles(name: string, version: string, archive: DebianArchive): Promise<ArchiveFile[]> {
  const files = await archive.files('source', name, version)
  if (files.length > 0 || !(await archive.refresh('source'))) return files
  return await archive.files('source', name, version)
}

/** A source package of Debian's. */
export interface SourcePackage {
  name: string
  version: string
}

/**
 * The files of a source package in just that version, from the cache or from whoever has them, as Debian's signed lists
 * name them.
 * @param help what to do when nobody has them any more
 * @returns the path in the cache by file name
 */
export async function provideSourcePackage(
  { name, version }: SourcePackage,
  folder: string,
  archive: DebianArchive,
  help: string,
): Promise<Map<string, string>> {
  const files = await listedFiles(name, version, archive)
  if (files.length === 0) {
    throw new CommandError(`Debian ${archive.release} no longer has the source of ${name} ${version}`, help)
  }
  const locked = { version, kind: 'source' as const, folder: poolFolder(files[0]?.url ?? ''), files }
  const times = Object.values(await archive.listDates('source'))
  const { paths, missing } = await provideLocked([[name, locked]], folder, async () => archive, '', times)
  requireAll(missing, help)
  return paths
}

/** @throws CommandError that names all that nobody has */
export function requireAll(missing: Provided['missing'], help: string): void {
  if (missing.length === 0) return
  const lines = missing.map(({ name, reason }) => `  ${name}: ${reason.split('\n')[0]}`)
  const files = missing.length === 1 ? 'a file' : `${missing.length} files`
  throw new CommandError(`${files} of Debian's could not be fetched:\n${lines.join('\n')}`, help)
}
