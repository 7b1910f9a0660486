/** What a call is to its caller, and why it cannot stand where its status would be lost. */
import { type CallExpression, Node } from 'ts-morph'
import { machineMember, recordFields, type StageFunction } from '../model.ts'
import { placeOf } from '../places.ts'
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
export const isPassed = (node: Node): boolean =>
  Node.isSpreadElement(node) || recordFields(node.getType()) === undefined

/** The first call in a function that makes it fail. */
function failingCall({ calls }: StageFunction): StageFunction['calls'][number] | undefined {
  return calls.find(
    ({ member, target, isGuarded }) =>
      !isGuarded &&
      ((member !== undefined && 'canFail' in member && member.canFail) || target?.canFail === true),
  )
}

/** Says why a call cannot stand inside of another expression. */
export function refuseNested(node: CallExpression, context: Context): never {
  const name = node.getExpression().getText()
  const form = callForm(node, context)
  const help = 'give its result a name first: const x = …'
  const target = context.model.functions.get(name)
  const member = target === undefined ? machineMember(name) : undefined
  if (form?.kind === 'status')
    return refuse(
      node,
      'nested-call',
      `'${name}' gives its exit status, which shell has right after it`,
      help,
    )
  if (form?.kind === 'predicate')
    return refuse(node, 'nested-call', `'${name}' is asked, it prints no value`, `write ${name}(…) ? a : b`)
  if (form?.kind !== 'value') return refuse(node, 'nested-call', `'${name}' prints no value`, help)
  const failing = target === undefined ? undefined : failingCall(target)
  if (failing !== undefined) {
    return refuse(node, 'nested-call', `'${name}' can fail, which nobody would see here`, help, {
      ...placeOf(failing.node),
      label: `'${failing.name}' can fail`,
    })
  }
  const when = member?.fails === undefined ? '' : ` (when ${member.fails})`
  return refuse(node, 'nested-call', `'${name}' can fail${when}, which nobody would see here`, help)
}
