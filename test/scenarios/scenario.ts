import type { Served, World } from '../../generator/simulator/world.ts'
import type { PartName } from '../../generator/stages/api/parts.ts'
import { initrd, kernel } from '../support/payload.ts'

/** One boot: what is around the machine, and how it has to end. */
export interface Scenario {
  name: string
  world: World
  /** `kexec`, `reboot after 30 s`, …: Boot.end. */
  end: string
  /** Without this part it ends in another way. */
  part?: PartName
}

/** What is around the machine in one of these. */
export function worldNamed(name: string, scenarios: Scenario[]): World {
  const found = scenarios.find(each => each.name === name)
  if (found === undefined) throw new Error(`no scenario ${name}`)
  return found.world
}

/** Boots that are about a part. */
export const about = (part: PartName, scenarios: Scenario[]): Scenario[] =>
  scenarios.map(each => ({ ...each, part }))

export const served: Record<string, Served> = { 'http://s/k': kernel, 'http://s/i': initrd }
/** One whose certificate nobody vouches for. */
export const unknownServer: Record<string, Served> = { 'https://s/k': { untrusted: kernel } }
export const both = 'kernel_url=http://s/k initrd_url=http://s/i'
export const failed = 'reboot after 30 s'

/** A boot that gets its kernel and initrd, unless something special is in its way. */
export const scenario = (
  name: string,
  end: string,
  cmdline: string,
  world: Omit<World, 'cmdline'> = {},
): Scenario => ({ name, end, world: { serve: served, ...world, cmdline } })
