/** What stands at the top of a module, and names that the whole of /init shares. */

import { basename } from 'node:path'
import { type FunctionDeclaration, Node, type SourceFile, ts } from 'ts-morph'
import { type Parameter, snakeCase } from '../declared-parameters.ts'
import { says } from '../diagnostics/catalogue.ts'
import type { Diagnostic } from '../diagnostics.ts'
import { helperNames } from '../helpers.ts'
import { type Model, machineMember } from '../model.ts'
import { diagnosticAt } from '../places.ts'

/** Imports, constants, records and functions; anything else would run nowhere. */
function topLevel(module: SourceFile): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const statement of module.getStatements()) {
    const isKnown =
      Node.isImportDeclaration(statement) ||
      Node.isInterfaceDeclaration(statement) ||
      Node.isVariableStatement(statement) ||
      Node.isFunctionDeclaration(statement)
    if (!isKnown) {
      found.push(diagnosticAt(statement, says['not-in-subset'].besideFunctions()))
    }
    if (
      Node.isFunctionDeclaration(statement) &&
      (statement.getOverloads().length > 0 || !statement.hasBody())
    ) {
      found.push(diagnosticAt(statement, says['not-in-subset'].overload()))
    }
  }
  return found
}

/** A module's name is its banner's. */
function moduleNames({ program }: Model): Diagnostic[] {
  const names = new Map<string, SourceFile>()
  return program.modules.flatMap(module => {
    const name = basename(module.getFilePath())
    const twin = names.get(name)?.getStatements()[0]
    names.set(name, module)
    const [first] = module.getStatements()
    return twin !== undefined && first !== undefined
      ? [diagnosticAt(first, says['duplicate-name'].module(name), { node: twin, label: 'the other one' })]
      : []
  })
}

/** A constant is made of literals, and of constants of its own module that stand above it. */
function constants(module: SourceFile): Diagnostic[] {
  return module.getVariableDeclarations().flatMap(declaration =>
    declaration.getDescendants().flatMap(node => {
      const symbol = Node.isIdentifier(node) ? node.getSymbol() : undefined
      const from = (symbol?.getAliasedSymbol() ?? symbol)?.getDeclarations()[0]
      return from === undefined || from.getSourceFile() === module
        ? []
        : [diagnosticAt(node, says.constant.otherModule())]
    }),
  )
}

function mainFunction({ main }: Model): Diagnostic[] {
  if (main.kind === 'action' && main.node.getParameters().length === 0) return []
  const name = main.node.getNameNode() ?? main.node
  return [diagnosticAt(name, says.main.signature())]
}

/** Each function has a name of its own, and none that the frame has. */
function functionNames(model: Model): Diagnostic[] {
  const helpers = helperNames().functions
  const owners = new Map<string, FunctionDeclaration>()
  const found: Diagnostic[] = []
  const { main, modules } = model.program
  for (const module of new Set([main, ...modules])) {
    for (const node of module.getFunctions()) {
      const name = node.getName() ?? ''
      const at = node.getNameNode() ?? node
      const shellName = snakeCase(name)
      if (machineMember(name) !== undefined || helpers.has(shellName)) {
        found.push(diagnosticAt(at, says['command-name'].machine(shellName)))
      }
      const other = owners.get(shellName)
      if (other !== undefined) {
        found.push(
          diagnosticAt(
            at,
            says['duplicate-name'].function(shellName, basename(other.getSourceFile().getFilePath())),
            { node: other.getNameNode() ?? other, label: 'the other one' },
          ),
        )
      }
      owners.set(shellName, node)
    }
  }
  return found
}

/** Constants, fields of records and kernel parameters are variables of the whole script. */
function sharedNames(model: Model, parameters: Parameter[]): Diagnostic[] {
  const owners = new Map<string, string>(
    [...helperNames().variables].map(name => [name, 'a helper of /init']),
  )
  const places = new Map<string, Node>()
  for (const name of ['stage', 'newline', 'blanks']) owners.set(name, 'the frame of /init')
  for (const { variable } of parameters) owners.set(variable, 'the kernel parameters')
  const found: Diagnostic[] = []
  const own = (node: Node, name: string, owner: string): void => {
    const shellName = snakeCase(name)
    const other = owners.get(shellName)
    if (other !== undefined) {
      const first = places.get(shellName)
      found.push(
        diagnosticAt(
          node,
          says['duplicate-name'].variable(shellName, other),
          first && { node: first, label: 'it stands here' },
        ),
      )
    }
    owners.set(shellName, owner)
    places.set(shellName, node)
  }
  for (const module of model.program.modules) {
    for (const declaration of module.getVariableDeclarations())
      own(declaration.getNameNode(), declaration.getName(), `the constant '${declaration.getName()}'`)
    for (const record of module.getInterfaces()) {
      if (model.program.parameters.some(({ declaration }) => declaration === record)) continue
      for (const field of record.getProperties())
        own(field.getNameNode(), field.getName(), `the record ${record.getName()}`)
    }
  }
  return found
}

function identifiersIn(node: ts.Node): ts.Identifier[] {
  if (ts.isIdentifier(node)) return [node]
  const found: ts.Identifier[] = []
  ts.forEachChild(node, child => {
    found.push(...identifiersIn(child))
  })
  return found
}

/** What identifiers become is a name to every shell. */
function shellNames(module: SourceFile): Diagnostic[] {
  return identifiersIn(module.compilerNode)
    .filter(({ text }) => !/^[a-z][a-z0-9_]*$/.test(snakeCase(text)) && text !== 'Math')
    .flatMap(({ end }) => module.getDescendantAtPos(end - 1) ?? [])
    .map(node => diagnosticAt(node, says.name.odd(node.getText())))
}

export function checkModules(model: Model, parameters: Parameter[]): Diagnostic[] {
  return [
    ...model.program.modules.flatMap(module => [
      ...topLevel(module),
      ...constants(module),
      ...shellNames(module),
    ]),
    ...moduleNames(model),
    ...mainFunction(model),
    ...functionNames(model),
    ...sharedNames(model, parameters),
  ]
}
