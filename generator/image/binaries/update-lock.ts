import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from '../../cache-folder.ts'
import { CommandError } from '../../command-error.ts'
import { DebianArchive } from '../../debian/archive.ts'
import type { Progress } from '../../progress.ts'
import { writeWholeFiles } from '../whole-file.ts'
import { type Lock, type LockedPackage, lockFile, readLock } from './lock.ts'
import { newestTools, provideRootTar } from './root-tar.ts'
import { provideSources } from './sources.ts'

/** The newest version of each of the lock's packages, with its files. */
async function newestPackages(old: Lock, archive: DebianArchive): Promise<Lock['packages']> {
  const packages: Record<string, LockedPackage> = {}
  for (const [name, { kind }] of Object.entries(old.packages)) {
    const version = await archive.newestVersion(kind, name)
    if (version === undefined) {
      throw new CommandError(`Debian ${old.release} has no ${name} any more`, 'choose another source for it')
    }
    const found = await archive.files(kind, name, version)
    const folder = /\/(pool\/.+)\/[^/]+$/.exec(found[0]?.url ?? '')?.[1] ?? ''
    packages[name] = { version, kind, folder, files: found.map(({ url: _, ...file }) => file) }
  }
  return packages
}

const cache = () => join(cacheFolder(), 'binaries')

/** The files come into the cache now: a mirror's lists may name what it does not have yet, and no build could use that. */
async function requireFiles(lock: Lock, archive: DebianArchive): Promise<void> {
  const { progress } = archive
  const opened = async () => archive
  await provideSources(Object.keys(lock.packages), lock, join(cache(), 'sources'), opened, progress)
  await provideRootTar(lock, join(cache(), 'build-root'), opened, progress)
}

/** The packages of a build root made now, and their versions. */
const toolsOfToday = (release: string, progress: Progress): Promise<Record<string, string>> =>
  newestTools(release, join(cache(), 'build-root'), progress)

/** Where each of the packages is to be had. */
async function lockedTools(versions: Record<string, string>, archive: DebianArchive): Promise<Lock['tools']> {
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

/** What an update asks of the outside; tests bring their own. */
interface UpdateSteps {
  tools?: typeof toolsOfToday
  archive?: DebianArchive
  fetchFiles?: typeof requireFiles
}

/** One line for each package or tool that differs. */
export function lockChanges(old: Lock, fresh: Lock): string[] {
  const described = (lock: Lock): Record<string, string> => {
    const packages = Object.entries(lock.packages).map(([name, { version, files }]) => {
      const digests = files.map(({ name: file, sha256 }) => `${file} ${sha256.slice(0, 12)}`)
      return [`source ${name}`, [version, ...digests].join(', ')]
    })
    const tools = Object.entries(lock.tools).map(([name, { version }]) => [`tool ${name}`, version])
    return Object.fromEntries([...packages, ...tools])
  }
  const [before, after] = [described(old), described(fresh)]
  const version = (text = 'none', other = '') => {
    // The files are told where the version alone does not show the difference.
    const [first = ''] = text.split(', ')
    return first === other.split(', ')[0] ? text : first
  }
  return Object.keys({ ...before, ...after })
    .filter(name => before[name] !== after[name])
    .map(name => `${name}: ${version(before[name], after[name])} -> ${version(after[name], before[name])}`)
}

/**
 * Brings a lock file up to what its release has now: the newest sources, and the packages of a build root made now. It is
 * written only when all of that is known.
 * @returns one line for each change; none when the lock was up to date
 */
export async function updateLock(
  progress: Progress,
  file: URL | string = lockFile,
  { tools = toolsOfToday, archive, fetchFiles = requireFiles }: UpdateSteps = {},
): Promise<string[]> {
  const path = typeof file === 'string' ? file : fileURLToPath(file)
  const old = readLock(file)
  const debian = archive ?? (await DebianArchive.open(old.release, progress))
  for (const kind of ['source', 'binary'] as const) await debian.refresh(kind)
  const packages = await newestPackages(old, debian)
  const versions = await tools(old.release, progress)
  const fresh: Lock = { release: old.release, packages, tools: await lockedTools(versions, debian) }
  await fetchFiles(fresh, debian)
  const changes = lockChanges(old, fresh)
  const content = `${JSON.stringify(fresh, null, 2)}\n`
  if (content !== readFileSync(path, 'utf8')) await writeWholeFiles([{ path, content }])
  return changes
}
