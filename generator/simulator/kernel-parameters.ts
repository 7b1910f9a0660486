/** What /init's generated functions do with kernel parameters, from the same declaration and in the same words. */

import type { Parameter } from '../compiler/declared-parameters.ts'
import { wanted } from '../compiler/parameter-values.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'

type Values = Record<string, string | number>

/** All of them as they are where the command line names none. */
export function defaultValues(declared: Parameter[]): Parameters {
  const values: Values = {}
  for (const { field, type, defaultValue } of declared) {
    values[field] = type === 'number' ? Number(defaultValue) : defaultValue
  }
  return values as unknown as Parameters
}

const named = (declared: Parameter[], name: string) =>
  declared.find(parameter => parameter.name === name || parameter.aliases.includes(name))

/** Takes a value, or hands back what the console says instead. */
export function takeValue(
  declared: Parameter[],
  parameters: Parameters,
  name: string,
  value: string,
): string | undefined {
  const parameter = named(declared, name)
  if (parameter === undefined) return undefined
  const values = parameters as unknown as Values
  const { field, type, choices, otherChoices, repeats } = parameter
  if (parameter.isLeftOut) return `${name}=${wanted.part(parameter.part)}`
  const other = otherChoices.find(({ choice }) => choice === value)
  if (other !== undefined) return `${name}=${value}${wanted.part(other.part)}`
  const expected = (what: string): string => `${name}=${value}: ignored; expected ${what}`
  switch (type) {
    case 'flag':
      return expected(wanted.noValue)
    case 'number':
      if (!wanted.numberPattern.test(value)) return expected(wanted.number)
      values[field] = Number(value)
      return undefined
    case 'choice':
      if (!choices.includes(value)) return expected(wanted.oneOf(choices))
      values[field] = value
      return undefined
    case 'text':
      values[field] = repeats ? `${values[field]}${value}\n` : value
      return undefined
  }
}

/** Takes a parameter that stands there without a value, or hands back what the console says instead. */
export function takeFlag(declared: Parameter[], parameters: Parameters, name: string): string | undefined {
  const parameter = named(declared, name)
  if (parameter === undefined) return undefined
  if (parameter.isLeftOut) return `${name}${wanted.part(parameter.part)}`
  if (parameter.type !== 'flag') return `${name}=: ignored; expected ${wanted.value}`
  const values = parameters as unknown as Values
  values[parameter.field] = wanted.flagGiven
  return undefined
}
