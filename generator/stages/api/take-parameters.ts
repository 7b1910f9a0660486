/** The kernel parameters: functions that the compiler makes from parameters.ts. */
import type { Parameters } from '../parameters/parameters.ts'
import { action, special } from './verb.ts'

/** The kernel parameters with their defaults. */
export const defaultParameters = special<() => Parameters>('defaultParameters', '')
/** Takes `name=value` when it is one of ours: checked as its type says, a bad value is reported and not taken. */
export const setParameter = action<(parameters: Parameters, name: string, value: string) => void>(
  'setParameter',
  'set_parameter $1 $2',
  { changesShell: true },
)
/** Takes a parameter without a value. */
export const setFlag = action<(parameters: Parameters, name: string) => void>('setFlag', 'set_parameter $1', {
  changesShell: true,
})
