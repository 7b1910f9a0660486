/** Programs that stages call by their names: the image must hold each of them. */
import { Node } from 'ts-morph'
import { type Said, says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { helperNames } from '../helpers.ts'
import { runners } from '../machine-table.ts'
import type { Model } from '../model.ts'
import { diagnosticAt } from '../places.ts'

/** @param packed the programs of the image; undefined where nobody knows them */
export function checkPrograms({ functions }: Model, packed?: ReadonlySet<string>): Diagnostic[] {
  const own = new Set([...helperNames().functions, ...[...functions.values()].map(each => each.shellName)])
  const calls = [...functions.values()].flatMap(each => each.calls)
  return calls.flatMap(({ name, member, node }): Diagnostic[] => {
    if (member === undefined || !runners.includes(name)) return []
    const [program] = node.getArguments()
    const complain = (said: Said): Diagnostic[] => [diagnosticAt(program ?? node, said)]
    const text = Node.isStringLiteral(program) ? program.getLiteralText() : ''
    if (!/^[A-Za-z0-9[][A-Za-z0-9._+[-]*$/.test(text)) return complain(says.program.literal(name))
    if (own.has(text)) return complain(says.program.function(text))
    if (packed === undefined || packed.has(text)) return []
    return complain(says.program.notPacked(text))
  })
}
