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

export const lockFile = new URL('lock.json', import.meta.url)

/** The lock as it lies beside this file. */
export function readLock(file: URL | string = lockFile): Lock {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new CommandError(
      `${file}: cannot be read as a lock file: ${error instanceof Error ? error.message : error}`,
      'restore lock.json from the project, e.g. git checkout generator/programs/lock.json',
    )
  }
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
