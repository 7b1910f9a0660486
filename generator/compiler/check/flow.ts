/** What stages hand to each other: a value that is provided and never read is a mistake. */
import { type Node, type PropertySignature, SyntaxKind } from 'ts-morph'
import { type PartName, partField } from '../../stages/api/parts.ts'
import type { Parameter } from '../declared-parameters.ts'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model } from '../model.ts'
import { diagnosticAt } from '../places.ts'

/** Fields of records, and kernel parameters, that no stage reads; and those that are read without their part. */
export function checkFlow({ program }: Model, parameters: Parameter[]): Diagnostic[] {
  const read = new Map<Node, Node>()
  for (const module of program.modules) {
    for (const access of module.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression)) {
      for (const declaration of access.getNameNode().getSymbol()?.getDeclarations() ?? [])
        read.set(declaration, access.getNameNode())
    }
  }
  const declared = program.parameters.map(({ declaration }) => declaration)
  const interfaces = new Set([...program.modules.flatMap(module => module.getInterfaces()), ...declared])
  const partOf = (field: PropertySignature): PartName | undefined =>
    parameters.find(
      each =>
        each.isLeftOut && declared.some(one => one === field.getParent()) && each.field === field.getName(),
    )?.parts[0]
  return [...interfaces]
    .flatMap(record => record.getProperties())
    .flatMap((field): Diagnostic[] => {
      const name = field.getName()
      const access = read.get(field)
      const part = partOf(field)
      if (part !== undefined)
        return access === undefined
          ? []
          : [diagnosticAt(access, says['left-out'].parameter(name, part, partField(part)))]
      return access === undefined ? [diagnosticAt(field.getNameNode(), says.unread.field(name))] : []
    })
}
