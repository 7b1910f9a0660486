/** What stages hand to each other: a value that is provided and never read is a mistake. */
import { Node, SyntaxKind } from 'ts-morph'
import { type PartName, partField } from '../../stages/api/parts.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { diagnosticAt } from '../load.ts'
import type { Model } from '../model.ts'
import { readParameters } from '../parameters.ts'

/** Fields of records, and kernel parameters, that no stage reads; and those that are read without their part. */
export function checkFlow({ program }: Model, without: readonly PartName[]): Diagnostic[] {
  const read = new Map<Node, Node>()
  for (const module of program.modules) {
    for (const access of module.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression)) {
      for (const declaration of access.getNameNode().getSymbol()?.getDeclarations() ?? [])
        read.set(declaration, access.getNameNode())
    }
  }
  const leftOut = new Map(
    readParameters(program.parameters, without).flatMap(each =>
      each.isLeftOut && each.part !== undefined ? [[each.field, each.part] as const] : [],
    ),
  )
  return [...program.modules, program.parameters].flatMap(module =>
    module
      .getInterfaces()
      .flatMap(record => record.getProperties())
      .flatMap((field): Diagnostic[] => {
        if (!Node.isPropertySignature(field)) return []
        const name = field.getName()
        const access = read.get(field)
        const part = module === program.parameters ? leftOut.get(name) : undefined
        if (part !== undefined && access !== undefined) {
          return [
            diagnosticAt(
              access,
              'left-out',
              `'${name}' belongs to the part ${part}, which this image does without`,
              `read it behind if (parts.${partField(part)}) alone`,
            ),
          ]
        }
        if (part !== undefined || access !== undefined) return []
        return [
          diagnosticAt(field.getNameNode(), 'unread', `no stage reads '${name}'`, 'read it, or leave it out'),
        ]
      }),
  )
}
