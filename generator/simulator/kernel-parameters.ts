/** What /init's generated functions do with kernel parameters, from the same declaration. */
import { Project, type SourceFile } from 'ts-morph'
import { root } from '../compiler/load.ts'
import { type Parameter, readParameters } from '../compiler/parameters.ts'
import { leftOutParts, type PartName } from '../stages/api/parts.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'

let declaration: SourceFile | undefined
const declared = new Map<string, Parameter[]>()

/** The parameters as parameters.ts declares them, for the parts that are there now; read once. */
export function declaredParameters(): Parameter[] {
  declaration ??= new Project({ skipFileDependencyResolution: true }).addSourceFileAtPath(
    `${root}generator/stages/parameters/parameters.ts`,
  )
  const without = leftOutParts()
  const known = declared.get(without.join()) ?? readParameters(declaration, without)
  declared.set(without.join(), known)
  return known
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

const refusal = (what: string, part: PartName | undefined): string =>
  `${what} is not in this image: built --without ${part}`

/** Takes a value, or hands back why not. */
export function takeValue(parameters: Parameters, name: string, value: string): string | undefined {
  const parameter = named(name)
  if (parameter === undefined) return undefined
  const values = parameters as unknown as Values
  const { field, type, choices, otherChoices, repeats } = parameter
  if (parameter.isLeftOut) return refusal(`${name}=`, parameter.part)
  const wants = (wanted: string): string => `${name}=${value}: wants ${wanted}; left as it was`
  const other = otherChoices.find(({ choice }) => choice === value)
  if (other !== undefined) return refusal(`${name}=${value}`, other.part)
  switch (type) {
    case 'flag':
      return wants('no value')
    case 'number':
      if (!/^(0|[1-9][0-9]{0,8})$/.test(value)) return wants('a whole number of at most 9 digits')
      values[field] = Number(value)
      return undefined
    case 'choice':
      if (!choices.includes(value)) return wants(alternatives(choices))
      values[field] = value
      return undefined
    case 'text':
      values[field] = repeats ? `${values[field]}${value}\n` : value
      return undefined
  }
}

/** Takes a parameter that stands there without a value, or hands back why not. */
export function takeFlag(parameters: Parameters, name: string): string | undefined {
  const parameter = named(name)
  if (parameter === undefined) return undefined
  if (parameter.isLeftOut) return refusal(name, parameter.part)
  if (parameter.type !== 'flag') return `${name}=: wants a value; left as it was`
  const values = parameters as unknown as Values
  values[parameter.field] = 'yes'
  return undefined
}
