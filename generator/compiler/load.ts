import { basename, dirname, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Node, Project, type SourceFile, ts } from 'ts-morph'
import { CommandError } from '../host/console/command-error.ts'
import type { PartName } from '../stages/api/parts.ts'
import { CompileError, type Diagnostic, type Place } from './diagnostics.ts'
import type { Span } from './ir.ts'
import { chooseParts } from './parts/choose.ts'
import { insertSiteStages, type SiteStage } from './site-stage.ts'

/** The checkout's own folder: what file names in messages are relative to. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The stages as TypeScript understands them: everything that main.ts reaches, but for the machine and the parameters. */
export interface Program {
  main: SourceFile
  modules: SourceFile[]
  parameters: SourceFile
}

/** A path as it is shown: relative to the checkout, or as it is where it lies outside. */
function shownPath(path: string): string {
  const inside = relative(root, path)
  return inside.startsWith('..') ? path : inside
}

export function spanOf(node: Node): Span {
  const source = node.getSourceFile()
  const { line, column } = source.getLineAndColumnAtPos(node.getStart())
  return { file: shownPath(source.getFilePath()), line, column }
}

function placeOfText(source: SourceFile, offset: number, length: number): Place {
  const span = { file: shownPath(source.getFilePath()), ...source.getLineAndColumnAtPos(offset) }
  const sourceLine = source.getFullText().split('\n')[span.line - 1] ?? ''
  return { span, sourceLine, offset, length }
}

/** Where a node stands. */
export const placeOf = (node: Node): Place =>
  placeOfText(node.getSourceFile(), node.getStart(), node.getWidth())

/** A diagnostic at a piece of a stage's text. */
export function diagnosticAtText(
  source: SourceFile,
  offset: number,
  length: number,
  code: string,
  message: string,
  help: string,
): Diagnostic {
  return { code, message, help, ...placeOfText(source, offset, length) }
}

/** A diagnostic at a node of a stage. */
export const diagnosticAt = (node: Node, code: string, message: string, help: string): Diagnostic => ({
  code,
  message,
  help,
  ...placeOf(node),
})

/** TypeScript as the stages are written in it: strict, with the language alone and nothing of Node or a browser. */
export function stageProject(): Project {
  return new Project({
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2022.d.ts'],
      types: [],
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      // What a site's stage imports; package.json exports the same names.
      paths: {
        'aria2-initrd/machine': [`${root}generator/stages/api/machine.ts`],
        'aria2-initrd/parameters': [`${root}generator/stages/parameters/parameters.ts`],
        'aria2-initrd/network': [`${root}generator/stages/network/network.ts`],
        'aria2-initrd/roles': [`${root}generator/stages/fetch/roles.ts`],
      },
      noImplicitReturns: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
    },
    skipAddingFilesFromTsConfig: true,
  })
}

/**
 * Reads main.ts and all that it imports, and stops on TypeScript's own errors.
 * @param mainPath the module whose `main` is PID 1
 * @param siteStages stages from outside of the checkout
 * @param project holds files that are not on the disk, when there are such
 * @param without parts of the boot that are left out
 */
export function load(
  mainPath: string,
  siteStages: SiteStage[] = [],
  project: Project = stageProject(),
  without: readonly PartName[] = [],
): Program {
  const main = project.addSourceFileAtPathIfExists(resolve(mainPath))
  if (main === undefined) {
    throw new CommandError(
      `${shownPath(mainPath)}: no such file`,
      'name a TypeScript file that exports main()',
    )
  }
  if (main.getFunction('main') === undefined) {
    throw new CommandError(
      `${shownPath(mainPath)}: no function main`,
      'the life of PID 1 is export function main(): void',
    )
  }
  project.resolveSourceFileDependencies()
  insertSiteStages(project, main, siteStages)
  project.resolveSourceFileDependencies()
  const files = [...new Set([...project.getSourceFiles(), ...reachedFrom(main)])]
  const isApi = (file: SourceFile) => apiModules.has(basename(file.getFilePath()))
  const modules = files.filter(file => !isApi(file))
  const parameters = files.find(file => basename(file.getFilePath()) === 'parameters.ts')
  if (parameters === undefined) {
    throw new CommandError(
      `${shownPath(mainPath)}: nothing imports parameters.ts`,
      'the boot begins with readCommandLine()',
    )
  }
  chooseParts(modules, without)
  stopOnTypeScriptErrors(project, dirname(main.getFilePath()))
  return { main, modules, parameters }
}

/** What is no stage: the machine, the parameters, the parts. */
const apiModules = new Set(['machine.ts', 'parameters.ts', 'parts.ts'])

/** main.ts and all that it imports. `getSourceFiles()` leaves out what lies below node_modules, as we do at a site. */
function reachedFrom(main: SourceFile): Set<SourceFile> {
  const reached = new Set([main])
  for (const file of reached) {
    for (const each of file.getImportDeclarations()) {
      const imported = each.getModuleSpecifierSourceFile()
      if (imported !== undefined) reached.add(imported)
    }
  }
  return reached
}

function stopOnTypeScriptErrors(project: Project, folder: string): void {
  const found = project.getPreEmitDiagnostics().map((diagnostic): Diagnostic => {
    const file = diagnostic.getSourceFile()
    const text = diagnostic.getMessageText()
    const message = typeof text === 'string' ? text : text.getMessageText()
    const position = file?.getLineAndColumnAtPos(diagnostic.getStart() ?? 0) ?? { line: 1, column: 1 }
    return {
      code: `ts${diagnostic.getCode()}`,
      message,
      help: 'this is TypeScript itself speaking: the stage does not type-check',
      span: { file: shownPath(file?.getFilePath() ?? folder), ...position },
      sourceLine: file?.getFullText().split('\n')[position.line - 1] ?? '',
      offset: diagnostic.getStart() ?? 0,
      length: diagnostic.getLength() ?? 1,
    }
  })
  if (found.length > 0) throw new CompileError(found)
}
