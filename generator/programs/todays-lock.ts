/** Where nobody has what the lock names any more, what Debian has today takes its place. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { DebianArchive } from '../host/debian/archive.ts'
import { writeWholeFiles } from '../host/files/whole-file.ts'
import { type Lock, type LockedPackage, lockDigest, lockedPackage } from './lock.ts'
import { newestToolVersions, packageOf, toolsOf } from './newest.ts'
import { type Provided, provideLocked, requireAll, updateLockHelp } from './sources.ts'

/** A package that is not the one that the lock names. */
export interface Departure {
  /** `openssl`, or `gcc-14 (build root)`. */
  package: string
  locked: string
  used: string
}

/** What is built from: the lock, or as much of it as is still to be had. */
export interface LockInUse {
  lock: Lock
  /** None: everything is as the lock says. */
  departures: Departure[]
}

/** In what one lock differs from another. */
export function departuresFrom(lock: Lock, used: Lock): Departure[] {
  const versions = ({ packages, tools }: Lock): Record<string, string> => ({
    ...Object.fromEntries(
      Object.entries(tools).map(([name, { version }]) => [`${name} (build root)`, version]),
    ),
    ...Object.fromEntries(Object.entries(packages).map(([name, { version }]) => [name, version])),
  })
  const [before, after] = [versions(lock), versions(used)]
  return Object.keys({ ...after, ...before })
    .filter(name => before[name] !== after[name])
    .map(name => ({ package: name, locked: before[name] ?? 'none', used: after[name] ?? 'none' }))
}

/** Where the cache keeps files. */
export interface Folders {
  sources: string
  packages: string
}

/** @throws CommandError when a signed list has another file under the name of a locked one */
async function refuseContradiction(
  name: string,
  { kind, version, files }: LockedPackage,
  archive: DebianArchive,
): Promise<void> {
  const listed = await archive.files(kind, name, version)
  for (const file of files) {
    const other = listed.find(each => each.name === file.name)
    if (other === undefined || other.sha256 === file.sha256) continue
    throw new CommandError(
      `${file.name}: the lock file wants sha256 ${file.sha256}, Debian's signed list says ${other.sha256}`,
      `this is not the source that was reviewed: find out why; ${updateLockHelp}`,
    )
  }
}

/** The newest version of a source of which a mirror has all files: lists may name what is not there yet. */
async function sourceOfToday(
  name: string,
  locked: LockedPackage,
  archive: DebianArchive,
  folders: Folders,
): Promise<LockedPackage> {
  let missing: Provided['missing'] = []
  for (const version of await archive.allVersions(locked.kind, name)) {
    if (version === locked.version) continue
    const found = await packageOf(name, locked.kind, version, archive)
    const times = Object.values(await archive.listDates(locked.kind))
    const provided = await provideLocked([[name, found]], folders.sources, async () => archive, '', times)
    if (provided.missing.length === 0) return found
    if (missing.length === 0) missing = provided.missing
  }
  requireAll(missing, 'try again later, or name a mirror that has them: --mirror URL')
  throw new CommandError(
    `nobody has the files of ${name} ${locked.version}, and Debian ${archive.release} has no other version of it`,
    'name a mirror that has it (--mirror URL), or a snapshot archive (--snapshot URL)',
  )
}

async function toolsOfToday(
  sources: string[],
  archive: DebianArchive,
  folders: Folders,
): Promise<Lock['tools']> {
  const tools = await toolsOf(await newestToolVersions(archive, sources), archive)
  const what = `the build root of today (${Object.keys(tools).length} packages)`
  const times = Object.values(await archive.listDates('binary'))
  const { missing } = await provideLocked(
    Object.entries(tools),
    folders.packages,
    async () => archive,
    what,
    times,
  )
  requireAll(missing, 'try again later, or name a mirror that has them: --mirror URL')
  return tools
}

/**
 * The lock with what Debian has today in the place of what nobody has: a source alone, or the build root as a whole. Debian's
 * signature vouches for it.
 * @param missing what `provideLocked` did not find
 */
export async function todaysLock(
  lock: Lock,
  missing: { sources: Provided['missing']; tools: Provided['missing'] },
  archive: DebianArchive,
  folders: Folders,
): Promise<Lock> {
  const packages = { ...lock.packages }
  for (const name of new Set(missing.sources.map(each => each.package))) {
    const locked = lockedPackage(lock, name)
    await archive.refresh(locked.kind)
    await refuseContradiction(name, locked, archive)
    packages[name] = await sourceOfToday(name, locked, archive, folders)
  }
  // Without tools they are read all the same, for the note on what is outdated; it can do without.
  const reading = archive.refresh('binary')
  await (missing.tools.length > 0 ? reading : reading.catch(() => false))
  const tools =
    missing.tools.length > 0 ? await toolsOfToday(Object.keys(packages), archive, folders) : lock.tools
  return { ...lock, packages, tools }
}

/** For how long the answer of yesterday is not asked for again. */
const rememberedFor = 24 * 60 * 60 * 1000

const rememberedIn = (cache: string, lock: Lock) => join(cache, 'today', `${lockDigest(lock)}.json`)

/** What was built from in the place of this lock, not longer ago than a day; with `always`, whenever it was. */
export function rememberedLock(cache: string, lock: Lock, always: boolean): Lock | undefined {
  try {
    const { time, digest, used } = JSON.parse(readFileSync(rememberedIn(cache, lock), 'utf8'))
    const isRecent = always || Date.now() - time < rememberedFor
    return isRecent && lockDigest(used) === digest ? used : undefined
  } catch {
    return undefined
  }
}

export async function rememberLock(cache: string, lock: Lock, used: Lock): Promise<void> {
  mkdirSync(join(cache, 'today'), { recursive: true })
  const content = JSON.stringify({ time: Date.now(), digest: lockDigest(used), used })
  await writeWholeFiles([{ path: rememberedIn(cache, lock), content }])
}
