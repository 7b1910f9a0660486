import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../../cache-folder.ts'
import type { Progress } from '../../progress.ts'
import { build } from './build.ts'
import { withBuildLock } from './build-lock.ts'
import { type Lock, readLock } from './lock.ts'
import { type Recipe, recipeKey, recipeNamed } from './recipes.ts'
import { isIntact, readManifest, wantedRecipes } from './results.ts'
import { buildRootKey } from './root-tar.ts'

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
}

/**
 * The programs and certificates for the image, built from Debian's sources as the lock file says, or from the cache
 * when they were built before with the same recipes.
 * @throws CommandError when the mirror has moved on, a digest is wrong, a build fails, the disk is full, …
 */
export async function provideBinaries(progress: Progress, lock: Lock = readLock()): Promise<Binaries> {
  const cache = join(cacheFolder(), 'binaries')
  const rootKey = buildRootKey(lock)
  const result = (recipe: Recipe) =>
    join(cache, 'results', `${recipe.name}-${recipeKey(recipe, lock, rootKey)}`)

  const found = await intact(result, lock, progress)
  if (found !== undefined) return found
  await withBuildLock(cache, progress, async () => {
    if ((await intact(result, lock, progress)) === undefined) await build(lock, cache, result, progress)
  })
  const built = await intact(result, lock, progress)
  if (built === undefined) throw new Error(`the cache ${cache} changed under the build`)
  return built
}

/** What the cache has, if it has everything and every byte of it is as it was built. */
async function intact(
  result: (recipe: Recipe) => string,
  lock: Lock,
  progress: Progress,
): Promise<Binaries | undefined> {
  for (const recipe of wantedRecipes) {
    if (!(await isIntact(result(recipe), recipe, lock, progress))) return undefined
  }
  const binary = (name: Binary['name']): Binary => {
    const folder = result(recipeNamed(name))
    const manifest = readManifest(folder)
    const file = manifest?.files[name]
    if (manifest === undefined || file === undefined) throw new Error(`${folder} lacks ${name}`)
    return { name, path: join(folder, name), ...file, source: manifest.source }
  }
  return {
    busybox: binary('busybox'),
    aria2c: binary('aria2c'),
    kexec: binary('kexec'),
    caBundle: join(result(recipeNamed('ca-bundle')), 'ca-certificates.crt'),
    applets: readFileSync(join(result(recipeNamed('busybox')), 'applets'), 'utf8')
      .trim()
      .split('\n')
      .sort(),
  }
}
