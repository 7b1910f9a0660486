/** What stages hand to each other: a value that is provided and never read is a mistake. */

import { Node, SyntaxKind } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Model } from '../model.ts'
import { diagnosticAt } from '../places.ts'

/** Fields of records, and kernel parameters, that no stage reads. */
export function checkFlow({ program }: Model): Diagnostic[] {
  const read = new Set<Node>()
  for (const module of program.modules) {
    for (const access of module.getDescendantsOfKind(SyntaxKind.PropertyAccessExpression)) {
      for (const declaration of access.getNameNode().getSymbol()?.getDeclarations() ?? [])
        read.add(declaration)
    }
  }
  const interfaces = new Set([
    ...program.modules.flatMap(module => module.getInterfaces()),
    ...program.parameters.map(({ declaration }) => declaration),
  ])
  return [...interfaces]
    .flatMap(record => record.getProperties())
    .filter(field => Node.isPropertySignature(field) && !read.has(field))
    .map(field => diagnosticAt(field.getNameNode(), says.unread.field(field.getName())))
}
