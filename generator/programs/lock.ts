import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CommandError } from '../host/console/command-error.ts'
import type { PackageFile } from '../host/debian/archive.ts'
import type { PackageKind } from '../host/debian/package-lists.ts'

export interface LockedPackage {
  /** Debian's version, such as `3.5.7-1~deb13u2`. */
  version: string
  /** `source`: the upstream tarball and Debian's changes to it; `binary`: a .deb. */
  kind: PackageKind
  /** Where a mirror has the files, such as `pool/main/z/zlib`. */
  folder: string
  files: PackageFile[]
}

/** What the binaries are built from, byte for byte, and what they were last built with. */
export interface Lock {
  /** Debian's release, such as `trixie`. */
  release: string
  /** When Debian signed the lists that the versions are from, by suite; ISO 8601. */
  lists?: Record<string, string>
  packages: Record<string, LockedPackage>
  /** Every package of the build root, as one .deb each. Another compiler makes other bytes. */
  tools: Record<string, LockedPackage>
}

/** The project's lock file. */
export interface ProjectLock extends Lock {
  /** The source of the netboot kernel, and in what its build root differs from that of the programs. */
  netboot: Pick<Lock, 'packages' | 'tools'>
}

/** The package that has Debian's kernel as source, with Debian's changes. */
export const kernelSource = 'linux-source-6.12'

export const lockFile = new URL('lock.json', import.meta.url)

/** The lock as it lies beside this file. */
export function readLock(file: URL | string = lockFile): ProjectLock {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CommandError(
      `${file}: cannot be read as a lock file: ${error instanceof Error ? error.message : error}`,
      'restore lock.json from the project, e.g. git checkout generator/programs/lock.json',
    )
  }
}

/** What the netboot kernel is built from: a lock of its own, so that nothing of it is fetched for the programs. */
export function netbootLock({ netboot, ...lock }: ProjectLock): Lock {
  return { ...lock, packages: netboot.packages, tools: { ...lock.tools, ...netboot.tools } }
}

/** The package in the lock; a recipe that names another one is a mistake in the project. */
export function lockedPackage(lock: Lock, name: string): LockedPackage {
  const found = lock.packages[name]
  if (found === undefined) throw new Error(`lock.json has no package '${name}'`)
  return found
}

/** Names what a lock says, in 16 hex digits. */
export const lockDigest = (lock: Lock): string =>
  createHash('sha256').update(JSON.stringify(lock)).digest('hex').slice(0, 16)
