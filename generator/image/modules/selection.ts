import { readFileSync } from 'node:fs'
import { CommandError } from '../../host/console/command-error.ts'
import type { ModuleTree } from './module-tree.ts'

interface ModuleSet {
  about: string
  /** Modules by name; those that a kernel lacks or has built in are left out: a set is meant for any kernel. */
  names?: string[]
  /** All modules below these folders of the kernel's tree. */
  folders?: string[]
  /** All modules of the tree. */
  everything?: boolean
  /** What the set is of no use without, as a module or built in. */
  needs?: string[]
  /**
   * Modules that no device asks for, and the folder of the drivers that they are to be loaded with. Elsewhere udev's
   * rules do that.
   */
  alongside?: Record<string, string>
}

/** The named sets, from module-sets.json. */
export const moduleSets: Readonly<Record<string, ModuleSet>> = JSON.parse(
  readFileSync(new URL('./module-sets.json', import.meta.url), 'utf8'),
)

/** What any of the sets lists by name. */
const allNames = Object.values(moduleSets).flatMap(({ names = [] }) => names)

export const defaultModules = ['virtual', 'ethernet']

export interface Selection {
  /** Names of modules, sorted, dependencies not included. */
  names: string[]
  /** Those that a set lists by name, and not with a whole folder. */
  named: ReadonlySet<string>
  /** Those that were asked for one by one, and not by a set. */
  single: ReadonlySet<string>
  /** Module to the folder of the drivers that it is to be loaded with. */
  alongside: Record<string, string>
}

const normal = (name: string) => name.replaceAll('-', '_')

function inSet(tree: ModuleTree, { names = [], folders = [], everything = false }: ModuleSet): string[] {
  if (everything) return tree.names
  return [...names.filter(name => tree.has(name)), ...folders.flatMap(folder => tree.namesBelow(folder))]
}

/** Whether the kernel itself has something of the set. */
function builtInto(tree: ModuleTree, { names = [], folders = [] }: ModuleSet): boolean {
  return (
    names.some(name => tree.builtIn.has(name)) ||
    tree.builtInPaths.some(path => folders.some(folder => path.startsWith(`${folder}/`)))
  )
}

/** A set that finds nothing, or not what it stands on, would make an image that boots to nowhere. */
function checkSets(tree: ModuleTree, sets: [string, ModuleSet][], version: string): void {
  const instead = 'name another kernel, or choose with --modules what this one has'
  const without = sets.filter(([, set]) => inSet(tree, set).length === 0 && !builtInto(tree, set))
  if (sets.length > 0 && without.length === sets.length) {
    const names = sets.map(([name]) => name).join(', ')
    throw new CommandError(`kernel ${version} has nothing of the module sets ${names}`, instead)
  }
  // A tree without the list of what is built in does not tell.
  if (tree.builtIn.size === 0) return
  for (const [name, { needs = [] }] of sets) {
    const missing = needs.find(need => !tree.has(need) && !tree.builtIn.has(need))
    if (missing !== undefined) {
      throw new CommandError(
        `kernel ${version} lacks ${missing}, as a module and built in: the set ${name} is of no use without`,
        instead,
      )
    }
  }
}

/** The modules that the sets and single modules in `wanted` mean. */
export function selectModules(tree: ModuleTree, wanted: string[], version: string): Selection {
  const selected = new Set<string>()
  const single = new Set<string>()
  const sets: [string, ModuleSet][] = []
  for (const word of wanted) {
    const set = Object.hasOwn(moduleSets, word) ? moduleSets[word] : undefined
    const name = normal(word)
    if (set !== undefined) {
      sets.push([word, set])
      for (const each of inSet(tree, set)) selected.add(each)
    } else if (tree.has(name)) {
      selected.add(name)
      single.add(name)
    } else if (!tree.builtIn.has(name)) {
      throw new CommandError(
        `kernel ${version} has no module ${word}, and no set is called so`,
        `give modules by the name that modprobe takes, or one of the sets ${Object.keys(moduleSets).join(', ')}`,
      )
    }
  }
  checkSets(tree, sets, version)
  const alongside = Object.assign({}, ...sets.map(([, set]) => set.alongside ?? {}))
  const named = new Set(
    sets
      .flatMap(([, set]) => (set.everything === true ? allNames : (set.names ?? [])))
      .filter(name => tree.has(name)),
  )
  return { names: [...selected].sort(), named, single, alongside }
}
