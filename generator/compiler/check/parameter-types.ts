/** What parameters.ts declares must be what /init can check: types, defaults, names. */
import type { Node, PropertySignature } from 'ts-morph'
import { isPartName, partNames } from '../../stages/api/parts.ts'
import type { Parameter } from '../declared-parameters.ts'
import { type Said, says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { isNumberType, isTextType, type Model } from '../model.ts'
import { wanted } from '../parameter-values.ts'
import { diagnosticAt } from '../places.ts'

/** What is wrong with one, and what to write instead. */
function fault(field: PropertySignature, parameter: Parameter): Said | undefined {
  const { type, choices, defaultValue, repeats, name, aliases } = parameter
  if (!isTextType(field.getType()) && !isNumberType(field.getType()))
    return says.parameter.type(field.getType().getText(field))
  if (type === 'number' && !wanted.numberPattern.test(defaultValue))
    return says.parameter.number(wanted.number)
  if (type === 'choice' && defaultValue !== '' && !choices.includes(defaultValue))
    return says.parameter.choice(defaultValue, choices.join(', '))
  if (type === 'flag' && defaultValue !== '') return says.parameter.flag()
  if (repeats && type !== 'text') return says.parameter.repeats()
  const odd = [name, ...aliases].find(each => !/^[A-Za-z][A-Za-z0-9_.-]*$/.test(each))
  if (odd !== undefined) return says.parameter.name(odd)
  return undefined
}

/** A `@part` that names no part, or a choice that is none. */
function partFault(field: PropertySignature): Said | undefined {
  const type = field.getType()
  const literals = type.isUnion() ? type.getUnionTypes().map(each => each.getLiteralValue()) : []
  for (const tag of field.getJsDocs().flatMap(doc => doc.getTags())) {
    if (tag.getTagName() !== 'part') continue
    const [part = '', choice] = (tag.getCommentText() ?? '').trim().split(/\s+/)
    if (!isPartName(part)) return says.parameter.part(part, partNames.join(', '))
    if (choice !== undefined && !literals.includes(choice)) return says.parameter.partOfChoice(choice)
  }
  return undefined
}

export function checkParameters({ program }: Model, parameters: Parameter[]): Diagnostic[] {
  const taken = new Map<string, Node>()
  return program.parameters
    .flatMap(({ declaration }) => declaration.getProperties())
    .flatMap((field, index): Diagnostic[] => {
      const parameter = parameters[index]
      if (parameter === undefined) return []
      const complain = (said: Said, other?: Node): Diagnostic =>
        diagnosticAt(field.getNameNode(), said, other && { node: other, label: 'the other one' })
      const found = fault(field, parameter) ?? partFault(field)
      const names = [parameter.name, ...parameter.aliases]
      const second = names.find(name => taken.has(name))
      const first = second === undefined ? undefined : taken.get(second)
      for (const name of names) taken.set(name, field.getNameNode())
      return [
        ...(found === undefined ? [] : [complain(found)]),
        ...(second === undefined ? [] : [complain(says.parameter.twice(second), first)]),
      ]
    })
}
