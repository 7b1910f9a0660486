import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../host/console/progress.ts'
import { DebianArchive } from '../host/debian/archive.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { cacheFolder } from '../host/files/cache-folder.ts'
import type { PartName } from '../stages/api/parts.ts'
import { withBuildLock } from './build-lock.ts'
import { type BuildOptions, build, requireBuildSpace } from './build-programs.ts'
import { BuildRoot, buildRootKey } from './build-root.ts'
import { type BuildInputs, type InputOptions, provideInputs } from './inputs.ts'
import { type Lock, readLock } from './lock.ts'
import { recipeKey, recipeNamed, recipesWithout } from './recipes.ts'
import { isIntact, missingRecipes, type Results, readManifest, wantedRecipes } from './results.ts'
import { departuresFrom, type LockInUse, rememberedLock, rememberLock } from './todays-lock.ts'

/** A static program for the image. */
export interface Binary {
  name: 'busybox' | 'aria2c' | 'kexec'
  /** Where it lies in the cache; not to be changed there. */
  path: string
  /** In bytes. */
  size: number
  /** In hex. */
  sha256: string
  /** What it was built from, such as `aria2 1.37.0+debian-3`. */
  source: string
}

export interface Binaries {
  busybox: Binary
  aria2c: Binary
  kexec: Binary
  /** The path of Debian's CA certificates in one PEM file. */
  caBundle: string
  /** The names that BusyBox answers to, sorted: what `busybox --list` says. */
  applets: string[]
  /** What they were built from, where that is not known to be the project's lock. */
  inUse?: LockInUse
}

export interface ProvideOptions extends ArchiveOptions, InputOptions, BuildOptions {
  /** Parts of the boot that the programs need not serve. */
  without?: readonly PartName[]
}

/** Where the programs' cache is. */
export const binariesCache = (): string => join(cacheFolder(), 'binaries')

/** The recipes for a lock, and the folder in the cache where the result of each belongs. */
function resultsOf(lock: Lock, cache: string, { without }: ProvideOptions): Results {
  const rootKey = buildRootKey(lock)
  const recipes = recipesWithout(without)
  return {
    recipes,
    folderOf: recipe => join(cache, 'results', `${recipe.name}-${recipeKey(recipe, lock, rootKey, recipes)}`),
  }
}

/**
 * The programs and certificates for the image, built from Debian's sources as the lock file says, or from the cache
 * when they were built before with the same recipes. Where nobody has what the lock names, from what Debian has today.
 * @throws CommandError when a digest is wrong, a build fails, the disk is full, …
 */
export async function provideBinaries(
  progress: Progress,
  lock: Lock = readLock(),
  options: ProvideOptions = {},
): Promise<Binaries> {
  const cache = binariesCache()
  const found = await cachedBinaries(cache, lock, progress, options)
  if (found !== undefined) return found
  return await withBuildLock(cache, progress, async () => {
    const waitedFor = await cachedBinaries(cache, lock, progress, options)
    if (waitedFor !== undefined) return waitedFor
    if (!options.offline) requireBuildSpace(cache)
    const inputs = await inputsFor(cache, lock, progress, options)
    const results = resultsOf(inputs.lock, cache, options)
    if ((await intact(results, inputs.lock, progress)) === undefined)
      await build(inputs, cache, results, progress, options)
    const built = await intact(results, inputs.lock, progress)
    if (built === undefined) throw new Error(`the cache ${cache} changed under the build`)
    return { ...built, inUse: { lock: inputs.lock, departures: inputs.departures } }
  })
}

/** Fetches all that the programs are built from, and builds nothing. */
export async function fetchInputs(
  progress: Progress,
  lock: Lock = readLock(),
  options: ProvideOptions = {},
): Promise<void> {
  const cache = binariesCache()
  if ((await cachedBinaries(cache, lock, progress, options)) !== undefined) return
  await withBuildLock(cache, progress, async () => {
    requireBuildSpace(cache)
    await inputsFor(cache, lock, progress, options)
  })
}

/**
 * Fetches the same, and unpacks the build root for a container that is made of it: there `provideBinaries` with `inOwnRoot`
 * builds.
 */
export async function unpackBuildRoot(
  folder: string,
  progress: Progress,
  options: ProvideOptions = {},
): Promise<void> {
  const cache = binariesCache()
  requireBuildSpace(cache)
  const { debs } = await inputsFor(cache, readLock(), progress, options)
  await BuildRoot.unpack(debs, folder, progress)
}

/** The files to build from: those of the lock, or of what took its place not long ago, or of today. */
async function inputsFor(
  cache: string,
  lock: Lock,
  progress: Progress,
  options: ProvideOptions,
): Promise<BuildInputs> {
  const { locked = false, offline = false } = options
  const remembered = locked ? undefined : rememberedLock(cache, lock, offline)
  const from = remembered ?? lock
  const missing = await missingRecipes(resultsOf(from, cache, options), from, progress)
  const names = missing.map(each => each.package)
  let opened: Promise<DebianArchive> | undefined
  const archive = () => {
    opened ??= DebianArchive.open(lock.release, progress, options)
    return opened
  }
  const inputs = await provideInputs(names, from, cache, archive, options)
  const departures = departuresFrom(lock, inputs.lock)
  if (inputs.departures.length > 0) await rememberLock(cache, lock, inputs.lock)
  return { ...inputs, departures }
}

/** As the lock says, or as it was made in its place not long ago. */
async function cachedBinaries(
  cache: string,
  lock: Lock,
  progress: Progress,
  options: ProvideOptions,
): Promise<Binaries | undefined> {
  const { locked = false, offline = false } = options
  const found = await intact(resultsOf(lock, cache, options), lock, progress)
  if (found !== undefined) return { ...found, inUse: { lock, departures: [] } }
  const remembered = locked ? undefined : rememberedLock(cache, lock, offline)
  if (remembered === undefined) return undefined
  const instead = await intact(resultsOf(remembered, cache, options), remembered, progress)
  return instead && { ...instead, inUse: { lock: remembered, departures: departuresFrom(lock, remembered) } }
}

/** What the cache has, if it has everything and every byte of it is as it was built. */
async function intact(
  { recipes, folderOf }: Results,
  lock: Lock,
  progress: Progress,
): Promise<Binaries | undefined> {
  const resultOf = (name: string) => folderOf(recipeNamed(name, recipes))
  for (const recipe of wantedRecipes(recipes)) {
    if (!(await isIntact(folderOf(recipe), recipe, lock, progress))) return undefined
  }
  const binary = (name: Binary['name']): Binary => {
    const folder = resultOf(name)
    const manifest = readManifest(folder)
    const file = manifest?.files[name]
    if (manifest === undefined || file === undefined) throw new Error(`${folder} lacks ${name}`)
    return { name, path: join(folder, name), ...file, source: manifest.source }
  }
  return {
    busybox: binary('busybox'),
    aria2c: binary('aria2c'),
    kexec: binary('kexec'),
    caBundle: join(resultOf('ca-bundle'), 'ca-certificates.crt'),
    applets: readFileSync(join(resultOf('busybox'), 'applets'), 'utf8')
      .trim()
      .split('\n')
      .sort(),
  }
}
