/** Calls as commands. */

import type { CallExpression } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Command } from '../ir.ts'
import { command } from '../machine-table.ts'
import { machineMember } from '../model.ts'
import { isPassed } from './call-form.ts'
import { type Context, refuse } from './context.ts'
import { lowerArguments } from './words.ts'

/** A call of a stage function or an action of the machine, as a command. */
export function lowerCommandCall(node: CallExpression, context: Context): Command {
  const name = node.getExpression().getText()
  const words = lowerArguments(node.getArguments(), context, isPassed)
  const target = context.model.functions.get(name)
  if (target !== undefined && target.kind !== 'value') return command(target.shellName, ...words)
  const member = machineMember(name)
  if (target === undefined && member?.kind === 'action') return member.emit(words)
  return refuse(node, says['unused-value'].value(name))
}
