import { CommandError } from '../host/console/command-error.ts'
import type { DebianArchive } from '../host/debian/archive.ts'
import type { Lock } from './lock.ts'
import type { SourcePackage } from './sources.ts'

/**
 * Libraries of the build root that the programs hold as well, by the package in `lock.tools`. glibc is under the LGPL, which
 * asks for its source; musl under MIT, which asks for its notice, and that is in its source. The run-time libraries of GCC
 * are under the GPL with an exception that asks for neither.
 */
const linked = { 'libc6-dev': 'glibc', 'musl-dev': 'musl' }

/** For a kernel whose source the mirror has dropped. */
export const newKernelHelp = 'build again: that takes the kernel of today, with its source'

/** Rebuilt without a change of its source, a package is called 1.2-3+b1. */
const sourceVersion = (version: string) => version.replace(/\+b\d+$/, '')

/** The C libraries in the programs, as source packages. */
export function linkedLibraries(lock: Lock): SourcePackage[] {
  return Object.entries(linked).map(([tool, name]) => ({
    name,
    version: sourceVersion(lock.tools[tool]?.version ?? ''),
  }))
}

/**
 * The source packages of a kernel of Debian's: the kernel's own, and the one with the signatures.
 * @param origin such as `Debian linux-image-6.12.0-amd64 6.12.0-1`
 * @returns undefined for a kernel from elsewhere
 */
export async function kernelSources(
  origin: string,
  archive: DebianArchive,
): Promise<SourcePackage[] | undefined> {
  const [, name, version] = origin.match(/^Debian (\S+) (\S+)$/) ?? []
  if (name === undefined || version === undefined) return undefined
  const sources = await archive.sourcesOf(name, version)
  if (sources.length > 0) return sources
  throw new CommandError(
    `Debian ${archive.release} has moved on: its lists no longer tell the source of ${name} ${version}`,
    newKernelHelp,
  )
}
