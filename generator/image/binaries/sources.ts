import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import type { ArchiveFile, DebianArchive, PackageFile } from '../../debian/archive.ts'
import { download, holds } from '../../debian/download.ts'
import type { PackageKind } from '../../debian/package-lists.ts'
import type { Progress } from '../../progress.ts'
import { type Lock, type LockedPackage, lockedPackage } from './lock.ts'

/** How the lock file is brought up to date; part of two messages. */
export const updateLockHelp = 'build --update-lock shows what has changed and writes the new lock.json'

/** Where the cache keeps a source file: by its digest, so that two versions never meet. */
function cached(folder: string, file: PackageFile): string {
  return join(folder, `${file.sha256.slice(0, 16)}-${file.name}`)
}

/** What Debian's signed lists name, newer lists too where the first do not; empty when there is no such version. */
async function listedFiles(
  kind: PackageKind,
  name: string,
  version: string,
  archive: DebianArchive,
): Promise<ArchiveFile[]> {
  const files = await archive.files(kind, name, version)
  if (files.length > 0 || !(await archive.refresh(kind))) return files
  return await archive.files(kind, name, version)
}

interface Located {
  /** In the order of the lock. */
  files: ArchiveFile[]
  /** What it means that a file is not there, where the lists do not name its package any more. */
  movedOn?: () => Promise<CommandError>
}

type Locate = (name: string, locked: LockedPackage, archive: DebianArchive) => Promise<Located>

/** The addresses of a package's files; refuses what is not exactly what the lock says. */
async function locate(name: string, locked: LockedPackage, archive: DebianArchive): Promise<Located> {
  const { version, kind, files } = locked
  const offered = await listedFiles(kind, name, version, archive)
  if (offered.length === 0) return await locateUnlisted(name, locked, archive)
  const found = files.map(file => {
    const candidate = offered.find(({ name: listed }) => listed === file.name)
    if (candidate?.sha256 === file.sha256) return candidate
    throw new CommandError(
      `${file.name}: the lock file wants sha256 ${file.sha256}, Debian's signed list says ${candidate?.sha256 ?? 'nothing'}`,
      `this is not the source that was reviewed: find out why; ${updateLockHelp}`,
    )
  })
  return { files: found }
}

/**
 * A mirror keeps for a while what its lists no longer name: there the lock's digests, which signed lists had once, are
 * enough.
 */
async function locateUnlisted(
  name: string,
  { version, kind, folder, files }: LockedPackage,
  archive: DebianArchive,
): Promise<Located> {
  const mirror = await archive.mirror()
  return {
    files: files.map(file => ({ ...file, url: `${mirror}/${folder}/${file.name}` })),
    async movedOn() {
      const newest = await archive.newestVersion(kind, name)
      return new CommandError(
        `Debian ${archive.release} has moved on: ${name} ${version} is gone from the mirror, which now has ${newest ?? 'none'}`,
        updateLockHelp,
      )
    },
  }
}

/** A source package of Debian's. */
export interface SourcePackage {
  name: string
  version: string
}

/**
 * The files of a source package in just that version, from the cache or from the mirror, as Debian's signed lists name
 * them.
 * @param help what to do when the mirror no longer has them
 * @returns the path in the cache by file name
 */
export async function provideSourcePackage(
  { name, version }: SourcePackage,
  folder: string,
  archive: DebianArchive,
  help: string,
): Promise<Map<string, string>> {
  const files = await listedFiles('source', name, version, archive)
  if (files.length === 0) {
    throw new CommandError(`Debian ${archive.release} no longer has the source of ${name} ${version}`, help)
  }
  const paths = new Map<string, string>()
  for (const file of files) {
    const path = cached(folder, file)
    if (!(await holds(path, file))) {
      rmSync(path, { force: true, recursive: true })
      await download(file, path, archive.progress)
    }
    paths.set(file.name, path)
  }
  return paths
}

/**
 * The locked source files of the packages, from the cache or from the mirror.
 * @returns the path in the cache by file name
 */
export function provideSources(
  names: string[],
  lock: Lock,
  folder: string,
  archive: () => Promise<DebianArchive>,
  progress: Progress,
): Promise<Map<string, string>> {
  const packages = names.map((name): [string, LockedPackage] => [name, lockedPackage(lock, name)])
  return provideLocked(packages, locate, folder, archive, progress)
}

/**
 * The packages of the build root, from the cache or from the mirror. Its lists are not asked: for so many packages that
 * takes a minute, and the digests are the lock's anyway.
 * @returns the path in the cache by file name
 */
export function provideTools(
  { tools }: Lock,
  folder: string,
  archive: () => Promise<DebianArchive>,
  progress: Progress,
): Promise<Map<string, string>> {
  return provideLocked(Object.entries(tools), locateUnlisted, folder, archive, progress)
}

async function provideLocked(
  packages: [name: string, locked: LockedPackage][],
  find: Locate,
  folder: string,
  archive: () => Promise<DebianArchive>,
  progress: Progress,
): Promise<Map<string, string>> {
  mkdirSync(folder, { recursive: true })
  const paths = new Map<string, string>()
  for (const [name, locked] of packages) {
    let located: Located | undefined
    for (const [index, file] of locked.files.entries()) {
      const path = cached(folder, file)
      if (!(await holds(path, file))) {
        rmSync(path, { force: true, recursive: true })
        located ??= await find(name, locked, await archive())
        await fetchLocated(located.files[index] as ArchiveFile, located, path, progress)
      }
      paths.set(file.name, path)
    }
  }
  return paths
}

async function fetchLocated(
  file: ArchiveFile,
  { movedOn }: Located,
  path: string,
  progress: Progress,
): Promise<void> {
  await download(file, path, progress).catch(async (error: unknown) => {
    const isGone = error instanceof CommandError && /\b404\b/.test(error.message)
    throw isGone && movedOn !== undefined ? await movedOn() : error
  })
}
