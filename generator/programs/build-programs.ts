import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CommandError } from '../host/console/command-error.ts'
import type { Progress } from '../host/console/progress.ts'
import { sha256File } from '../host/debian/download-files.ts'
import { requireSpace } from '../host/files/free-space.ts'
import { keepTree } from '../host/files/kept-tree.ts'
import { BuildRoot } from './build-root.ts'
import type { BuildInputs } from './inputs.ts'
import { type Recipe, recipeNamed } from './recipes.ts'
import { type Manifest, missingRecipes, type Results, sourceOf } from './results.ts'

/** @throws CommandError where the disk has too little space for a build */
export const requireBuildSpace = (cache: string, { space, what }: Results): void =>
  requireSpace(cache, space, `building ${what}`)

export interface BuildOptions {
  /** Ends the build early. */
  signal?: AbortSignal
  /** This process's root is the build root: in a container that was made of one. */
  inOwnRoot?: boolean
}

/**
 * Builds every recipe whose result the cache lacks. The caller holds the build lock.
 * @param cache the folder for logs and results
 */
export async function build(
  inputs: BuildInputs,
  cache: string,
  results: Results,
  progress: Progress,
  { signal, inOwnRoot = false }: BuildOptions,
): Promise<void> {
  const missing = await missingRecipes(results, inputs.lock, progress)
  const work = join(cache, 'work')
  await BuildRoot.removeLeftovers(work)
  mkdirSync(work, { recursive: true })
  const root = inOwnRoot ? BuildRoot.own() : await BuildRoot.open(inputs.debs, work, progress, signal)
  try {
    root.addSources(inputs.sources)
    await buildAll(missing, recipe => buildOne(recipe, root, inputs, cache, results, progress))
  } finally {
    await root.remove()
  }
}

/** Each recipe starts when those that it needs are done; two at a time, as half of the time one is configuring. */
async function buildAll(missing: Recipe[], start: (recipe: Recipe) => Promise<void>): Promise<void> {
  const waiting = new Set(missing)
  const unfinished = new Set(missing.map(recipe => recipe.name))
  const running = new Set<Promise<void>>()
  let failure: unknown
  while (running.size > 0 || (waiting.size > 0 && failure === undefined)) {
    for (const recipe of waiting) {
      if (running.size >= 2 || failure !== undefined) break
      if (recipe.needs.some(name => unfinished.has(name))) continue
      waiting.delete(recipe)
      const job: Promise<void> = start(recipe)
        .then(
          () => void unfinished.delete(recipe.name),
          error => {
            failure ??= error
          },
        )
        .finally(() => running.delete(job))
      running.add(job)
    }
    await Promise.race(running)
  }
  if (failure !== undefined) throw failure
}

/** A recipe is made for the locked version: it says so where another one, of today, does not take our patches. */
function forOtherVersion(error: unknown, recipe: Recipe, { departures }: BuildInputs): unknown {
  const other = departures.find(each => each.package === recipe.package)
  if (other === undefined || !(error instanceof CommandError)) return error
  return new CommandError(
    `${recipe.package} ${other.used} is what Debian has today, the lock names ${other.locked}, which nobody has any more; our changes and recipe do not fit the newer one: ${error.message}`,
    `name a mirror or a snapshot archive that has ${other.locked} (--mirror URL, --snapshot URL), or take a newer aria2-initrd`,
  )
}

async function buildOne(
  recipe: Recipe,
  root: BuildRoot,
  inputs: BuildInputs,
  cache: string,
  { recipes, folderOf }: Results,
  progress: Progress,
): Promise<void> {
  progress.step(recipe.step)
  for (const name of recipe.needs) root.addLibrary(folderOf(recipeNamed(name, recipes)))
  const folder = folderOf(recipe)
  mkdirSync(join(cache, 'logs'), { recursive: true })
  const left = await root
    .run(recipe, join(cache, 'logs', `${basename(folder)}.log`))
    .catch((error: unknown) => Promise.reject(forOtherVersion(error, recipe, inputs)))

  const files: Manifest['files'] = {}
  for (const entry of readdirSync(left, { withFileTypes: true })) {
    const path = join(left, entry.name)
    if (entry.isFile()) files[entry.name] = { size: statSync(path).size, sha256: await sha256File(path) }
  }
  const manifest: Manifest = { source: sourceOf(recipe, inputs.lock), files }
  writeFileSync(join(left, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  keepTree(left)
  // One rename at the end: the cache holds a result as a whole or not at all.
  mkdirSync(join(cache, 'results'), { recursive: true })
  rmSync(folder, { recursive: true, force: true })
  renameSync(beside(cache, left), folder)
}

/** A tree as one that can be renamed into the cache. A build root that is a container's own may be on another file system. */
function beside(cache: string, tree: string): string {
  if (statSync(tree).dev === statSync(cache).dev) return tree
  const copy = join(cache, 'work', basename(tree))
  cpSync(tree, copy, { recursive: true, verbatimSymlinks: true })
  return copy
}
