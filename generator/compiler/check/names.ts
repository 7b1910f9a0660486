/**
 * Shell variables live as long as the boot. Two functions on one call path must not share one: the callee would change
 * its caller's value. A capture runs in a subshell, so its names are its own.
 */
import { Node, SyntaxKind } from 'ts-morph'
import type { Diagnostic } from '../diagnostics.ts'
import { helperNames } from '../helpers.ts'
import { diagnosticAt } from '../load.ts'
import { isInOwnShell, type Model, recordFields, type StageFunction } from '../model.ts'
import { type Parameter, snakeCase } from '../parameters.ts'

/** Names that the frame of /init, the shell or the kernel's environment own. */
const reserved = new Set(
  'stage newline blanks IFS PATH HOME ENV PS1 PS2 PS4 OPTIND OPTARG LC_ALL TERM PWD OLDPWD PPID LINENO'.split(
    ' ',
  ),
)

/** Builtins, keywords and commands that a function of ours would hide. */
const commandNames = new Set(
  (
    'if then else elif fi do done case esac while until for in break continue return exit set unset export readonly trap ' +
    'shift eval exec times alias bg cd command fc fg getopts hash jobs kill read test true false type ulimit umask wait ' +
    'printf echo local source let time function select set_parameter set_flag last_net ' +
    'cat cp cut date dd df du find grep head hostname ip kexec ln ls mkdir modprobe mount mv od reboot poweroff halt rm sed ' +
    'sh sleep sort stat sync tail tr udhcpc umount wc aria2c sha256sum sha512sum base64 setsid cttyhack ' +
    // Words and aliases that one of the shells has on top.
    'autoload coproc declare functions hash history integer let login nameref namespace nohup print r stop suspend typeset'
  ).split(' '),
)

interface Variable {
  shellName: string
  node: Node
}

function ownVariables({ node, provides }: StageFunction): Variable[] {
  const parameters = node.getParameters().filter(each => recordFields(each.getType()) === undefined)
  const locals = node
    .getDescendantsOfKind(SyntaxKind.VariableDeclaration)
    .filter(each => recordFields(each.getType()) === undefined && !each.getType().isArray())
  const named = [...parameters, ...locals].map(each => ({
    shellName: snakeCase(each.getName()),
    node: each.getNameNode(),
  }))
  return [...named, ...provides.map(shellName => ({ shellName, node: node.getNameNode() ?? node }))]
}

/** All functions that run in the same shell below this one. */
function sameShell(start: StageFunction): Set<StageFunction> {
  const found = new Set<StageFunction>()
  const visit = (from: StageFunction): void => {
    for (const call of from.calls) {
      const { target } = call
      if (target === undefined || found.has(target) || !isInOwnShell(call)) continue
      found.add(target)
      visit(target)
    }
  }
  visit(start)
  return found
}

function clashes(model: Model): Diagnostic[] {
  const variables = new Map([...model.functions.values()].map(each => [each, ownVariables(each)]))
  const reported = new Map<Node, Diagnostic>()
  for (const [caller, callerVariables] of variables) {
    const names = new Set(callerVariables.map(({ shellName }) => shellName))
    for (const callee of sameShell(caller)) {
      for (const { shellName, node } of variables.get(callee) ?? []) {
        if (callee === caller || !names.has(shellName) || callee.provides.includes(shellName)) continue
        const text = Node.isIdentifier(node) ? node.getText() : shellName
        const proposal = `${callee.name}${text.charAt(0).toUpperCase()}${text.slice(1)}`
        reported.set(
          node,
          diagnosticAt(
            node,
            'name-clash',
            `'${text}' is also a variable of '${caller.name}', which calls '${callee.name}'`,
            `shell variables live as long as the boot; call this one '${proposal}', or pass the value back`,
          ),
        )
      }
    }
  }
  return [...reported.values()]
}

/** Names that live in the whole script: parameters, fields of records, constants. */
function globalClashes(model: Model, parameters: Parameter[]): Diagnostic[] {
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
    ownVariables(stageFunction)
      .filter(({ shellName }) => owners.has(shellName) && !stageFunction.provides.includes(shellName))
      .map(({ shellName, node }) =>
        diagnosticAt(
          node,
          'name-clash',
          `'${shellName}' belongs to ${owners.get(shellName)}`,
          'shell variables live as long as the boot; give this one another name',
        ),
      ),
  )
}

function functionNames(model: Model): Diagnostic[] {
  return [...model.functions.values()]
    .filter(({ shellName }) => commandNames.has(shellName))
    .map(({ node, shellName }) =>
      diagnosticAt(
        node.getNameNode() ?? node,
        'command-name',
        `a function '${shellName}' would hide the command of that name`,
        'name it after what it does for the boot',
      ),
    )
}

export function checkNames(model: Model, parameters: Parameter[]): Diagnostic[] {
  return [...clashes(model), ...globalClashes(model, parameters), ...functionNames(model)]
}
