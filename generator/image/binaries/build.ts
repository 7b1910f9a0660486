import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DebianArchive } from '../../debian/archive.ts'
import { sha256File } from '../../debian/download.ts'
import { requireSpace } from '../../debian/free-space.ts'
import { keepTree } from '../../kept-tree.ts'
import type { Progress } from '../../progress.ts'
import { BuildRoot } from './build-root.ts'
import type { Lock } from './lock.ts'
import { type Recipe, recipes } from './recipes.ts'
import { type Manifest, missingRecipes, sourceOf } from './results.ts'
import { provideRootTar } from './root-tar.ts'
import { provideSources } from './sources.ts'

/** What a build takes at its peak: sources, the build root twice, object files. Added up after a whole build: 1.7 GB. */
const spaceNeeded = 2_000_000_000

/**
 * Builds every recipe whose result the cache lacks. The caller holds the build lock.
 * @param cache the folder for sources, the build root, logs and results
 * @param result the folder where a recipe's result belongs
 */
export async function build(
  lock: Lock,
  cache: string,
  result: (recipe: Recipe) => string,
  progress: Progress,
): Promise<void> {
  const missing = await missingRecipes(lock, result, progress)
  const work = join(cache, 'work')
  await BuildRoot.removeLeftovers(work)
  requireSpace(cache, spaceNeeded, 'building the programs')
  let opened: Promise<DebianArchive> | undefined
  const archive = () => {
    opened ??= DebianArchive.open(lock.release, progress)
    return opened
  }
  const names = missing.map(recipe => recipe.package)
  const sources = await provideSources(names, lock, join(cache, 'sources'), archive, progress)
  const tar = await provideRootTar(lock, join(cache, 'build-root'), archive, progress)
  const root = await BuildRoot.open(tar, work)
  try {
    root.addSources(sources)
    await buildAll(missing, recipe => buildOne(recipe, root, lock, cache, result, progress))
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

async function buildOne(
  recipe: Recipe,
  root: BuildRoot,
  lock: Lock,
  cache: string,
  result: (recipe: Recipe) => string,
  progress: Progress,
): Promise<void> {
  progress.step(recipe.step)
  for (const name of recipe.needs) {
    const library = recipes.find(candidate => candidate.name === name)
    if (library !== undefined) root.addLibrary(result(library))
  }
  const folder = result(recipe)
  mkdirSync(join(cache, 'logs'), { recursive: true })
  const left = await root.run(recipe, join(cache, 'logs', `${basename(folder)}.log`))

  const files: Manifest['files'] = {}
  for (const entry of readdirSync(left, { withFileTypes: true })) {
    const path = join(left, entry.name)
    if (entry.isFile()) files[entry.name] = { size: statSync(path).size, sha256: await sha256File(path) }
  }
  const manifest: Manifest = { source: sourceOf(recipe, lock), files }
  writeFileSync(join(left, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  keepTree(left)
  // One rename at the end: the cache holds a result as a whole or not at all.
  mkdirSync(join(cache, 'results'), { recursive: true })
  rmSync(folder, { recursive: true, force: true })
  renameSync(left, folder)
}
