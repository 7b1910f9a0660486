/**
 * Takes away what nobody comes to any more once parts are left out: functions, their parameters, variables, constants, fields of
 * records, imports, arms of a `switch`. What nobody came to before stays, for the checks to complain of.
 */
import { ts } from 'ts-morph'
import { machineTable } from '../machine-table.ts'
import { callsOf, type Facts, factsOf } from './facts.ts'
import type { SourceText } from './source-text.ts'

/** Whether nothing happens when an expression is evaluated. */
function isPure(node: ts.Node | undefined): boolean {
  if (node === undefined) return true
  if (ts.isCallExpression(node))
    return pureCalls.has(node.expression.getText()) && node.arguments.every(isPure)
  return ts.forEachChild(node, child => (isPure(child) ? undefined : true)) === undefined
}

/** Texts that are made of others, and questions that change nothing. */
const pureCalls = new Set([
  ...Object.keys(machineTable).filter(name => machineTable[name]?.kind === 'text'),
  ...['asDecimal', 'Math.trunc', 'consistsOf', 'exists', 'hasContent', 'isDirectory'],
])

/** The variable that a statement sets, and to what; nothing for other statements. */
function settingOf(node: ts.Node): { name?: string; value?: ts.Expression } {
  if (ts.isVariableStatement(node)) {
    const [declaration, ...others] = node.declarationList.declarations
    if (declaration?.initializer === undefined || others.length > 0) return {}
    return { name: declaration.name.getText(), value: declaration.initializer }
  }
  if (!ts.isExpressionStatement(node) || !ts.isBinaryExpression(node.expression)) return {}
  const { left, right } = node.expression
  return ts.isIdentifier(left) ? { name: left.text, value: right } : {}
}

/** The function that a node stands in. */
function nameOfFunction(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node)) return node.name?.text
  return node.parent === undefined ? undefined : nameOfFunction(node.parent)
}

/** What a body returns. */
function returnsOf(body: ts.Block): ts.Expression[] {
  const found: ts.Expression[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node) && node.expression !== undefined) found.push(node.expression)
    ts.forEachChild(node, visit)
  }
  visit(body)
  return found
}

/** What is taken away of one module, with what was there before in mind. */
class Pruning {
  constructor(
    private readonly file: SourceText,
    private readonly before: Facts,
    private readonly now: Facts,
  ) {}

  /** Whether a name of the whole script, or one that is this module's alone, has lost its last reader. */
  private becameUnused(name: string, isShared: boolean): boolean {
    const isUsed = ({ usedAnywhere, usedIn }: Facts): boolean =>
      isShared ? usedAnywhere.has(name) : usedIn.get(this.file.path)?.has(name) === true
    return isUsed(this.before) && !isUsed(this.now)
  }

  private isDeadField = (name: string): boolean => this.before.fields.has(name) && !this.now.fields.has(name)

  private imports(node: ts.ImportDeclaration): void {
    const names = node.importClause?.namedBindings
    if (names === undefined || !ts.isNamedImports(names)) return
    const isGone = ({ name }: ts.ImportSpecifier): boolean => this.becameUnused(name.text, false)
    const { elements } = names
    if (elements.length > 0 && elements.every(isGone)) {
      // The comment above the first import is about the module.
      this.file.remove(node.getStart(), node.end)
      return
    }
    const index = elements.findIndex(isGone)
    if (index !== -1) this.file.removeFromList(elements, index)
  }

  private fields(node: ts.InterfaceDeclaration): void {
    for (const member of node.members) {
      const name = member.name?.getText() ?? ''
      if (this.isDeadField(name)) this.file.removeWithComments(member)
    }
  }

  private functionBody(owner: string, body: ts.Block): boolean {
    const dead = this.deadVariables(owner, body)
    let changed = false
    const visit = (node: ts.Node): void => {
      if (changed) return
      if (this.deadStatement(node, dead) || this.emptied(node)) {
        changed = true
        return
      }
      if (ts.isObjectLiteralExpression(node)) {
        const index = node.properties.findIndex(each => this.isDeadField(each.name?.getText() ?? ''))
        if (index !== -1) {
          this.file.removeFromList(node.properties, index)
          changed = true
          return
        }
      }
      ts.forEachChild(node, visit)
    }
    visit(body)
    return changed
  }

  /** Variables that nobody reads any more, where making their values does nothing. */
  private deadVariables(owner: string, body: ts.Block): Set<string> {
    const dead = new Set<string>()
    const alive = new Set<string>()
    const visit = (node: ts.Node): void => {
      const { name, value } = settingOf(node)
      if (name !== undefined && this.lostLastRead(owner, name)) (isPure(value) ? dead : alive).add(name)
      ts.forEachChild(node, visit)
    }
    visit(body)
    return new Set([...dead].filter(name => !alive.has(name)))
  }

  private lostLastRead(owner: string, name: string): boolean {
    return this.before.read.has(`${owner} ${name}`) && !this.now.read.has(`${owner} ${name}`)
  }

  private deadStatement(node: ts.Node, dead: ReadonlySet<string>): boolean {
    const { name } = settingOf(node)
    if (name === undefined || !dead.has(name)) return false
    this.file.removeWithComments(node)
    return true
  }

