import { CommandError } from '../../command-error.ts'
import { loadedBefore } from './closure.ts'
import type { Module } from './module-tree.ts'

/** In which order the modules are to be loaded for `module`, itself last. */
function loadOrder(module: Module, byName: Map<string, Module>): Module[] {
  const order: Module[] = []
  const visit = (current: Module, path: string[]) => {
    if (order.includes(current)) return
    const chain = [...path, current.name]
    if (path.includes(current.name)) {
      throw new CommandError(
        `modules need each other in a circle: ${chain.slice(path.indexOf(current.name)).join(' -> ')}`,
        'no kernel can load these: leave them out with --modules, or install this kernel again',
      )
    }
    for (const name of loadedBefore(current, name => byName.has(name))) {
      const needed = byName.get(name)
      if (needed !== undefined) visit(needed, chain)
    }
    order.push(current)
  }
  visit(module, [])
  return order
}

/**
 * modules.dep as modprobe reads it: what has to be loaded first stands last. BusyBox's modprobe knows no modules.softdep,
 * so soft dependencies by name (r8169 on realtek) stand here too.
 */
export function modulesDep(modules: Module[]): string {
  const byName = new Map(modules.map(module => [module.name, module]))
  return modules
    .map(module => {
      const before = loadOrder(module, byName).slice(0, -1).reverse()
      return `${[`${module.path}:`, ...before.map(({ path }) => path)].join(' ')}\n`
    })
    .join('')
}

/** modules.alias for these modules alone, sorted. */
export function modulesAlias(modules: Module[]): string {
  const lines = modules.flatMap(({ name, info }) => info.aliases.map(alias => `alias ${alias} ${name}\n`))
  return [...new Set(lines)].sort().join('')
}
