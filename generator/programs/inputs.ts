/** What programs are built from: the files of the lock, or of today where nobody has those any more. */
import { join } from 'node:path'
import { readableSize } from '../host/console/progress.ts'
import type { DebianArchive } from '../host/debian/archive.ts'
import { NotInCache } from '../host/debian/not-in-cache.ts'
import { type Lock, lockedPackage } from './lock.ts'
import { lockTimes, type Provided, provideLocked, requireAll } from './sources.ts'
import { departuresFrom, type LockInUse, todaysLock } from './todays-lock.ts'

export interface BuildInputs extends LockInUse {
  /** The paths of the source files, by their names. */
  sources: Map<string, string>
  /** The paths of the build root's packages. */
  debs: string[]
}

export interface InputOptions {
  /** Nothing but what the lock names will do. */
  locked?: boolean
}

const lockedHelp =
  'name a mirror (--mirror URL) or a snapshot archive (--snapshot URL) that has them; without --locked the build goes on with what Debian has today'

function describe({ name, package: owner, size }: Provided['missing'][number]): string {
  return `${name} (${readableSize(size)}, for ${owner})`
}

/**
 * Fetches what the cache lacks.
 * @param names the packages of the lock whose programs are to be built
 * @param cache the folder of the programs' cache
 * @throws NotInCache with `offline`; CommandError where neither the lock's files nor newer ones are to be had
 */
export async function provideInputs(
  names: string[],
  lock: Lock,
  cache: string,
  archive: () => Promise<DebianArchive>,
  { locked = false }: InputOptions = {},
): Promise<BuildInputs> {
  const folders = { sources: join(cache, 'sources'), packages: join(cache, 'build-root/packages') }
  const times = lockTimes(lock)
  const fetchAllOf = async (some: Lock) => {
    const tools = Object.entries(some.tools)
    const packages = names.map((name): [string, Lock['packages'][string]] => [
      name,
      lockedPackage(some, name),
    ])
    const [sources, debs] = await Promise.all([
      provideLocked(
        packages,
        folders.sources,
        archive,
        names.length === 1
          ? `the source of ${names[0]}`
          : `the sources of ${names.length} programs and libraries`,
        times,
      ),
      provideLocked(tools, folders.packages, archive, `the build root (${tools.length} packages)`, times),
    ])
    return { sources, debs }
  }
  const given = await fetchAllOf(lock)
  const missing = [...given.sources.missing, ...given.debs.missing]
  if (missing.length === 0) {
    return { lock, departures: [], sources: given.sources.paths, debs: [...given.debs.paths.values()] }
  }
  const debian = await archive()
  if (debian.options.offline) throw new NotInCache(missing.map(describe))
  if (locked) requireAll(missing, lockedHelp)
  const files = missing.length === 1 ? 'a file' : `${missing.length} files`
  debian.progress.step(`nobody has ${files} of the lock any more: looking for what Debian has today`)
  const today = await todaysLock(
    lock,
    { sources: given.sources.missing, tools: given.debs.missing },
    debian,
    folders,
  )
  const found = await fetchAllOf(today)
  requireAll([...found.sources.missing, ...found.debs.missing], lockedHelp)
  return {
    lock: today,
    departures: departuresFrom(lock, today),
    sources: found.sources.paths,
    debs: [...found.debs.paths.values()],
  }
}