  /** A value that no caller reads any more: the function returns nothing then. */
  private result(files: readonly SourceText[], node: ts.FunctionDeclaration, owner: string): boolean {
    const { type, body } = node
    if (
      type === undefined ||
      body === undefined ||
      type.getWidth() < 4 ||
      /^(void|never|boolean)$/.test(type.getText())
    )
      return false
    const calls = callsOf(files, owner)
    const isIgnored = ({ parent }: ts.CallExpression): boolean => {
      const statement = ts.isVariableDeclaration(parent) ? parent.parent.parent : parent.parent
      const { name, value } = settingOf(statement)
      const caller = name === undefined ? undefined : nameOfFunction(statement)
      return caller !== undefined && value?.parent === parent && this.lostLastRead(caller, name ?? '')
    }
    if (calls.length === 0 || !calls.every(({ call }) => isIgnored(call))) return false
    const returned = returnsOf(body)
    if (
      !returned.every(
        each => isPure(each) || (ts.isCallExpression(each) && each.expression.getText() === 'fail'),
      )
    )
      return false
    for (const { file, call } of calls) {
      const statement = ts.isVariableDeclaration(call.parent) ? call.parent.parent.parent : call.parent.parent
      file.remove(statement.getStart(), call.getStart())
    }
    this.file.replace(type.getStart(), type.end, 'void')
    for (const each of returned) {
      if (!isPure(each)) continue
      // Nobody writes a bare return at the end.
      if (each.parent === body.statements.at(-1)) this.file.remove(each.parent.getStart(), each.parent.end)
      else this.file.remove(each.getStart(), each.end)
    }
    return true
  }

  /** An `if` or a loop without anything to do, an arm that would do as much by not being there. */
  private emptied(node: ts.Node): boolean {
    const isEmpty = (each: ts.Node | undefined): boolean =>
      each !== undefined && ts.isBlock(each) && each.statements.length === 0
    if (ts.isIfStatement(node) && isEmpty(node.elseStatement)) {
      this.file.remove(node.thenStatement.end, node.end)
      return true
    }
    const isIdle =
      (ts.isIfStatement(node) &&
        node.elseStatement === undefined &&
        isEmpty(node.thenStatement) &&
        isPure(node.expression)) ||
      (ts.isForOfStatement(node) && isEmpty(node.statement))
    if (isIdle && (ts.isBlock(node.parent) || ts.isCaseOrDefaultClause(node.parent))) {
      this.file.removeWithComments(node)
      return true
    }
    if (ts.isSwitchStatement(node)) return this.emptiedClause(node.caseBlock)
    return false
  }

  private emptiedClause({ clauses }: ts.CaseBlock): boolean {
    if (clauses.some(ts.isDefaultClause)) return false
    const isIdle = ({ statements: [first, ...others] }: ts.CaseOrDefaultClause): boolean =>
      first !== undefined && others.length === 0 && ts.isBreakStatement(first)
    const index = clauses.findIndex(isIdle)
    const last = clauses[index]
    if (last === undefined) return false
    // With those before it that have no statements of their own.
    let from = index
    while (from > 0 && clauses[from - 1]?.statements.length === 0) from -= 1
    const first = clauses[from] ?? last
    const comments = ts.getLeadingCommentRanges(this.file.text, first.pos) ?? []
    this.file.remove(comments[0]?.pos ?? first.getStart(), last.end)
    return true
  }

  /** Parameters that the body reads no more, with what callers give for them. */
  private parameters(files: readonly SourceText[], node: ts.FunctionDeclaration, owner: string): boolean {
    const index = node.parameters.findIndex(({ name }) => this.lostLastRead(owner, name.getText()))
    if (index === -1) return false
    const calls = callsOf(files, owner)
    if (!calls.every(({ call }) => call.arguments[index] !== undefined && isPure(call.arguments[index])))
      return false
    const [parameter] = node.parameters.slice(index)
    for (const tag of parameter === undefined ? [] : ts.getJSDocParameterTags(parameter))
      this.file.remove(tag.pos, tag.end)
    this.file.removeFromList(node.parameters, index)
    for (const { file, call } of calls) file.removeFromList(call.arguments, index)
    return true
  }

  /** @returns whether something was taken away, so that it is worth looking again */
  prune(files: readonly SourceText[]): boolean {
    const { text } = this.file
    for (const node of this.file.source.statements) {
      if (ts.isImportDeclaration(node)) this.imports(node)
      else if (ts.isInterfaceDeclaration(node)) {
        if (this.becameUnused(node.name.text, true)) this.file.removeWithComments(node)
        else this.fields(node)
      } else if (ts.isVariableStatement(node)) {
        const name = node.declarationList.declarations[0]?.name.getText() ?? ''
        if (this.becameUnused(name, true)) this.file.removeWithComments(node)
      } else if (ts.isFunctionDeclaration(node) && node.name !== undefined) {
        const name = node.name.text
        if (this.before.reached.has(name) && !this.now.reached.has(name)) this.file.removeWithComments(node)
        else if (node.body !== undefined) {
          if (
            this.parameters(files, node, name) ||
            this.result(files, node, name) ||
            this.functionBody(name, node.body)
          )
            return true
        }
      }
    }
    return this.file.text !== text
  }
}

/** Takes away what is not used any more, until there is nothing left of that kind. */
export function prune(files: readonly SourceText[], before: Facts): void {
  let now = factsOf(files)
  let changed = true
  while (changed) {
    changed = false
    for (const file of files) {
      while (new Pruning(file, before, now).prune(files)) {
        changed = true
        now = factsOf(files)
      }
    }
  }
}
