/** What parameters.ts declares must be what /init can check: types, defaults, names. */
import type { PropertySignature } from 'ts-morph'
import { isPartName, partNames } from '../../stages/api/parts.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { isNumberType, isTextType, type Model } from '../model.ts'
import { wanted } from '../parameter-values.ts'
import type { Parameter } from '../parameters.ts'
import { diagnosticAt } from '../places.ts'

/** What is wrong with one, and what to write instead. */
function fault(field: PropertySignature, parameter: Parameter): [string, string] | undefined {
  const { type, choices, defaultValue, repeats, name, aliases } = parameter
  if (!isTextType(field.getType()) && !isNumberType(field.getType()))
    return [
      `a parameter of type ${field.getType().getText(field)}`,
      'use string, number, a union of texts, or Flag',
    ]
  if (type === 'number' && !wanted.numberPattern.test(defaultValue))
    return ['a number without a default that is one', `write @default and ${wanted.number}`]
  if (type === 'choice' && defaultValue !== '' && !choices.includes(defaultValue))
    return [`'${defaultValue}' is none of its choices`, `write @default and one of ${choices.join(', ')}`]
  if (type === 'flag' && defaultValue !== '') return ['a flag with a default', 'leave @default out']
  if (repeats && type !== 'text') return ['what repeats is held as lines of text', 'make it a string']
  const odd = [name, ...aliases].find(each => !/^[A-Za-z][A-Za-z0-9_.-]*$/.test(each))
  if (odd !== undefined)
    return [`'${odd}' is no name on a kernel command line`, 'use letters, digits, dots, - and _']
  return undefined
}

/** A `@part` that names no part, or a choice that is none. */
function partFault(field: PropertySignature): [string, string] | undefined {
  const type = field.getType()
  const literals = type.isUnion() ? type.getUnionTypes().map(each => each.getLiteralValue()) : []
  for (const tag of field.getJsDocs().flatMap(doc => doc.getTags())) {
    if (tag.getTagName() !== 'part') continue
    const [part = '', choice] = (tag.getCommentText() ?? '').trim().split(/\s+/)
    if (!isPartName(part))
      return [`'${part}' is no part of the boot`, `write @part and one of ${partNames.join(', ')}`]
    if (choice !== undefined && !literals.includes(choice))
      return [`'${choice}' is none of its choices`, 'write @part, the part, and one of its choices']
  }
  return undefined
}

export function checkParameters({ program }: Model, parameters: Parameter[]): Diagnostic[] {
  const taken = new Set<string>()
  return program.parameters
    .flatMap(({ declaration }) => declaration.getProperties())
    .flatMap((field, index): Diagnostic[] => {
      const parameter = parameters[index]
      if (parameter === undefined) return []
      const complain = (message: string, help: string): Diagnostic =>
        diagnosticAt(field.getNameNode(), 'parameter', message, help)
      const found = fault(field, parameter) ?? partFault(field)
      const names = [parameter.name, ...parameter.aliases]
      const second = names.find(name => taken.has(name))
      for (const name of names) taken.add(name)
      return [
        ...(found === undefined ? [] : [complain(...found)]),
        ...(second === undefined
          ? []
          : [complain(`'${second}' is the name of two parameters`, 'rename one')]),
      ]
    })
}
