import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Progress } from '../host/console/progress.ts'
import { DebianArchive } from '../host/debian/archive.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { writeWholeFiles } from '../host/files/whole-file.ts'
import { namedFixes } from './changelog.ts'
import { binariesCache } from './index.ts'
import { type Lock, lockFile, readLock } from './lock.ts'
import { newestPackage, newestToolVersions, toolsOf } from './newest.ts'
import { sha1File } from './sha1.ts'
import { provideLocked, requireAll } from './sources.ts'

const folders = () => ({
  sources: join(binariesCache(), 'sources'),
  packages: join(binariesCache(), 'build-root/packages'),
})

/** The newest version of each of the lock's packages, with its files. */
async function newestPackages(old: Lock, archive: DebianArchive): Promise<Lock['packages']> {
  const packages: Lock['packages'] = {}
  for (const [name, { kind }] of Object.entries(old.packages)) {
    packages[name] = await newestPackage(name, kind, archive)
  }
  return packages
}

/**
 * The files come into the cache now: a mirror's lists may name what it does not have yet, and no build could use that.
 * @returns the path of each by its name
 */
async function requireFiles(lock: Lock, archive: DebianArchive): Promise<Map<string, string>> {
  const { sources, packages } = folders()
  const opened = async () => archive
  const of = { sources: Object.entries(lock.packages), packages: Object.entries(lock.tools) }
  const what = `the build root (${of.packages.length} packages)`
  const provided = await Promise.all([
    provideLocked(of.sources, sources, opened, 'the sources of the programs', []),
    provideLocked(of.packages, packages, opened, what, []),
  ])
  const missing = provided.flatMap(each => each.missing)
  requireAll(
    missing,
    'the mirror lacks what its own lists name: try again later, or name another: --mirror URL',
  )
  return new Map(provided.flatMap(each => [...each.paths]))
}

/** What an update asks of the outside; tests bring their own. */
interface UpdateSteps {
  tools?: typeof newestToolVersions
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

/** The files' names in a snapshot archive, where the files are. */
async function withSha1(lock: Lock, paths: Map<string, string>): Promise<Lock> {
  const named = async (packages: Lock['packages']) => {
    const entries = Object.entries(packages).map(async ([name, locked]) => {
      const files = locked.files.map(async file => {
        const path = paths.get(file.name)
        return path === undefined ? file : { ...file, sha1: await sha1File(path) }
      })
      return [name, { ...locked, files: await Promise.all(files) }] as const
    })
    return Object.fromEntries(await Promise.all(entries))
  }
  return { ...lock, packages: await named(lock.packages), tools: await named(lock.tools) }
}

/** The security fixes in each new version, as Debian's changelogs name them: below the line of the package. */
async function withFixes(
  changes: string[],
  old: Lock,
  fresh: Lock,
  paths: Map<string, string>,
): Promise<string[]> {
  const lines = changes.map(async change => {
    const name = /^source (.+?): /.exec(change)?.[1]
    const file =
      name === undefined
        ? undefined
        : fresh.packages[name]?.files.find(each => /\.debian\.tar\./.test(each.name))
    const path = file && paths.get(file.name)
    if (name === undefined || path === undefined) return [change]
    const fixes = await namedFixes(path, old.packages[name]?.version ?? '')
    return [change, ...fixes.map(fix => `  ${fix}`)]
  })
  return (await Promise.all(lines)).flat()
}

/**
 * Brings a lock file up to what its release and the security updates have now: the newest sources, and the packages of a
 * build root of now. It is written only when all of that is known and here.
 * @returns a line for each change, and the security fixes in it; none when the lock was up to date
 */
export async function updateLock(
  progress: Progress,
  file: URL | string = lockFile,
  { tools = newestToolVersions, archive, fetchFiles = requireFiles }: UpdateSteps = {},
  options: ArchiveOptions = {},
): Promise<string[]> {
  const path = typeof file === 'string' ? file : fileURLToPath(file)
  const old = readLock(file)
  const debian = archive ?? (await DebianArchive.open(old.release, progress, options))
  for (const kind of ['source', 'binary'] as const) await debian.refresh(kind)
  const packages = await newestPackages(old, debian)
  const dates = Object.entries(await debian.listDates('source'))
  const found: Lock = {
    release: old.release,
    lists: Object.fromEntries(dates.map(([suite, date]) => [suite, date.toISOString()])),
    packages,
    tools: await toolsOf(await tools(debian), debian),
  }
  const paths = await fetchFiles(found, debian)
  const fresh = await withSha1(found, paths)
  const changes = await withFixes(lockChanges(old, fresh), old, fresh, paths)
  const content = `${JSON.stringify(fresh, null, 2)}\n`
  if (content !== readFileSync(path, 'utf8')) await writeWholeFiles([{ path, content }])
  return changes
}
