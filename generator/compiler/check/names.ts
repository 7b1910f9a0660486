/**
 * Shell variables live as long as the boot. Two functions on one call path may share one where no value that is still
 * needed is lost: the callee runs in a capture (a subshell), or the caller sets the variable again before it reads it,
 * or the callee has it as a parameter that was given just that variable and is never assigned.
 */

import { type BinaryExpression, type CallExpression, Node, SyntaxKind } from 'ts-morph'
import { type Parameter, snakeCase } from '../declared-parameters.ts'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { helperNames } from '../helpers.ts'
import { type Call, declaredNames, isInOwnShell, type Model, type StageFunction } from '../model.ts'
import { diagnosticAt, placeOf } from '../places.ts'
import { lostValues } from './liveness.ts'

/** Names that the frame of /init, the shell or the kernel's environment own. */
const reserved = new Set(
  'stage newline blanks IFS PATH HOME ENV PS1 PS2 PS4 OPTIND OPTARG LC_ALL TERM PWD OLDPWD PPID LINENO'.split(
    ' ',
  ),
)

/** Keywords, builtins and aliases of the five shells, and what the frame of /init defines: a function of ours would hide them. */
const shellWords = new Set(
  (
    'if then else elif fi do done case esac while until for in break continue return exit set unset export readonly trap ' +
    'shift eval exec times alias bg cd command fc fg getopts hash jobs kill read test true false type ulimit umask wait ' +
    'printf echo local source let time function select set_parameter on_exit ' +
    // What one of the shells has on top.
    'autoload coproc declare functions history integer login nameref namespace nohup print r stop suspend typeset'
  ).split(' '),
)

interface Variable {
  shellName: string
  node: Node
  owner: StageFunction
}

/** An assignment, compound ones included. */
const isAssignment = (node: BinaryExpression): boolean =>
  node.getOperatorToken().getKind() >= SyntaxKind.FirstAssignment &&
  node.getOperatorToken().getKind() <= SyntaxKind.LastAssignment

function ownVariables(owner: StageFunction): Variable[] {
  const { node, provides } = owner
  const named = declaredNames(node)
    .filter(({ declaration }) => !declaration.getType().isArray())
    .map(each => ({ shellName: snakeCase(each.name), node: each.node, owner }))
  // A field of its own record is a variable of the whole script.
  return named.filter(({ shellName }) => !provides.includes(shellName))
}

/** What each function does to the variables of the shell that it runs in. */
class Effects {
  private readonly variables = new Map<StageFunction, Variable[]>()
  private readonly overwritten = new Map<StageFunction, Map<string, Variable>>()

  /** The function's own variables. */
  own(stageFunction: StageFunction): Variable[] {
    const known = this.variables.get(stageFunction) ?? ownVariables(stageFunction)
    this.variables.set(stageFunction, known)
    return known
  }

  /** All that it and what it calls in the same shell set, each with the place that does. */
  sets(stageFunction: StageFunction): Map<string, Variable> {
    const known = this.overwritten.get(stageFunction)
    if (known !== undefined) return known
    const all = new Map(this.own(stageFunction).map(each => [each.shellName, each]))
    this.overwritten.set(stageFunction, all)
    for (const call of stageFunction.calls) {
      if (call.target === undefined || !isInOwnShell(call)) continue
      for (const [name, variable] of this.sets(call.target)) if (!all.has(name)) all.set(name, variable)
    }
    return all
  }

  /** The variables of the caller that have another value after this call, each with the place that sets it. */
  changedBy({ target, node }: Call, callers: StageFunction[] = []): Map<string, Variable> {
    // A recursion has a diagnostic of its own; here it only has to end.
    if (target === undefined || callers.includes(target)) return new Map()
    const changed = new Map(this.sets(target))
    for (const name of changed.keys()) {
      if (!this.isHandedOn(name, target, node)) continue
      const furtherDown = target.calls
        .filter(isInOwnShell)
        .map(call => this.changedBy(call, [...callers, target]).get(name))
        .find(variable => variable !== undefined)
      if (furtherDown === undefined) changed.delete(name)
      else changed.set(name, furtherDown)
    }
    return changed
  }

