import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../../command-error.ts'
import type { ArchiveFile, DebianArchive, PackageFile } from '../../debian/archive.ts'
import { download, holds } from '../../debian/download.ts'
import type { Progress } from '../../progress.ts'
import { type Lock, lockedPackage } from './lock.ts'

/** How the lock file is brought up to date; part of two messages. */
export const updateLockHelp = 'build --update-lock shows what has changed and writes the new lock.json'

/** Where the cache keeps a source file: by its digest, so that two versions never meet. */
function cached(folder: string, file: PackageFile): string {
  return join(folder, `${file.sha256.slice(0, 16)}-${file.name}`)
}

/** The addresses of a package's files; refuses what is not exactly what the lock says. */
async function locate(name: string, lock: Lock, archive: DebianArchive): Promise<ArchiveFile[]> {
  const { version, kind, files } = lockedPackage(lock, name)
  let offered = await archive.files(kind, name, version)
  if (offered.length === 0 && (await archive.refresh(kind))) {
    offered = await archive.files(kind, name, version)
  }
  if (offered.length === 0) {
    const newest = await archive.newestVersion(kind, name)
    throw new CommandError(
      `Debian ${lock.release} has moved on: ${name} ${version} is gone from the mirror, which now has ${newest ?? 'none'}`,
      updateLockHelp,
    )
  }
  return files.map(file => {
    const found = offered.find(candidate => candidate.name === file.name)
    if (found === undefined || found.sha256 !== file.sha256) {
      throw new CommandError(
        `${file.name}: the lock file wants sha256 ${file.sha256}, Debian's signed list says ${found?.sha256 ?? 'nothing'}`,
        `this is not the source that was reviewed: find out why; ${updateLockHelp}`,
      )
    }
    return found
  })
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
  let files = await archive.files('source', name, version)
  if (files.length === 0 && (await archive.refresh('source'))) {
    files = await archive.files('source', name, version)
  }
  if (files.length === 0) {
    throw new CommandError(`Debian ${archive.release} no longer has the source of ${name} ${version}`, help)
  }
  const paths = new Map<string, string>()
  for (const file of files) {
    const path = cached(folder, file)
    if (!(await holds(path, file))) await download(file, path, archive.progress)
    paths.set(file.name, path)
  }
  return paths
}

/**
 * The locked files of the packages, from the cache or from the mirror.
 * @returns the path in the cache by file name
 */
export async function provideSources(
  names: string[],
  lock: Lock,
  folder: string,
  archive: () => Promise<DebianArchive>,
  progress: Progress,
): Promise<Map<string, string>> {
  mkdirSync(folder, { recursive: true })
  const paths = new Map<string, string>()
  let opened: DebianArchive | undefined
  for (const name of names) {
    const { files } = lockedPackage(lock, name)
    let located: ArchiveFile[] | undefined
    for (const file of files) {
      const path = cached(folder, file)
      if (!(await holds(path, file))) {
        rmSync(path, { force: true })
        if (located === undefined) {
          opened ??= await archive()
          located = await locate(name, lock, opened)
        }
        const offered = located.find(candidate => candidate.name === file.name)
        if (offered !== undefined) await download(offered, path, progress)
      }
      paths.set(file.name, path)
    }
  }
  return paths
}
