/** What Debian has now, in the form of the lock. */
import { CommandError } from '../host/console/command-error.ts'
import { type DebianArchive, poolFolder } from '../host/debian/archive.ts'
import type { PackageKind } from '../host/debian/package-lists.ts'
import { kernelSource, type Lock, type LockedPackage } from './lock.ts'

/** What the recipes need; what these depend on comes with them. No Debian runs there: neither dpkg nor apt. */
const buildPackages = [
  ...[
    'autoconf',
    'automake',
    'autopoint',
    'base-files',
    'bzip2',
    'coreutils',
    'dash',
    'diffutils',
    'findutils',
  ],
  ...['g++', 'gcc', 'gettext', 'grep', 'gzip', 'libc6-dev', 'libtool', 'linux-libc-dev', 'make', 'mawk'],
  ...['musl-tools', 'patch', 'perl', 'pkgconf', 'sed', 'tar', 'xz-utils'],
]

/** What the recipe of one source needs besides. */
const buildPackagesFor: Record<string, string[]> = {
  // Kconfig, the table of time units, objtool, what puts certificates into a kernel, and what compresses it.
  [kernelSource]: ['bc', 'bison', 'flex', 'libelf-dev', 'libssl-dev', 'zstd'],
}

/** A version of a package, with its files. */
export async function packageOf(
  name: string,
  kind: PackageKind,
  version: string,
  archive: DebianArchive,
): Promise<LockedPackage> {
  const found = await archive.files(kind, name, version)
  const folder = poolFolder(found[0]?.url ?? '')
  return { version, kind, folder, files: found.map(({ url: _, ...file }) => file) }
}

/** The newest version of a package. @throws CommandError when the release has none */
export async function newestPackage(
  name: string,
  kind: PackageKind,
  archive: DebianArchive,
): Promise<LockedPackage> {
  const version = await archive.newestVersion(kind, name)
  if (version === undefined) {
    throw new CommandError(
      `Debian ${archive.release} has no ${name} any more`,
      'choose another source for it',
    )
  }
  return await packageOf(name, kind, version, archive)
}

/**
 * Name and version of every package that a build root of now would have.
 * @param sources the packages that are built in it
 */
export const newestToolVersions = (
  archive: DebianArchive,
  sources: string[],
): Promise<Record<string, string>> =>
  archive.closure([...buildPackages, ...sources.flatMap(name => buildPackagesFor[name] ?? [])])

/** Where each of these packages is to be had. */
export async function toolsOf(
  versions: Record<string, string>,
  archive: DebianArchive,
): Promise<Lock['tools']> {
  const debs = await archive.debs(versions)
  const entries = Object.entries(versions).map(([name, version]): [string, LockedPackage] => {
    const deb = debs.get(name)
    if (deb === undefined) {
      throw new CommandError(
        `the build root has ${name} ${version}, which Debian's lists do not name any more`,
        'the mirror has changed in the meantime: try again',
      )
    }
    const { folder, ...file } = deb
    return [name, { version, kind: 'binary', folder, files: [file] }]
  })
  return Object.fromEntries(entries)
}
