/** A record's fields are variables of the whole script, so there is one of each kind and it is made once. */

import { Node, SyntaxKind } from 'ts-morph'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import type { Call, Model, StageFunction } from '../model.ts'
import { diagnosticAt } from '../places.ts'

interface CallSite extends Call {
  caller: StageFunction
}

const isInLoop = ({ node }: Call): boolean =>
  node.getFirstAncestor(each => Node.isForOfStatement(each) || Node.isWhileStatement(each)) !== undefined

/** A record of one round of a loop: nobody has it any more when the next round makes it again. */
const isOfRound = ({ node }: Call): boolean => Node.isVariableDeclaration(node.getParent())

/** Calls that make a record: of providers, and of defaultParameters(). */
function makingCalls(model: Model): CallSite[] {
  return [...model.functions.values()].flatMap(caller =>
    caller.calls
      .filter(({ target, name }) => target?.kind === 'provider' || name === 'defaultParameters')
      .map(call => ({ ...call, caller })),
  )
}

/** Whether a function runs at most once in a boot: called at one place, outside of loops, from one that does. */
function runsOnce(stageFunction: StageFunction, model: Model, seen = new Set<StageFunction>()): boolean {
  if (stageFunction === model.main) return true
  if (seen.has(stageFunction)) return false
  seen.add(stageFunction)
  const sites = [...model.functions.values()].flatMap(caller =>
    caller.calls.filter(({ target }) => target === stageFunction).map(call => ({ ...call, caller })),
  )
  const [only] = sites
  return sites.length === 1 && only !== undefined && !isInLoop(only) && runsOnce(only.caller, model, seen)
}

export function checkRecords(model: Model): Diagnostic[] {
  const calls = makingCalls(model)
  const complain = (call: CallSite): Diagnostic => diagnosticAt(call.node, says.record.twice(call.name))
  const repeated = calls.filter(
    (call, index) =>
      (isInLoop(call) && !isOfRound(call)) ||
      !runsOnce(call.caller, model) ||
      calls.slice(0, index).some(({ name }) => name === call.name),
  )
  const providers = new Map<string, StageFunction>()
  const second: Diagnostic[] = []
  for (const each of model.functions.values()) {
    if (each.kind !== 'provider') continue
    const record = each.node.getReturnType().getSymbol()?.getName() ?? ''
    const first = providers.get(record)
    if (first !== undefined) {
      second.push(
        diagnosticAt(
          each.node.getReturnTypeNode() ?? each.node,
          says.record.secondMaker(first.name, record),
          {
            node: first.node.getReturnTypeNode() ?? first.node,
            label: `'${first.name}' makes it here`,
          },
        ),
      )
    }
    providers.set(record, each)
  }
  const nested = model.program.modules
    .flatMap(module => module.getDescendantsOfKind(SyntaxKind.InterfaceDeclaration))
    .filter(each => !Node.isSourceFile(each.getParent()))
    .map(each => diagnosticAt(each, says.record.inner()))
  return [...repeated.map(complain), ...second, ...nested]
}
