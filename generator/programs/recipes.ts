import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PartName } from '../stages/api/parts.ts'
import { kernelSource, type Lock, lockedPackage } from './lock.ts'

/** One thing that is built in the build root by `recipes/NAME.sh`. */
export interface Recipe {
  name: string
  /** The package of the lock whose files the recipe reads. */
  package: string
  /** Recipes whose libraries must be there first. */
  needs: string[]
  /** Files beside the script, relative to this folder, that the recipe reads. */
  reads: string[]
  /** What a person is told while it runs. */
  step: string
  /** What changes where a part of the boot is left out. */
  parts?: Partial<Record<PartName, Omission>>
  /** Words for the script, which say what it leaves out. */
  words?: string[]
}

interface Omission {
  words: string[]
  /** Recipes whose libraries are not needed then. */
  spares?: string[]
}

/** A package's series of our patches, which `unpack` of recipes/common.sh applies after Debian's, and the patches in it. */
function changes(packageName: string): string[] {
  const series = `patches/${packageName}.series`
  const names = readFileSync(recipeFile(series), 'utf8').trimEnd().split('\n')
  return [series, ...names.map(name => `patches/${name}`)]
}

/** With all parts, in the order of building. What takes long comes first, so that the short ones fill the gaps. */
export const recipes: Recipe[] = [
  { name: 'openssl', package: 'openssl', needs: [], reads: [], step: 'building OpenSSL (1 min)' },
  { name: 'c-ares', package: 'c-ares', needs: [], reads: [], step: 'building c-ares' },
  { name: 'expat', package: 'expat', needs: [], reads: [], step: 'building expat' },
  { name: 'zlib', package: 'zlib', needs: [], reads: [], step: 'building zlib' },
  {
    name: 'aria2c',
    package: 'aria2',
    needs: ['openssl', 'c-ares', 'expat', 'zlib'],
    reads: ['recipes/aria2-headers.h', 'recipes/cms-verify.c', ...changes('aria2')],
    step: 'building aria2c (3 min on two cores)',
    parts: {
      bittorrent: { words: ['--disable-bittorrent'] },
      signatures: { words: ['--disable-cms-verify'] },
      metalink: { words: ['--disable-metalink', '--without-libexpat'], spares: ['expat'] },
    },
  },
  {
    name: 'busybox',
    package: 'busybox',
    needs: [],
    reads: ['busybox.config', 'recipes/kconfig.sh', 'recipes/relro.c', ...changes('busybox')],
    step: 'building BusyBox',
    parts: {
      'rescue-shell': { words: ['rescue-shell'] },
      ipv6: { words: ['ipv6'] },
      unpacking: { words: ['unpacking'] },
      'switch-root': { words: ['switch-root'] },
      verity: { words: ['verity'] },
      cache: { words: ['cache'] },
    },
  },
  {
    name: 'kexec',
    package: 'kexec-tools',
    needs: [],
    reads: ['recipes/relro.c', ...changes('kexec-tools')],
    step: 'building kexec',
  },
  {
    name: 'ca-bundle',
    package: 'ca-certificates',
    needs: [],
    reads: [],
    step: 'collecting the CA certificates',
  },
]

/** Not among the others: it takes longer than all of them, and is built for those alone who ask for it. */
export const netbootKernelRecipe: Recipe = {
  name: 'netboot-kernel',
  package: kernelSource,
  needs: [],
  reads: ['recipes/kconfig.sh', 'netboot.config'],
  step: 'building the netboot kernel (20 min on two cores)',
}

/** The recipes of an image without some parts: those that need nothing of them are the same for every image. */
export function recipesWithout(without: readonly PartName[] = []): Recipe[] {
  return recipes.map(({ parts = {}, ...recipe }) => {
    const omissions = Object.entries(parts).filter(([part]) => without.includes(part as PartName))
    if (omissions.length === 0) return recipe
    const spared = omissions.flatMap(([, { spares = [] }]) => spares)
    return {
      ...recipe,
      needs: recipe.needs.filter(name => !spared.includes(name)),
      words: omissions.flatMap(([, { words }]) => words),
    }
  })
}

export function recipeNamed(name: string, among: Recipe[] = recipes): Recipe {
  const recipe = among.find(candidate => candidate.name === name)
  if (recipe === undefined) throw new Error(`no recipe '${name}'`)
  return recipe
}

/** A file of this folder that a recipe reads in the build root. */
export function recipeFile(path: string): URL {
  return new URL(path, import.meta.url)
}

/** All that a recipe reads besides its sources. */
export function recipeFiles(recipe: Recipe): string[] {
  return ['recipes/common.sh', `recipes/${recipe.name}.sh`, ...recipe.reads]
}

/**
 * What the result depends on, as one digest: scripts, sources, the build root's packages, and the same of everything
 * that is needed first. Two builds with the same key may share their result.
 */
export function recipeKey(recipe: Recipe, lock: Lock, rootKey: string, among: Recipe[] = recipes): string {
  const hash = createHash('sha256').update(`${rootKey}\n`)
  for (const file of recipeFiles(recipe)) hash.update(`${file}\n`).update(readFileSync(recipeFile(file)))
  if (recipe.words !== undefined) hash.update(`${recipe.words.join(' ')}\n`)
  const { version, files } = lockedPackage(lock, recipe.package)
  hash.update([version, ...files.map(({ name, sha256 }) => `${name} ${sha256}`)].join('\n'))
  for (const name of recipe.needs) hash.update(recipeKey(recipeNamed(name, among), lock, rootKey, among))
  return hash.digest('hex').slice(0, 16)
}
