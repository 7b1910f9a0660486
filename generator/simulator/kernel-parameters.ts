/** What /init's generated functions do with kernel parameters, from the same declaration. */
import { Project } from 'ts-morph'
import { root } from '../compiler/load.ts'
import { type Parameter, readParameters } from '../compiler/parameters.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'

let declared: Parameter[] | undefined

/** The parameters as parameters.ts declares them; read once. */
export function declaredParameters(): Parameter[] {
  declared ??= readParameters(
    new Project({ skipFileDependencyResolution: true }).addSourceFileAtPath(
      `${root}generator/stages/parameters/parameters.ts`,
    ),
  )
  return declared
}

type Values = Record<string, string | number>

export function defaultParameters(): Parameters {
  const values: Values = {}
  for (const { field, type, defaultValue } of declaredParameters()) {
    values[field] = type === 'number' ? Number(defaultValue) : defaultValue
  }
  return values as unknown as Parameters
}

const named = (name: string) =>
  declaredParameters().find(parameter => parameter.name === name || parameter.aliases.includes(name))

/** `a, b or c` */
const alternatives = (choices: string[]): string =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`

/** Takes a value, or hands back what was wanted instead. */
export function takeValue(parameters: Parameters, name: string, value: string): string | undefined {
  const parameter = named(name)
  if (parameter === undefined) return undefined
  const values = parameters as unknown as Values
  const { field, type, choices, repeats } = parameter
  switch (type) {
    case 'flag':
      return 'no value'
    case 'number':
      if (!/^(0|[1-9][0-9]{0,8})$/.test(value)) return 'a whole number of at most 9 digits'
      values[field] = Number(value)
      return undefined
    case 'choice':
      if (!choices.includes(value)) return alternatives(choices)
      values[field] = value
      return undefined
    case 'text':
      values[field] = repeats ? `${values[field]}${value}\n` : value
      return undefined
  }
}

/** Takes a parameter that stands there without a value, or hands back what was wanted instead. */
export function takeFlag(parameters: Parameters, name: string): string | undefined {
  const parameter = named(name)
  if (parameter === undefined) return undefined
  if (parameter.type !== 'flag') return 'a value'
  const values = parameters as unknown as Values
  values[parameter.field] = 'yes'
  return undefined
}
