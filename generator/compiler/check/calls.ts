/** What may call what: no recursion, no function without a caller, no shared state behind a capture. */
import type { Diagnostic } from '../diagnostics.ts'
import { bootOrder, type Call, isInOwnShell, type Model, type StageFunction } from '../model.ts'
import { diagnosticAt } from '../places.ts'

function recursion(model: Model): Diagnostic[] {
  const found: Diagnostic[] = []
  const done = new Set<StageFunction>()
  const visit = (stageFunction: StageFunction, path: StageFunction[]): void => {
    for (const { target, node } of stageFunction.calls) {
      if (target === undefined) continue
      if (path.includes(target)) {
        const circle = [...path.slice(path.indexOf(target)), target].map(({ name }) => name).join(' calls ')
        found.push(
          diagnosticAt(
            node,
            'recursion',
            `recursion: ${circle}`,
            'shell functions have no variables of their own: use a loop',
          ),
        )
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
    .map(({ node, name }) =>
      diagnosticAt(
        node.getNameNode() ?? node,
        'not-called',
        `the boot never calls '${name}'`,
        'call it or delete it',
      ),
    )
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

/** A capture is a subshell, and a predicate's status is its answer: neither may hide what matters outside. */
function hiddenEffects(model: Model): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const stageFunction of model.functions.values()) {
    for (const { node, member, target, isGuarded, name } of stageFunction.calls) {
      const call = { node, member, target, isGuarded, name } as Call
      const below = (holds: (each: Call) => boolean): boolean =>
        holds(call) || (isInOwnShell(call) && target !== undefined && reaches(target, holds))
      if (stageFunction.kind === 'value' && below(prints)) {
        found.push(
          diagnosticAt(
            node,
            'captured-output',
            `what '${name}' prints would become part of the value of '${stageFunction.name}'`,
            'let a function that returns nothing do it',
          ),
        )
      }
      if (stageFunction.kind === 'value' && below(setsState)) {
        found.push(
          diagnosticAt(
            node,
            'lost-state',
            `'${stageFunction.name}' returns a value, so it runs in a subshell: what '${name}' sets is lost`,
            'let a function that returns nothing do it',
          ),
        )
      }
      const canFail =
        (member !== undefined && 'canFail' in member && member.canFail) || target?.canFail === true
      if (stageFunction.kind === 'predicate' && canFail && !isGuarded) {
        found.push(
          diagnosticAt(
            node,
            'failing-predicate',
            `'${name}' can fail, which '${stageFunction.name}' could only answer with false`,
            'ask succeeds(() => …), or return a string',
          ),
        )
      }
    }
  }
  return found
}

export function checkCalls(model: Model): Diagnostic[] {
  return [...recursion(model), ...unreached(model), ...hiddenEffects(model)]
}
