/** What may call what: no recursion, no function without a caller, no shared state behind a capture. */
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { bootOrder, type Call, canFail, isInOwnShell, type Model, type StageFunction } from '../model.ts'
import { diagnosticAt } from '../places.ts'

function recursion(model: Model): Diagnostic[] {
  const found: Diagnostic[] = []
  const done = new Set<StageFunction>()
  const visit = (stageFunction: StageFunction, path: StageFunction[]): void => {
    for (const { target, node } of stageFunction.calls) {
      if (target === undefined) continue
      if (path.includes(target)) {
        const circle = [...path.slice(path.indexOf(target)), target].map(({ name }) => name).join(' calls ')
        found.push(diagnosticAt(node, says.recursion.circle(circle)))
      } else if (!done.has(target)) visit(target, [...path, target])
    }
    done.add(stageFunction)
  }
  for (const start of model.functions.values()) if (!done.has(start)) visit(start, [start])
  return found
}

function unreached(model: Model): Diagnostic[] {
  const reached = new Set(bootOrder(model))
  return [...model.functions.values()]
    .filter(stageFunction => !reached.has(stageFunction))
    .map(({ node, name }) => diagnosticAt(node.getNameNode() ?? node, says['not-called'].never(name)))
}

/** Whether a function, or one that it runs in its own shell, calls something of the kind. */
function reaches(
  from: StageFunction,
  holds: (call: Call) => boolean,
  seen = new Set<StageFunction>(),
): boolean {
  if (seen.has(from)) return false
  seen.add(from)
  return from.calls.some(
    call =>
      holds(call) || (isInOwnShell(call) && call.target !== undefined && reaches(call.target, holds, seen)),
  )
}

const setsState = ({ member, target }: Call): boolean =>
  (member?.kind === 'action' && member.changesShell === true) || target?.kind === 'provider'

/** Commands whose standard output is for the console. */
const prints = ({ member }: Call): boolean =>
  member !== undefined && 'prints' in member && member.prints === true

/** Commands that change the machine: nobody looks for them inside of `x=$(…)`. */
const changes = ({ member }: Call): boolean =>
  (member?.kind === 'action' || member?.kind === 'status') &&
  member.changesNothing !== true &&
  !('changesShell' in member && member.changesShell === true)

/** A capture is a subshell, and a predicate's status is its answer: neither may hide what matters outside. */
function hiddenEffects(model: Model): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const stageFunction of model.functions.values()) {
    for (const call of stageFunction.calls) {
      const { node, target, isGuarded, name } = call
      const below = (holds: (each: Call) => boolean): boolean =>
        holds(call) || (isInOwnShell(call) && target !== undefined && reaches(target, holds))
      if (call.isStarted && (setsState(call) || (target !== undefined && reaches(target, setsState)))) {
        found.push(diagnosticAt(node, says['lost-state'].started(name)))
      }
      if (stageFunction.kind === 'value' && below(prints)) {
        found.push(diagnosticAt(node, says['captured-output'].printed(name, stageFunction.name)))
      }
      if (stageFunction.kind === 'value' && !below(prints) && below(changes)) {
        found.push(diagnosticAt(node, says['captured-change'].changed(stageFunction.name, name)))
      }
      if (stageFunction.kind === 'value' && below(setsState)) {
        found.push(diagnosticAt(node, says['lost-state'].subshell(stageFunction.name, name)))
      }
      if (stageFunction.kind === 'predicate' && canFail(call) && !isGuarded) {
        found.push(diagnosticAt(node, says['failing-predicate'].fails(name, stageFunction.name)))
      }
    }
  }
  return found
}

export function checkCalls(model: Model): Diagnostic[] {
  return [...recursion(model), ...unreached(model), ...hiddenEffects(model)]
}
