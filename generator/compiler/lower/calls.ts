/** Calls as commands, and as what `$( )` captures. */

import { type CallExpression, Node } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Command, SimpleCommand } from '../ir.ts'
import { command } from '../machine-table.ts'
import { machineMember, recordFields } from '../model.ts'
import { type Context, refuse } from './context.ts'
import { lowerArguments } from './words.ts'

/** What a call is to its caller. */
export interface CallForm {
  kind: 'action' | 'value' | 'predicate' | 'provider' | 'status' | 'text' | 'words' | 'special'
  canFail: boolean
  ends: boolean
}

export function callForm(node: CallExpression, context: Context): CallForm | undefined {
  const name = node.getExpression().getText()
  const target = context.model.functions.get(name)
  if (target !== undefined)
    return { kind: target.kind, canFail: target.canFail, ends: target.node.getReturnType().isNever() }
  const member = machineMember(name)
  if (member === undefined) return undefined
  return {
    kind: member.kind,
    canFail: 'canFail' in member && member.canFail,
    ends: member.kind === 'action' && member.ends === true,
  }
}

/** Records are not passed: their fields are variables of the whole script. */
const isPassed = (node: Node): boolean =>
  Node.isSpreadElement(node) || recordFields(node.getType()) === undefined

/** A call of a stage function or an action of the machine, as a command. */
export function lowerCommandCall(node: CallExpression, context: Context): Command {
  const name = node.getExpression().getText()
  const words = lowerArguments(node.getArguments(), isPassed)
  const target = context.model.functions.get(name)
  if (target !== undefined && target.kind !== 'value') return command(target.shellName, ...words)
  const member = machineMember(name)
  if (target === undefined && member?.kind === 'action') return member.emit(words)
  return refuse(node, says['unused-value'].value(name))
}

/** A call that prints its value, to be captured or to be the value of the function that it ends. */
export function lowerValueCall(node: CallExpression, context: Context): SimpleCommand {
  const name = node.getExpression().getText()
  const words = lowerArguments(node.getArguments(), isPassed)
  const target = context.model.functions.get(name)
  if (target?.kind === 'value') return command(target.shellName, ...words)
  const member = machineMember(name)
  if (target === undefined && (member?.kind === 'value' || member?.kind === 'status'))
    return member.emit(words)
  return refuse(node, says['unknown-call'].noValue(name))
}
