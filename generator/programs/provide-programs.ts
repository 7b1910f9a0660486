import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../host/console/progress.ts'
import type { PartName } from '../stages/api/parts.ts'
import { requireBuildSpace } from './build-programs.ts'
import { BuildRoot, buildRootKey } from './build-root.ts'
import { type Lock, readLock } from './lock.ts'
import {
  binariesCache,
  fetchInputsOf,
  inputsFor,
  provideResults,
  type ResultOptions,
  type ResultsOf,
  type SoundResults,
} from './provide-results.ts'
import { recipeKey, recipeNamed, recipesWithout } from './recipes.ts'
import { programRecipes, readManifest } from './results.ts'
import type { LockInUse } from './todays-lock.ts'

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

export interface ProvideOptions extends ResultOptions {
  /** Parts of the boot that the programs need not serve. */
  without?: readonly PartName[]
}

/** The recipes for a lock, and the folder in the cache where the result of each belongs. */
function programsOf({ without }: ProvideOptions): ResultsOf {
  const recipes = recipesWithout(without)
  return lock => {
    const rootKey = buildRootKey(lock)
    const keyOf = (name: string) => recipeKey(recipeNamed(name, recipes), lock, rootKey, recipes)
    return {
      what: 'the programs',
      recipes,
      wanted: programRecipes(recipes),
      // Added up while aria2c was built: 1.2 GB.
      space: 1_500_000_000,
      folderOf: ({ name }) => join(binariesCache(), 'results', `${name}-${keyOf(name)}`),
    }
  }
}

/**
 * The programs and certificates for the image, built or from the cache, as `provideResults` says.
 * @throws CommandError when a digest is wrong, a build fails, the disk is full, …
 */
export async function provideBinaries(
  progress: Progress,
  lock: Lock = readLock(),
  options: ProvideOptions = {},
): Promise<Binaries> {
  return readBinaries(await provideResults(lock, programsOf(options), progress, options))
}

/** Fetches all that the programs are built from, and builds nothing. */
export async function fetchInputs(
  progress: Progress,
  lock: Lock = readLock(),
  options: ProvideOptions = {},
): Promise<void> {
  await fetchInputsOf(lock, programsOf(options), progress, options)
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
  const [cache, lock, resultsOf] = [binariesCache(), readLock(), programsOf(options)]
  requireBuildSpace(cache, resultsOf(lock))
  const { debs } = await inputsFor(cache, lock, resultsOf, progress, options)
  await BuildRoot.unpack(debs, folder, progress)
}

function readBinaries({ results: { recipes, folderOf }, inUse }: SoundResults): Binaries {
  const resultOf = (name: string) => folderOf(recipeNamed(name, recipes))
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
    inUse,
  }
}
