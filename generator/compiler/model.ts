/** The stages as functions that call each other: what checking and lowering both need to know. */
import {
  type ArrowFunction,
  type CallExpression,
  type FunctionDeclaration,
  Node,
  type ParameterDeclaration,
  type SourceFile,
  SyntaxKind,
  type Type,
  type VariableDeclaration,
} from 'ts-morph'
import { snakeCase } from './declared-parameters.ts'
import type { Program } from './load.ts'
import { type MachineMember, machineTable } from './machine-table.ts'

/**
 * How a function is called in shell: an `action` as a command, a `value` in `$( )`, a `predicate` as a condition, a
 * `provider` as a command that sets the variables of the record that it returns.
 */
export type FunctionKind = 'action' | 'value' | 'predicate' | 'provider'

export interface StageFunction {
  name: string
  shellName: string
  module: SourceFile
  node: FunctionDeclaration
  kind: FunctionKind
  /** Parameters that are passed in shell: all but records, whose fields are variables of the whole script. */
  parameters: { name: string; shellName: string }[]
  /** Fields of the record that a provider returns, as shell names. */
  provides: string[]
  canFail: boolean
  calls: Call[]
}

/** A call of a stage function or of the machine. */
export interface Call {
  node: CallExpression
  name: string
  member?: MachineMember
  target?: StageFunction
  /** Inside `succeeds(() => …)`: its failure goes no further. */
  isGuarded: boolean
  /** Inside `start(() => …)`: it runs beside the boot, in a shell of its own. */
  isStarted: boolean
}

/** Whether the callee runs in its caller's shell: all but captured and started ones; `return f(x)` captures nothing. */
export const isInOwnShell = ({ target, node, isStarted }: Call): boolean =>
  !isStarted && (target?.kind !== 'value' || Node.isReturnStatement(node.getParent()))

export interface Model {
  program: Program
  functions: Map<string, StageFunction>
  main: StageFunction
}

const all = (type: Type, holds: (member: Type) => boolean): boolean =>
  type.isUnion() ? type.getUnionTypes().every(holds) : holds(type)

export const isNumberType = (type: Type): boolean =>
  all(type, member => member.isNumber() || member.isNumberLiteral())

export const isTextType = (type: Type): boolean =>
  all(
    type,
    member =>
      member.isString() ||
      member.isStringLiteral() ||
      member.isTemplateLiteral() ||
      // A branded text, such as a list of lines.
      (member.isIntersection() && member.getIntersectionTypes().some(each => each.isString())),
  )

/** A record's interface: declared in a stage, or Parameters. */
export function recordFields(type: Type): string[] | undefined {
  const declaration = type.getSymbol()?.getDeclarations()[0]
  if (declaration === undefined || !Node.isInterfaceDeclaration(declaration)) return undefined
  // Not `isFromExternalLibrary()`: below node_modules, as the package lies at a site, our own stages are that too.
  if (declaration.getSourceFile().isDeclarationFile()) return undefined
  return declaration.getProperties().map(property => property.getName())
}

/** A name that a declaration gives to a value; a record's fields are no variables of the function. */
export interface Declared {
  name: string
  node: Node
  declaration: VariableDeclaration | ParameterDeclaration
}

/** The names of a function's parameters and variables, those of `const [a, b] = …` too. */
export function declaredNames(node: FunctionDeclaration): Declared[] {
  const declarations = [...node.getParameters(), ...node.getDescendantsOfKind(SyntaxKind.VariableDeclaration)]
  return declarations.flatMap(declaration => namesOf(declaration))
}

/** The names that one declaration makes. */
export function namesOf(declaration: VariableDeclaration | ParameterDeclaration): Declared[] {
  const node = declaration.getNameNode()
  if (Node.isArrayBindingPattern(node)) {
    return node
      .getElements()
      .filter(Node.isBindingElement)
      .map(each => ({ name: each.getName(), node: each.getNameNode(), declaration }))
  }
  return recordFields(declaration.getType()) === undefined
    ? [{ name: declaration.getName(), node, declaration }]
    : []
}

