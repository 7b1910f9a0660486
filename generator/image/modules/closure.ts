import { CommandError } from '../../host/console/command-error.ts'
import type { Module, ModuleTree } from './module-tree.ts'

/** Where soft dependencies on an algorithm, such as `crc32c`, are served from. */
const algorithmFolders = ['kernel/crypto', 'kernel/arch', 'kernel/lib']

/** Finds modules by an alias such as `crypto-crc32c`: in modules.alias, or among the kernel's algorithms. */
class AliasIndex {
  readonly #tree: ModuleTree
  #entries: Promise<{ pattern: string; name: string }[]> | undefined

  constructor(tree: ModuleTree) {
    this.#tree = tree
  }

  async #load(): Promise<{ pattern: string; name: string }[]> {
    const known = this.#tree.aliasFile()
    if (known !== undefined) return known
    const names = algorithmFolders.flatMap(folder => this.#tree.namesBelow(folder))
    const modules = await Promise.all(names.map(name => this.#tree.read(name)))
    return modules.flatMap(({ name, info }) => info.aliases.map(pattern => ({ pattern, name })))
  }

  async providersOf(alias: string): Promise<string[]> {
    this.#entries ??= this.#load()
    const entries = await this.#entries
    return entries
      .filter(({ pattern, name }) => pattern === alias && this.#tree.has(name))
      .map(({ name }) => name)
  }
}

/** Names of what is to be loaded before a module: what it cannot do without, and what it only wishes for. */
export function loadedBefore({ info }: Module): { hard: string[]; soft: string[] } {
  const normal = (names: string[]) => names.map(name => name.replaceAll('-', '_'))
  return { hard: normal(info.depends), soft: normal(info.softBefore) }
}

/**
 * The named modules and all that they need, sorted by path. A dependency that the tree does not have is an error; a soft
 * one is left out, as modprobe does.
 */
export async function closureOf(tree: ModuleTree, names: string[]): Promise<Module[]> {
  const aliases = new AliasIndex(tree)
  const found = new Map<string, Module>()
  let wanted = [...names]
  while (wanted.length > 0) {
    const batch = await Promise.all([...new Set(wanted)].map(name => tree.read(name)))
    for (const module of batch) found.set(module.name, module)
    const next = await Promise.all(batch.map(module => neededBy(module, tree, aliases)))
    wanted = next.flat().filter(name => !found.has(name))
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

async function neededBy(module: Module, tree: ModuleTree, aliases: AliasIndex): Promise<string[]> {
  const needed: string[] = []
  for (const dependency of module.info.depends) {
    const name = dependency.replaceAll('-', '_')
    if (tree.has(name)) needed.push(name)
    else if (!tree.builtIn.has(name)) {
      throw new CommandError(
        `the module ${module.name} needs the module ${name}, which is not in ${tree.folder}`,
        `install the kernel's package in full, or leave ${module.name} out with --modules`,
      )
    }
  }
  for (const soft of [...module.info.softBefore, ...module.info.softAfter]) {
    const name = soft.replaceAll('-', '_')
    if (tree.has(name)) needed.push(name)
    else if (!tree.builtIn.has(name)) needed.push(...(await aliases.providersOf(soft)))
  }
  return needed
}
