import { closest } from 'fastest-levenshtein'
import { isPartName, type PartName, partNames } from '../stages/api/parts.ts'

/** What is wrong with the name of a part, if anything. */
export function partFault(name: string): string | undefined {
  if (isPartName(name)) return undefined
  return `there is no part '${name}'; did you mean '${closest(name, partNames)}'? The parts are ${partNames.join(', ')}`
}

/** The parts that a configuration leaves out. */
export const leftOutBy = (parts: Partial<Record<PartName, boolean>> = {}): PartName[] =>
  partNames.filter(name => parts[name] === false)
