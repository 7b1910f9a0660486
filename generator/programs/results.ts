/** Finished recipes in the cache, and whether they are what was built. */
import { lstatSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from '../host/console/progress.ts'
import { sha256File } from '../host/debian/download-files.ts'
import { treeFault } from '../host/files/kept-tree.ts'
import { type Lock, lockedPackage } from './lock.ts'
import { type Recipe, recipeNamed } from './recipes.ts'

/** What a finished recipe's folder in the cache says of itself. */
export interface Manifest {
  /** Such as `aria2 1.37.0+debian-3`. */
  source: string
  /** The files for the image; a library has none. */
  files: Record<string, { size: number; sha256: string }>
}

/** The recipes, and the folder where the result of each belongs. */
export interface Results {
  /** What they are, to complete `building …`. */
  what: string
  recipes: Recipe[]
  /** Those among them whose results are asked for; the others are there for these. */
  wanted: Recipe[]
  /** Bytes that a build takes at its peak: sources, the build root, object files. */
  space: number
  folderOf(recipe: Recipe): string
}

/** The files that the image takes of a recipe's result; of others it is the whole tree that counts. */
const filesWanted: Record<string, string[]> = {
  aria2c: ['aria2c'],
  busybox: ['busybox', 'applets'],
  kexec: ['kexec'],
  'ca-bundle': ['ca-certificates.crt'],
}

/** The recipes of which the image takes files. */
export const programRecipes = (recipes: Recipe[]): Recipe[] =>
  Object.keys(filesWanted).map(name => recipeNamed(name, recipes))

/** What a recipe's result is made of, such as `aria2 1.37.0+debian-3`. */
export const sourceOf = (recipe: Recipe, lock: Lock): string =>
  `${recipe.package} ${lockedPackage(lock, recipe.package).version}`

/** The manifest of a folder, or undefined where there is none that can be used. */
export function readManifest(folder: string): Manifest | undefined {
  try {
    const { source, files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
    const isFile = (value: unknown) =>
      typeof value === 'object' && value !== null && 'size' in value && 'sha256' in value
    if (typeof source !== 'string' || typeof files !== 'object' || files === null) return undefined
    return Object.values(files).every(isFile) ? { source, files } : undefined
  } catch {
    return undefined
  }
}

/** In what a result is not what was built, in a few words; undefined when in nothing. */
async function resultFault(folder: string, recipe: Recipe, lock: Lock): Promise<string | undefined> {
  const manifest = readManifest(folder)
  if (manifest === undefined) return 'its manifest.json cannot be read'
  if (manifest.source !== sourceOf(recipe, lock)) return 'its manifest.json is of another source'
  const names = filesWanted[recipe.name]
  // A library is a tree for the recipes that need it, and so are a kernel and its modules.
  if (names === undefined) return treeFault(folder)
  for (const name of names) {
    const path = join(folder, name)
    const { size, sha256 } = manifest.files[name] ?? {}
    const found = statSync(path, { throwIfNoEntry: false })
    if (found === undefined) return `${name} is missing`
    if (!found.isFile() || found.size !== size || (await sha256File(path)) !== sha256)
      return `${name} is not what was built`
  }
  return undefined
}

/** Whether a result is there, byte for byte. A damaged one is taken away, and told. */
export async function isIntact(
  folder: string,
  recipe: Recipe,
  lock: Lock,
  progress: Progress,
): Promise<boolean> {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return false
  const fault = await resultFault(folder, recipe, lock).catch(() => 'it cannot be read')
  if (fault === undefined) return true
  progress.step(`the cache has ${recipe.name} damaged (${fault}): it is built again`)
  rmSync(folder, { recursive: true, force: true })
  return false
}

/** The recipes that have to be built: for what is asked for and not there, and what those need. */
export async function missingRecipes(
  { recipes, wanted, folderOf }: Results,
  lock: Lock,
  progress: Progress,
): Promise<Recipe[]> {
  const missing = new Set<Recipe>()
  const look = async (recipe: Recipe): Promise<void> => {
    if (missing.has(recipe) || (await isIntact(folderOf(recipe), recipe, lock, progress))) return
    missing.add(recipe)
    for (const name of recipe.needs) await look(recipeNamed(name, recipes))
  }
  for (const recipe of wanted) await look(recipe)
  return recipes.filter(recipe => missing.has(recipe))
}
