/** What recipes leave, from the cache or built: the programs, and the netboot kernel. */
import { join } from 'node:path'
import type { Progress } from '../host/console/progress.ts'
import { DebianArchive } from '../host/debian/archive.ts'
import type { ArchiveOptions } from '../host/debian/archive-options.ts'
import { cacheFolder } from '../host/files/cache-folder.ts'
import { withBuildLock } from './build-lock.ts'
import { type BuildOptions, build, requireBuildSpace } from './build-programs.ts'
import { type BuildInputs, type InputOptions, provideInputs } from './inputs.ts'
import type { Lock } from './lock.ts'
import { isIntact, missingRecipes, type Results } from './results.ts'
import { departuresFrom, type LockInUse, rememberedLock, rememberLock } from './todays-lock.ts'

export interface ResultOptions extends ArchiveOptions, InputOptions, BuildOptions {}

/** The recipes and their folders in the cache, for what a lock names. */
export type ResultsOf = (lock: Lock) => Results

/** Results that are there, byte for byte as they were built. */
export interface SoundResults {
  results: Results
  inUse: LockInUse
}

/** Where sources, build root and results are kept. */
export const binariesCache = (): string => join(cacheFolder(), 'binaries')

/**
 * The results that are wanted, built from Debian's sources as the lock says, or from the cache when they were built before
 * with the same recipes. Where nobody has what the lock names, from what Debian has today.
 * @throws CommandError when a digest is wrong, a build fails, the disk is full, …
 */
export async function provideResults(
  lock: Lock,
  resultsOf: ResultsOf,
  progress: Progress,
  options: ResultOptions = {},
): Promise<SoundResults> {
  const cache = binariesCache()
  const found = await cachedResults(cache, lock, resultsOf, progress, options)
  if (found !== undefined) return found
  return await withBuildLock(cache, progress, async () => {
    const waitedFor = await cachedResults(cache, lock, resultsOf, progress, options)
    if (waitedFor !== undefined) return waitedFor
    if (!options.offline) requireBuildSpace(cache, resultsOf(lock))
    const inputs = await inputsFor(cache, lock, resultsOf, progress, options)
    const results = resultsOf(inputs.lock)
    if (!(await areSound(results, inputs.lock, progress)))
      await build(inputs, cache, results, progress, options)
    if (!(await areSound(results, inputs.lock, progress)))
      throw new Error(`the cache ${cache} changed under the build`)
    return { results, inUse: { lock: inputs.lock, departures: inputs.departures } }
  })
}

/** Fetches all that the results are built from, and builds nothing. */
export async function fetchInputsOf(
  lock: Lock,
  resultsOf: ResultsOf,
  progress: Progress,
  options: ResultOptions,
): Promise<void> {
  const cache = binariesCache()
  if ((await cachedResults(cache, lock, resultsOf, progress, options)) !== undefined) return
  await withBuildLock(cache, progress, async () => {
    requireBuildSpace(cache, resultsOf(lock))
    await inputsFor(cache, lock, resultsOf, progress, options)
  })
}

/** The files to build from: those of the lock, or of what took its place not long ago, or of today. */
export async function inputsFor(
  cache: string,
  lock: Lock,
  resultsOf: ResultsOf,
  progress: Progress,
  options: ResultOptions,
): Promise<BuildInputs> {
  const { locked = false, offline = false } = options
  const remembered = locked ? undefined : rememberedLock(cache, lock, offline)
  const from = remembered ?? lock
  const missing = await missingRecipes(resultsOf(from), from, progress)
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
async function cachedResults(
  cache: string,
  lock: Lock,
  resultsOf: ResultsOf,
  progress: Progress,
  { locked = false, offline = false }: ResultOptions,
): Promise<SoundResults | undefined> {
  const results = resultsOf(lock)
  if (await areSound(results, lock, progress)) return { results, inUse: { lock, departures: [] } }
  const remembered = locked ? undefined : rememberedLock(cache, lock, offline)
  if (remembered === undefined) return undefined
  const instead = resultsOf(remembered)
  if (!(await areSound(instead, remembered, progress))) return undefined
  return { results: instead, inUse: { lock: remembered, departures: departuresFrom(lock, remembered) } }
}

/** Whether the cache has all that is wanted, and every byte of it as it was built. */
async function areSound({ wanted, folderOf }: Results, lock: Lock, progress: Progress): Promise<boolean> {
  for (const recipe of wanted) {
    if (!(await isIntact(folderOf(recipe), recipe, lock, progress))) return false
  }
  return true
}
