/**
 * The stages as they run in tests: as written, but that the text which a stage function returns has been through
 * `$( )`, as it has in /init. So a value that ends in newlines loses them in TypeScript too.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { Script } from 'node:vm'
import { ts } from 'ts-morph'
import { root } from '../compiler/load.ts'
import * as machine from '../stages/api/machine.ts'
import * as parts from '../stages/api/parts.ts'
import { captured } from './captured.ts'

export const stagesMain = `${root}generator/stages/main.ts`

const api: Record<string, object | undefined> = { 'machine.ts': machine, 'parts.ts': parts }

/** A function of a stage, exported or not. */
export type StageFunction = (...values: unknown[]) => unknown

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2022, true)
}

function importsOf(source: ts.SourceFile): string[] {
  return source.statements
    .filter(ts.isImportDeclaration)
    .map(({ moduleSpecifier }) => (moduleSpecifier as ts.StringLiteral).text)
    .filter(
      name => name.startsWith('.') && !['machine.ts', 'parameters.ts', 'parts.ts'].includes(basename(name)),
    )
}

/** main.ts and the stages that it reaches. */
function readModules(main: string): Map<string, ts.SourceFile> {
  const modules = new Map<string, ts.SourceFile>()
  const visit = (path: string): void => {
    if (modules.has(path)) return
    const source = parse(path)
    modules.set(path, source)
    for (const name of importsOf(source)) visit(resolve(dirname(path), name))
  }
  visit(resolve(main))
  return modules
}

const functionsOf = (source: ts.SourceFile): ts.FunctionDeclaration[] =>
  source.statements.filter(ts.isFunctionDeclaration)

/** Puts `captured(…)` around every call of a function that returns text. */
function capturing(names: ReadonlySet<string>): ts.TransformerFactory<ts.SourceFile> {
  return context => {
    const visit = (node: ts.Node): ts.Node => {
      const visited = ts.visitEachChild(node, visit, context)
      if (!ts.isCallExpression(visited) || !ts.isIdentifier(visited.expression)) return visited
      if (!names.has(visited.expression.text)) return visited
      return context.factory.createCallExpression(context.factory.createIdentifier('captured'), undefined, [
        visited,
      ])
    }
    return source => ts.visitEachChild(source, visit, context)
  }
}

const loaded = new Map<string, Map<string, StageFunction>>()

/** All functions of the stages by their names; `main` is the boot. They act on the machine of `runOn`. */
export function stageFunctions(main: string = stagesMain): Map<string, StageFunction> {
  const known = loaded.get(main)
  if (known !== undefined) return known
  const modules = readModules(main)
  const returnsText = new Set(
    [...modules.values()]
      .flatMap(functionsOf)
      .filter(({ type }) => type?.kind === ts.SyntaxKind.StringKeyword)
      .map(({ name }) => name?.text ?? ''),
  )
  const functions = new Map<string, StageFunction>()
  const evaluated = new Map<string, object>()

  const evaluate = (path: string): object => {
    const present = evaluated.get(path)
    if (present !== undefined) return present
    const source = modules.get(path)
    if (source === undefined) throw new Error(`${path} is not a stage`)
    const exports = {}
    evaluated.set(path, exports)
    const names = functionsOf(source).map(({ name }) => name?.text ?? '')
    const { outputText } = ts.transpileModule(source.text, {
      fileName: path,
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
      transformers: { before: [capturing(returnsText)] },
    })
    const wrapped = `(function (exports, require, captured) {${outputText}\nreturn { ${names.join(', ')} } })`
    const requireStage = (name: string): object => api[basename(name)] ?? evaluate(join(dirname(path), name))
    const own = new Script(wrapped, { filename: path }).runInThisContext()(exports, requireStage, captured)
    for (const [name, stage] of Object.entries(own as Record<string, StageFunction>)) {
      functions.set(name, returnsText.has(name) ? (...values) => captured(stage(...values) as string) : stage)
    }
    return exports
  }
  evaluate(resolve(main))
  loaded.set(main, functions)
  return functions
}
