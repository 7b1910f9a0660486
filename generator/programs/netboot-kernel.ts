/** A kernel made for stage one: Debian's source with the options of netboot.config. */
import { join } from 'node:path'
import type { Progress } from '../host/console/progress.ts'
import { buildRootKey } from './build-root.ts'
import { netbootLock, type ProjectLock, readLock } from './lock.ts'
import {
  binariesCache,
  fetchInputsOf,
  provideResults,
  type ResultOptions,
  type ResultsOf,
} from './provide-results.ts'
import { netbootKernelRecipe, recipeKey } from './recipes.ts'
import { sourceOf } from './results.ts'
import type { LockInUse } from './todays-lock.ts'

export interface NetbootKernel {
  /** The folder that holds boot/vmlinuz-VERSION, boot/config-VERSION and lib/modules/VERSION. */
  tree: string
  /** What it was built from, such as `linux-source-6.12 6.12.118-1`. */
  source: string
  inUse: LockInUse
}

const resultsOf: ResultsOf = lock => {
  const key = recipeKey(netbootKernelRecipe, lock, buildRootKey(lock))
  return {
    what: 'the netboot kernel',
    recipes: [netbootKernelRecipe],
    wanted: [netbootKernelRecipe],
    // The source takes 1.7 GB, its objects 1.1.
    space: 3_500_000_000,
    folderOf: ({ name }) => join(binariesCache(), 'results', `${name}-${key}`),
  }
}

/**
 * The netboot kernel with its modules, built or from the cache, as `provideResults` says.
 * @throws CommandError when a digest is wrong, the build fails, Kconfig drops an option, the disk is full, …
 */
export async function provideNetbootKernel(
  progress: Progress,
  options: ResultOptions = {},
  lock: ProjectLock = readLock(),
): Promise<NetbootKernel> {
  const { results, inUse } = await provideResults(netbootLock(lock), resultsOf, progress, options)
  return {
    tree: results.folderOf(netbootKernelRecipe),
    source: sourceOf(netbootKernelRecipe, inUse.lock),
    inUse,
  }
}

/** Fetches all that it is built from, and builds nothing. */
export async function fetchNetbootInputs(progress: Progress, options: ResultOptions): Promise<void> {
  await fetchInputsOf(netbootLock(readLock()), resultsOf, progress, options)
}
