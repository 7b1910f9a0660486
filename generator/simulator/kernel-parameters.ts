/** What /init's set_parameter does with kernel parameters, from the same declaration and in the same words. */

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

/**
 * Takes a parameter, or hands back what the console says instead.
 * @param given undefined where it stands there without a value
 */
export function takeParameter(
  declared: Parameter[],
  parameters: Parameters,
  name: string,
  given: string | undefined,
): string | undefined {
  const parameter = named(declared, name)
  if (parameter === undefined) return undefined
  const values = parameters as unknown as Values
  const { field, type, choices, otherChoices, repeats, holds } = parameter
  const isFlag = type === 'flag'
  if (parameter.isLeftOut) return `${name}${isFlag ? '' : '='}${wanted.part(parameter.parts[0])}`
  const value = given ?? ''
  const text = value === '' && holds === 'digest' ? wanted.emptyDigest : value
  const other = otherChoices.find(({ choice }) => choice === value)
  if (other !== undefined) return `${name}=${value}${wanted.part(other.part)}`
  const expected = (what: string): string => `${name}=${value}: ignored; expected ${what}`
  switch (type) {
    case 'flag':
      if (given !== undefined) return expected(wanted.noValue)
      values[field] = wanted.flagGiven
      return undefined
    case 'number':
      if (!wanted.numberPattern.test(value)) return expected(wanted.number)
      values[field] = Number(value)
      return undefined
    case 'choice':
      if (!choices.includes(value)) return expected(wanted.oneOf(choices))
      values[field] = value
      return undefined
    case 'text':
      if (given === undefined && holds !== 'digest') return expected(wanted.value)
      values[field] = repeats ? `${values[field]}${text}\n` : text
      return undefined
  }
}
