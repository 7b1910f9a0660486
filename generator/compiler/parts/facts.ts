/** What a program's modules hold, and what of it is used: by names, which are unique where these are the whole script's. */
import { ts } from 'ts-morph'
import type { SourceText } from './source-text.ts'

const { SyntaxKind } = ts

/** What one module holds and uses. */
interface ModuleFacts {
  /** What each function calls. */
  calls: Map<string, Set<string>>
  /** The calls of each function, wherever they stand. */
  callers: Map<string, ts.CallExpression[]>
  /** Names that are read outside of their declaration: of constants, imports, records, functions. */
  used: Set<string>
  /** Parameters and variables of functions that are read: `FUNCTION NAME`. */
  read: Set<string>
  /** Fields of records that are read. */
  fields: Set<string>
}

/** The same of all modules together. */
export interface Facts {
  /** Functions that main comes to, and main. */
  reached: ReadonlySet<string>
  usedAnywhere: ReadonlySet<string>
  usedIn: ReadonlyMap<string, ReadonlySet<string>>
  read: ReadonlySet<string>
  fields: ReadonlySet<string>
}

const isAssignment = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) &&
  node.operatorToken.kind >= SyntaxKind.FirstAssignment &&
  node.operatorToken.kind <= SyntaxKind.LastAssignment

/** Whether an identifier stands for the value of a variable, a function, a type or a constant. */
function isRead(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent)) return parent.name !== node
  if (ts.isParameter(parent) || ts.isFunctionDeclaration(parent) || ts.isPropertySignature(parent))
    return false
  if (ts.isInterfaceDeclaration(parent) || ts.isImportSpecifier(parent)) return false
  // Of `x = …` and `x += …` as statements nothing is read but what is on the right.
  return !(isAssignment(parent) && parent.left === node && ts.isExpressionStatement(parent.parent))
}

function identifiersRead(node: ts.Node): ts.Identifier[] {
  const found: ts.Identifier[] = []
  const visit = (each: ts.Node): void => {
    if (ts.isIdentifier(each) && isRead(each)) found.push(each)
    ts.forEachChild(each, visit)
  }
  visit(node)
  return found
}

function readFields(node: ts.Node, fields: Set<string>): void {
  if (ts.isPropertyAccessExpression(node)) fields.add(node.name.text)
  ts.forEachChild(node, child => readFields(child, fields))
}

const isCalled = (node: ts.Identifier): boolean =>
  ts.isCallExpression(node.parent) && node.parent.expression === node

function readModule(source: ts.SourceFile): ModuleFacts {
  const everywhere = identifiersRead(source)
  const facts: ModuleFacts = {
    calls: new Map(),
    callers: new Map(),
    used: new Set(everywhere.map(({ text }) => text)),
    read: new Set(),
    fields: new Set(),
  }
  for (const { text, parent } of everywhere) {
    if (!ts.isCallExpression(parent)) continue
    const calls = facts.callers.get(text)
    if (calls === undefined) facts.callers.set(text, [parent])
    else calls.push(parent)
  }
  readFields(source, facts.fields)
  for (const node of source.statements) {
    if (!ts.isFunctionDeclaration(node) || node.name === undefined || node.body === undefined) continue
    const name = node.name.text
    const read = identifiersRead(node.body)
    facts.calls.set(name, new Set(read.filter(isCalled).map(({ text }) => text)))
    for (const { text } of read) facts.read.add(`${name} ${text}`)
  }
  return facts
}

/** By the tree, which is another one when the text has changed. */
const known = new WeakMap<ts.SourceFile, ModuleFacts>()

function moduleFacts({ source }: SourceText): ModuleFacts {
  const facts = known.get(source) ?? readModule(source)
  known.set(source, facts)
  return facts
}

/** All calls of a function, each with the module that it stands in. */
export function callsOf(
  files: readonly SourceText[],
  name: string,
): { file: SourceText; call: ts.CallExpression }[] {
  return files.flatMap(file => (moduleFacts(file).callers.get(name) ?? []).map(call => ({ file, call })))
}

export function factsOf(files: readonly SourceText[]): Facts {
  const all = files.map(file => ({ file, ...moduleFacts(file) }))
  const union = (sets: ReadonlySet<string>[]): Set<string> => new Set(sets.flatMap(set => [...set]))
  const calls = new Map(all.flatMap(each => [...each.calls]))
  const reached = new Set<string>()
  const visit = (name: string): void => {
    const called = calls.get(name)
    if (called === undefined || reached.has(name)) return
    reached.add(name)
    for (const each of called) visit(each)
  }
  visit('main')
  return {
    reached,
    usedAnywhere: union(all.map(({ used }) => used)),
    usedIn: new Map(all.map(({ file, used }) => [file.path, used])),
    read: union(all.map(({ read }) => read)),
    fields: union(all.map(({ fields }) => fields)),
  }
}
