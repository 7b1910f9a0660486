import { createHash } from 'node:crypto'
import { createReadStream, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../host/console/command-error.ts'
import type { Progress } from '../host/console/progress.ts'
import { DebianArchive } from '../host/debian/archive.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { writeWholeFiles } from '../host/files/whole-file.ts'
import { namedFixes } from './changelog.ts'
import { linkedLibraries } from './linked-sources.ts'
import { type Lock, lockFile, netbootLock, readLock } from './lock.ts'
import { newestPackage, newestToolVersions, toolsOf } from './newest.ts'
import { binariesCache } from './provide-results.ts'
import { type Provided, provideLocked, provideSourcePackage } from './sources.ts'

const folders = () => ({
  sources: join(binariesCache(), 'sources'),
  packages: join(binariesCache(), 'build-root/packages'),
})

/** The SHA-1 of a file, in hex: a name, and never a proof. */
export async function sha1File(path: string): Promise<string> {
  const hash = createHash('sha1')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/** The newest version of each of the lock's packages, with its files. */
async function newestPackages(old: Lock, archive: DebianArchive): Promise<Lock['packages']> {
  const packages: Lock['packages'] = {}
  for (const [name, { kind }] of Object.entries(old.packages)) {
    packages[name] = await newestPackage(name, kind, archive)
  }
  return packages
}

/** What is to be had of a lock's files. */
export interface Fetched {
  sources: Provided
  tools: Provided
}

/** The files come into the cache now: a mirror's lists may name what it does not have yet, and no build could use that. */
async function fetchFilesOf({ packages, tools }: Lock, archive: DebianArchive): Promise<Fetched> {
  const opened = async () => archive
  const what = `the build root (${Object.keys(tools).length} packages)`
  const [sources, debs] = await Promise.all([
    provideLocked(Object.entries(packages), folders().sources, opened, 'the sources of the programs', []),
    provideLocked(Object.entries(tools), folders().packages, opened, what, []),
  ])
  return { sources, tools: debs }
}

/** Why the build root cannot be taken: whoever passes programs on needs the source of the C libraries in them. */
async function missingLibrary(old: Lock, found: Lock, archive: DebianArchive): Promise<string | undefined> {
  const before = linkedLibraries(old)
  for (const library of linkedLibraries(found)) {
    const { name, version } = library
    if (before.some(each => each.name === name && each.version === version)) continue
    try {
      await provideSourcePackage(library, folders().sources, archive, '')
    } catch (error) {
      if (!(error instanceof CommandError)) throw error
      return `nobody has the source of ${name} ${version}, which is in the programs`
    }
  }
  return undefined
}

const lacks = ({ name, reason }: Provided['missing'][number]) =>
  `the mirror lacks ${name} (${reason
    .split('\n')[0]
    ?.replace(/ +\[.*/, '')
    .replace(/\s+/g, ' ')})`

/**
 * The newest lock of which all is to be had: a fix does not wait for another one that no mirror has yet. A source stays alone, the
 * build root as a whole.
 * @returns a line for each that stays, too
 */
async function asFarAsHad(
  old: Lock,
  found: Lock,
  { sources, tools }: Fetched,
  library: () => Promise<string | undefined>,
): Promise<{ lock: Lock; stays: string[] }> {
  const packages = { ...found.packages }
  const stays: string[] = []
  for (const [name, locked] of Object.entries(old.packages)) {
    const lacking = sources.missing.find(each => each.package === name)
    if (lacking === undefined) continue
    packages[name] = locked
    stays.push(`source ${name}: stays ${locked.version}: ${lacks(lacking)}`)
  }
  const [tool] = tools.missing
  const why = tool === undefined ? await library() : lacks(tool)
  if (why !== undefined) stays.push(`the build root stays as it is: ${why}`)
  return { lock: { ...found, packages, tools: why === undefined ? found.tools : old.tools }, stays }
}

/** What an update asks of the outside; tests bring their own. */
interface UpdateSteps {
  tools?: typeof newestToolVersions
  archive?: DebianArchive
  fetchFiles?: typeof fetchFilesOf
  library?: typeof missingLibrary
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

/** The newest lock of which all is to be had, a line for each change, with the fixes in it, and one for each that has to wait. */
async function newestLock(
  old: Lock,
  debian: DebianArchive,
  { tools = newestToolVersions, fetchFiles = fetchFilesOf, library = missingLibrary }: UpdateSteps,
): Promise<{ fresh: Lock; changes: string[]; stays: string[] }> {
  const packages = await newestPackages(old, debian)
  const dates = Object.entries(await debian.listDates('source'))
  const found: Lock = {
    release: old.release,
    lists: Object.fromEntries(dates.map(([suite, date]) => [suite, date.toISOString()])),
    packages,
    tools: await toolsOf(await tools(debian, Object.keys(packages)), debian),
  }
  const had = await fetchFiles(found, debian)
  const { lock, stays } = await asFarAsHad(old, found, had, () => library(old, found, debian))
  const { sources, tools: debs } = await fetchFiles(lock, debian)
  const paths = new Map([...sources.paths, ...debs.paths])
  const fresh = await withSha1(lock, paths)
  return { fresh, changes: await withFixes(lockChanges(old, fresh), old, fresh, paths), stays }
}

/** What one build root has and the other has not, or in another version. */
const otherTools = (tools: Lock['tools'], than: Lock['tools']): Lock['tools'] =>
  Object.fromEntries(Object.entries(tools).filter(([name, { version }]) => than[name]?.version !== version))

/**
 * Brings a lock file up to what its release and the security updates have now: the newest sources, and the packages of a
 * build root of now, as far as their files are to be had. It is written only when all that it names is known and here.
 * @returns a line for each change, with the security fixes in it, and for each that has to wait; none when the lock was up to date
 */
export async function updateLock(
  progress: Progress,
  file: URL | string = lockFile,
  { archive, ...steps }: UpdateSteps = {},
  options: ArchiveOptions = {},
): Promise<string[]> {
  const path = typeof file === 'string' ? file : fileURLToPath(file)
  const old = readLock(file)
  const debian = archive ?? (await DebianArchive.open(old.release, progress, options))
  for (const kind of ['source', 'binary'] as const) await debian.refresh(kind)
  const programs = await newestLock(old, debian, steps)
  const kernel = await newestLock(netbootLock(old), debian, steps)
  const netboot = {
    packages: kernel.fresh.packages,
    tools: otherTools(kernel.fresh.tools, programs.fresh.tools),
  }
  const content = `${JSON.stringify({ ...programs.fresh, netboot }, null, 2)}\n`
  if (content !== readFileSync(path, 'utf8')) await writeWholeFiles([{ path, content }])
  // Both build roots have most tools in common.
  return [...new Set([...programs.changes, ...kernel.changes, ...programs.stays, ...kernel.stays])]
}