  /** Whether a parameter is given just the variable of its name, and its function never assigns it. */
  private isHandedOn(name: string, target: StageFunction, node: CallExpression): boolean {
    const index = target.node.getParameters().findIndex(each => snakeCase(each.getName()) === name)
    const given = index === -1 ? undefined : node.getArguments()[index]
    if (!Node.isIdentifier(given) || snakeCase(given.getText()) !== name) return false
    return !target.node
      .getDescendantsOfKind(SyntaxKind.BinaryExpression)
      .some(each => isAssignment(each) && snakeCase(each.getLeft().getText()) === name)
  }
}

/** A value that a caller still reads after a callee has changed the variable. */
function clashes(model: Model, effects: Effects): Diagnostic[] {
  const reported = new Map<Node, Diagnostic>()
  for (const caller of model.functions.values()) {
    const body = caller.node.getBody()
    if (!Node.isBlock(body)) continue
    const calls = new Map(caller.calls.filter(isInOwnShell).map(call => [call.node, call]))
    const own = new Set(effects.own(caller).map(({ shellName }) => shellName))
    const changed = (node: CallExpression) => {
      const call = calls.get(node)
      return call === undefined ? [] : effects.changedBy(call).keys()
    }
    for (const { call: node, variable, read } of lostValues(body, own, changed)) {
      const call = calls.get(node)
      const callee = call?.target
      const setter = call === undefined ? undefined : effects.changedBy(call).get(variable)
      if (callee === undefined || setter === undefined || reported.has(setter.node)) continue
      reported.set(setter.node, {
        ...diagnosticAt(setter.node, says['name-clash'].changed(variable)),
        label: `'${setter.owner.name}' sets it here`,
        other: {
          ...placeOf(read),
          label: `'${caller.name}' reads it here, after it called '${callee.name}'`,
        },
      })
    }
  }
  return [...reported.values()]
}

/** Names that live in the whole script: parameters, fields of records, constants. */
function globalClashes(model: Model, parameters: Parameter[], effects: Effects): Diagnostic[] {
  const owners = new Map<string, string>([...reserved].map(name => [name, 'the frame of /init']))
  for (const name of helperNames().variables) owners.set(name, 'a helper of /init')
  for (const { variable } of parameters) owners.set(variable, 'the kernel parameters')
  for (const module of model.program.modules) {
    for (const declaration of module.getVariableDeclarations())
      owners.set(snakeCase(declaration.getName()), 'a constant')
    for (const record of module.getInterfaces()) {
      for (const field of record.getProperties())
        owners.set(snakeCase(field.getName()), `the record ${record.getName()}`)
    }
  }
  return [...model.functions.values()].flatMap(stageFunction =>
    effects
      .own(stageFunction)
      .filter(({ shellName }) => owners.has(shellName))
      .map(({ shellName, node }) =>
        diagnosticAt(node, says['name-clash'].owned(shellName, owners.get(shellName) ?? '')),
      ),
  )
}

function functionNames(model: Model, programs: ReadonlySet<string>): Diagnostic[] {
  return [...model.functions.values()]
    .filter(({ shellName }) => shellWords.has(shellName) || programs.has(shellName))
    .map(({ node, shellName }) =>
      diagnosticAt(node.getNameNode() ?? node, says['command-name'].command(shellName)),
    )
}

/** @param programs the names of the programs that the image will hold, as far as they are known */
export function checkNames(
  model: Model,
  parameters: Parameter[],
  programs: ReadonlySet<string> = new Set(),
): Diagnostic[] {
  const effects = new Effects()
  return [
    ...clashes(model, effects),
    ...globalClashes(model, parameters, effects),
    ...functionNames(model, programs),
  ]
}