function kindOf(node: FunctionDeclaration): FunctionKind {
  const type = node.getReturnType()
  if (type.isVoid() || type.isNever()) return 'action'
  if (type.isBoolean()) return 'predicate'
  return recordFields(type) === undefined ? 'value' : 'provider'
}

/** The machine member that a called name means, when it is imported from machine.ts. */
export function machineMember(name: string): MachineMember | undefined {
  return Object.hasOwn(machineTable, name) ? machineTable[name] : undefined
}

/** The function of the machine that takes the arrow function around a call: `succeeds` or `start`. */
function takerOf(node: CallExpression): string | undefined {
  const arrow: ArrowFunction | undefined = node.getFirstAncestorByKind(SyntaxKind.ArrowFunction)
  return arrow?.getParentIfKind(SyntaxKind.CallExpression)?.getExpression().getText()
}

function readFunction(node: FunctionDeclaration): StageFunction {
  const name = node.getName() ?? ''
  const kind = kindOf(node)
  return {
    name,
    shellName: snakeCase(name),
    module: node.getSourceFile(),
    node,
    kind,
    parameters: node
      .getParameters()
      .filter(parameter => recordFields(parameter.getType()) === undefined)
      .map(parameter => ({ name: parameter.getName(), shellName: snakeCase(parameter.getName()) })),
    provides: kind === 'provider' ? (recordFields(node.getReturnType()) ?? []).map(snakeCase) : [],
    canFail: false,
    calls: [],
  }
}

/** Whether what a call calls can end with a failure. */
export const canFail = ({ member, target }: Pick<Call, 'member' | 'target'>): boolean =>
  (member !== undefined && 'canFail' in member && member.canFail) || target?.canFail === true

/** A function can fail when something in it can, outside of `succeeds`. */
function findFailing(functions: StageFunction[]): void {
  let changed = true
  while (changed) {
    changed = false
    for (const stageFunction of functions) {
      const fails = stageFunction.calls.some(call => !call.isGuarded && canFail(call))
      if (fails && !stageFunction.canFail) {
        stageFunction.canFail = true
        changed = true
      }
    }
  }
}

export function buildModel(program: Program): Model {
  const functions = new Map<string, StageFunction>()
  for (const module of [program.main, ...program.modules]) {
    for (const node of module.getFunctions()) {
      const name = node.getName() ?? ''
      // A second one of the name is an error that checkModules reports.
      if (!functions.has(name)) functions.set(name, readFunction(node))
    }
  }
  for (const stageFunction of functions.values()) {
    for (const node of stageFunction.node.getDescendantsOfKind(SyntaxKind.CallExpression)) {
      const callee = node.getExpression()
      if (!Node.isIdentifier(callee)) continue
      const name = callee.getText()
      const taker = takerOf(node)
      const target = functions.get(name)
      const member = target === undefined ? machineMember(name) : undefined
      stageFunction.calls.push({
        node,
        name,
        isGuarded: taker !== undefined,
        isStarted: taker === 'start',
        ...(target === undefined ? {} : { target }),
        ...(member === undefined ? {} : { member }),
      })
    }
  }
  findFailing([...functions.values()])
  const main = functions.get('main')
  if (main === undefined) throw new Error('load() lets no program without main() pass')
  return { program, functions, main }
}

/** The functions in the order in which the boot first comes to them, callers before what they call. */
export function bootOrder(model: Model): StageFunction[] {
  const seen = new Set<StageFunction>()
  const visit = (stageFunction: StageFunction): void => {
    if (seen.has(stageFunction)) return
    seen.add(stageFunction)
    for (const { target } of stageFunction.calls) if (target !== undefined) visit(target)
  }
  visit(model.main)
  return [...seen]
}
