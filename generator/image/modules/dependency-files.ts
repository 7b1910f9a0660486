import { CommandError } from '../../host/console/command-error.ts'
import { loadedBefore } from './closure.ts'
import type { Module } from './module-tree.ts'

type ByName = Map<string, Module>

const modulesOf = (names: string[], byName: ByName) => names.flatMap(name => byName.get(name) ?? [])

/** Whether loading `module` would first load one of `chain`. */
function leadsBack(module: Module, chain: Module[], byName: ByName, seen = new Set<Module>()): boolean {
  if (chain.includes(module)) return true
  if (seen.has(module)) return false
  seen.add(module)
  const { hard, soft } = loadedBefore(module)
  return modulesOf([...hard, ...soft], byName).some(next => leadsBack(next, chain, byName, seen))
}

/**
 * In which order the modules are to be loaded for `module`, itself last. A soft dependency that leads back to what waits
 * for it is left out, as modprobe does; a hard one cannot be.
 */
function loadOrder(module: Module, byName: ByName): Module[] {
  const order: Module[] = []
  const visit = (current: Module, above: Module[]) => {
    if (order.includes(current)) return
    const chain = [...above, current]
    if (above.includes(current)) {
      const circle = chain.slice(above.indexOf(current)).map(({ name }) => name)
      throw new CommandError(
        `modules need each other in a circle: ${circle.join(' -> ')}`,
        'no kernel can load these: leave them out with --modules, or install this kernel again',
      )
    }
    const { hard, soft } = loadedBefore(current)
    for (const needed of modulesOf(hard, byName)) visit(needed, chain)
    for (const wished of modulesOf(soft, byName)) if (!leadsBack(wished, chain, byName)) visit(wished, chain)
    order.push(current)
  }
  visit(module, [])
  return order
}

/** modules.dep has blanks between paths, and no way to write one in a path. */
function checkPath({ path }: Module): void {
  if (!/[\s:]/.test(path)) return
  throw new CommandError(
    `the module '${path}' has a blank or a colon in its path, which modprobe cannot read`,
    'rename it in the kernel tree, or leave it out with --modules',
  )
}

/**
 * modules.dep as modprobe reads it: what has to be loaded first stands last. BusyBox's modprobe knows no modules.softdep,
 * so soft dependencies by name (r8169 on realtek) stand here too.
 */
export function modulesDep(modules: Module[]): string {
  const byName = new Map(modules.map(module => [module.name, module]))
  return modules
    .map(module => {
      checkPath(module)
      const before = loadOrder(module, byName).slice(0, -1).reverse()
      return `${[`${module.path}:`, ...before.map(({ path }) => path)].join(' ')}\n`
    })
    .join('')
}

/**
 * modules.alias for these modules alone, sorted. What is to be loaded alongside the drivers below a folder answers to
 * their devices too: modprobe loads every module that a device's alias names.
 */
export function modulesAlias(modules: Module[], alongside: Record<string, string> = {}): string {
  const companionsOf = ({ path }: Module) =>
    Object.entries(alongside).flatMap(([name, folder]) => (path.startsWith(`${folder}/`) ? [name] : []))
  const lines = modules.flatMap(module =>
    [module.name, ...companionsOf(module)].flatMap(name =>
      module.info.aliases.map(alias => `alias ${alias} ${name}\n`),
    ),
  )
  return [...new Set(lines)].sort().join('')
}
