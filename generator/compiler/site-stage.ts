/** A site's own stage: a module outside of the checkout, called in `boot` at a place of the site's choice. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import {
  type CallExpression,
  type FunctionDeclaration,
  Node,
  type Project,
  type SourceFile,
  type Statement,
  SyntaxKind,
} from 'ts-morph'
import { CommandError } from '../host/console/command-error.ts'
import { CompileError } from './diagnostics.ts'
import { diagnosticAt } from './load.ts'

export interface SiteStage {
  /** A TypeScript file that exports one function; its base name is the stage's name on the console. */
  path: string
  /** The stage that it follows. */
  after: string
}

export const siteStageName = (stage: SiteStage): string => basename(stage.path).replace(/\.ts$/, '')

/** The `begin('…', parameters)` that opens each stage in `boot`. */
function begins(boot: FunctionDeclaration): { name: string; statement: Statement }[] {
  return boot.getStatements().flatMap(statement => {
    if (!Node.isStatement(statement)) return []
    const call = Node.isExpressionStatement(statement) ? statement.getExpression() : undefined
    if (!Node.isCallExpression(call) || call.getExpression().getText() !== 'begin') return []
    const [name] = (call as CallExpression).getArguments()
    return Node.isStringLiteral(name) ? [{ name: name.getLiteralText(), statement }] : []
  })
}

function stageFunction(project: Project, stage: SiteStage): FunctionDeclaration {
  const path = resolve(stage.path)
  if (!existsSync(path)) throw new CommandError(`${stage.path}: no such file`, 'name a TypeScript file')
  const exported = project
    .addSourceFileAtPath(path)
    .getFunctions()
    .filter(each => each.isExported())
  const [only] = exported
  if (only === undefined || exported.length > 1) {
    throw new CommandError(
      `${stage.path}: a stage exports one function, this file exports ${exported.length}`,
      'export function waitForFabric(parameters: Parameters): void { … }',
    )
  }
  return only
}

/** The arguments that `boot` has for a stage's parameters: records by their type, provided before `position`. */
function provided(stage: FunctionDeclaration, boot: FunctionDeclaration, position: number): string[] {
  const typeName = (node: Node): string => node.getType().getSymbol()?.getName() ?? ''
  const records = [
    ...boot.getParameters(),
    ...boot.getDescendantsOfKind(SyntaxKind.VariableDeclaration).filter(each => each.getEnd() <= position),
  ]
  const missing = stage
    .getParameters()
    .filter(each => !records.some(record => typeName(record) === typeName(each)))
  if (missing.length > 0) {
    throw new CompileError(
      missing.map(each =>
        diagnosticAt(
          each,
          'not-provided',
          `no stage before this one provides '${typeName(each)}'`,
          'take what earlier stages provide, or put the stage further back with --after',
        ),
      ),
    )
  }
  return stage
    .getParameters()
    .map(each => records.find(record => typeName(record) === typeName(each))?.getName() ?? '')
}

/** Puts the calls of a site's stages into `boot`, without moving a line of main.ts. */
export function insertSiteStages(project: Project, main: SourceFile, stages: SiteStage[]): void {
  for (const stage of stages) {
    const boot = main.getFunction('boot')
    if (boot === undefined) throw new CommandError('main.ts has no boot()', 'site stages go into boot()')
    const opened = begins(boot)
    const index = opened.findIndex(({ name }) => name === stage.after)
    if (index === -1) {
      const known = opened.map(({ name }) => name).join(', ')
      throw new CommandError(`--after ${stage.after}: there is no such stage`, `the stages are ${known}`, 2)
    }
    const declared = stageFunction(project, stage)
    const next = opened[index + 1]?.statement
    const position = next?.getStart() ?? boot.getBodyOrThrow().getEnd() - 1
    const call = `${declared.getName()}(${provided(declared, boot, position).join(', ')})`
    const begin = `begin('${siteStageName(stage)}', parameters)`
    main.insertText(position, `${begin}; ${call}; `)
    const specifier = main
      .getRelativePathAsModuleSpecifierTo(declared.getSourceFile())
      .replace(/\.(js|ts)$/, '')
    const firstImport = main.getImportDeclarations()[0]?.getStart() ?? 0
    main.insertText(firstImport, `import { ${declared.getName()} } from '${specifier}.ts'; `)
  }
}
