import { closest } from 'fastest-levenshtein'
import { CommandError } from '../host/console/command-error.ts'
import { isPartName, leftOutByDefault, type PartName, partNames } from '../stages/api/parts.ts'

/** What is wrong with the name of a part, if anything. */
export function partFault(name: string): string | undefined {
  if (isPartName(name)) return undefined
  return `there is no part '${name}'; did you mean '${closest(name, partNames)}'? The parts are ${partNames.join(', ')}`
}

/** For each part of which something is said, whether it is in. */
export type PartChoice = Partial<Record<PartName, boolean>>

/** The parts that are left out where this is chosen. */
export const leftOutBy = (choice: PartChoice = {}): PartName[] =>
  partNames.filter(name => (choice[name] === undefined ? leftOutByDefault.includes(name) : !choice[name]))

/** What flags say of parts. */
export interface PartFlags {
  with?: PartName[] | undefined
  without?: PartName[] | undefined
}

/**
 * The choice that flags make, or undefined where they say nothing.
 * @throws CommandError where they contradict each other
 */
export function chosenBy({ with: wanted, without }: PartFlags): PartChoice | undefined {
  if (wanted === undefined && without === undefined) return undefined
  const both = wanted?.find(name => without?.includes(name))
  if (both !== undefined)
    throw new CommandError(`--with ${both} and --without ${both}`, 'give one of the two', 2)
  const said = (names: PartName[] = [], isIn: boolean) => names.map(name => [name, isIn] as const)
  return Object.fromEntries([...said(without, false), ...said(wanted, true)])
}
