/** What a call is to its caller, and why it cannot stand where its status would be lost. */
import { type CallExpression, Node } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import { canFail, machineMember, recordFields, type StageFunction } from '../model.ts'
import { type Context, refuse } from './context.ts'

export interface CallForm {
  kind: 'action' | 'value' | 'predicate' | 'provider' | 'status' | 'text' | 'words' | 'special'
  canFail: boolean
  ends: boolean
}

export function callForm(node: CallExpression, context: Context): CallForm | undefined {
  const name = node.getExpression().getText()
  const target = context.model.functions.get(name)
  if (target !== undefined)
    return { kind: target.kind, canFail: canFail({ target }), ends: target.node.getReturnType().isNever() }
  const member = machineMember(name)
  if (member === undefined) return undefined
  return {
    kind: member.kind,
    canFail: canFail({ member }),
    ends: member.kind === 'action' && member.ends === true,
  }
}

/** Records are not passed: their fields are variables of the whole script. */
export const isPassed = (node: Node): boolean =>
  Node.isSpreadElement(node) || recordFields(node.getType()) === undefined

/** The first call in a function that makes it fail. */
function failingCall({ calls }: StageFunction): StageFunction['calls'][number] | undefined {
  return calls.find(call => !call.isGuarded && canFail(call))
}

/** Says why a call cannot stand inside of another expression. */
export function refuseNested(node: CallExpression, context: Context): never {
  const name = node.getExpression().getText()
  const form = callForm(node, context)
  const target = context.model.functions.get(name)
  const member = target === undefined ? machineMember(name) : undefined
  if (form?.kind === 'status') return refuse(node, says['nested-call'].status(name))
  if (form?.kind === 'predicate') return refuse(node, says['nested-call'].predicate(name))
  if (form?.kind !== 'value') return refuse(node, says['nested-call'].noValue(name))
  const failing = target === undefined ? undefined : failingCall(target)
  if (failing !== undefined) {
    return refuse(node, says['nested-call'].canFail(name), {
      node: failing.node,
      label: `'${failing.name}' can fail`,
    })
  }
  const when = member?.fails === undefined ? '' : ` (when ${member.fails})`
  return refuse(node, says['nested-call'].canFail(name, when))
}
