import { readFileSync } from 'node:fs'
import { CommandError } from '../../command-error.ts'
import type { ModuleTree } from './module-tree.ts'

interface ModuleSet {
  about: string
  /** Modules by name; those that a kernel lacks or has built in are left out: a set is meant for any kernel. */
  names?: string[]
  /** All modules below these folders of the kernel's tree. */
  folders?: string[]
}

/** The named sets, from module-sets.json. */
export const moduleSets: Readonly<Record<string, ModuleSet>> = JSON.parse(
  readFileSync(new URL('./module-sets.json', import.meta.url), 'utf8'),
)

export const defaultModules = ['virtual', 'ethernet']

/** Names of the modules that the sets and single modules in `wanted` mean, sorted, dependencies not included. */
export function selectModules(tree: ModuleTree, wanted: string[], version: string): string[] {
  const selected = new Set<string>()
  for (const word of wanted) {
    const set = Object.hasOwn(moduleSets, word) ? moduleSets[word] : undefined
    const name = word.replaceAll('-', '_')
    if (set !== undefined) {
      for (const name of set.names ?? []) if (tree.has(name)) selected.add(name)
      for (const folder of set.folders ?? []) for (const name of tree.namesBelow(folder)) selected.add(name)
    } else if (tree.has(name)) selected.add(name)
    else if (!tree.builtIn.has(name)) {
      const sets = Object.keys(moduleSets).join(', ')
      throw new CommandError(
        `kernel ${version} has no module ${word}, and no set is called so`,
        `give modules by the name that modprobe takes, or one of the sets ${sets}`,
      )
    }
  }
  return [...selected].sort()
}
