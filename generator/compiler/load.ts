import { dirname, resolve } from 'node:path'
import type { InterfaceDeclaration, Project, SourceFile } from 'ts-morph'
import { CommandError } from '../host/console/command-error.ts'
import type { PartName } from '../stages/api/parts.ts'
import { chaptersOf, type Parameter, parametersOf } from './declared-parameters.ts'
import { inOurWords } from './diagnostics/foreign.ts'
import type { Diagnostic } from './diagnostics.ts'
import { insertSiteStages } from './insert-site-stages.ts'
import { openedStages } from './opened-stages.ts'
import { chooseParts } from './parts/choose.ts'
import { placeOfText, shownPath } from './places.ts'
import { stageProject } from './project.ts'
import { isApi } from './root.ts'
import type { SiteStage } from './site-order.ts'

/** The stages as TypeScript understands them: everything that main.ts reaches, but for the machine. */
export interface Program {
  main: SourceFile
  /** Modules that become shell, ours before a site's. */
  modules: SourceFile[]
  /** Where the kernel parameters are declared: ours, and those of a site's stages. */
  parameters: ParameterDeclarations[]
}

/** An interface that declares kernel parameters, and the group of those that name none. */
export interface ParameterDeclarations {
  declaration: InterfaceDeclaration
  group: string
}

/** All kernel parameters that /init of a program knows. */
export function kernelParameters({ main, parameters }: Program): Parameter[] {
  const stages = (openedStages(main.compilerNode) ?? []).map(({ name }) => name)
  return parameters.flatMap(({ declaration, group }) => parametersOf(declaration.compilerNode, group, stages))
}

/** A program, and what is wrong with it before any rule of ours is asked. */
export interface Loaded {
  program: Program
  faults: Diagnostic[]
}

/**
 * Reads main.ts and all that it imports, and asks TypeScript what it thinks of it.
 * @param mainPath the module whose `main` is PID 1
 * @param siteStages stages from outside of the checkout
 * @param project holds files that are not on the disk, when there are such
 * @param without parts of the boot that are left out; without it nothing is decided, and parts are asked at run time
 * @throws CommandError where there is no boot to read
 */
export function load(
  mainPath: string,
  siteStages: SiteStage[] = [],
  project: Project = stageProject(),
  without?: readonly PartName[],
): Loaded {
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
  // A boot without parameters, as tests compile it, has them beside main.ts and never imports them.
  const beside = project.getSourceFile(`${dirname(main.getFilePath())}/parameters.ts`) ?? []
  const own = [...new Set([...reachedFrom(main), beside].flat())]
  const site = insertSiteStages(project, main, own, siteStages)
  if (siteStages.length > 0) project.resolveSourceFileDependencies()
  const parameters = own.flatMap(file => (isApi(file.getFilePath()) ? parameterInterfaces(file) : []))
  if (parameters.length === 0) {
    throw new CommandError(
      `${shownPath(mainPath)}: nothing imports parameters.ts`,
      'the boot begins with readCommandLine()',
    )
  }
  // A site's stage at fault is not called, and looked at all the same.
  const ofSite = siteStages.flatMap(({ path }) => project.getSourceFile(resolve(path)) ?? [])
  const files = [...new Set([...own, ...reachedFrom(main), ...ofSite])]
  const modules = files.filter(file => !isApi(file.getFilePath()))
  const ofStages = site.parameters.map(({ declaration, stage }) => {
    const [file, name] = [declaration.getSourceFile(), declaration.getName()]
    return { group: stage, read: () => file.getInterfaceOrThrow(name) }
  })
  if (without !== undefined) chooseParts(modules, without)
  return {
    program: {
      main,
      modules,
      parameters: [
        ...parameters.map(declaration => ({ declaration, group: '' })),
        // Read again: a module that has lost something is another tree.
        ...ofStages.map(({ group, read }) => ({ declaration: read(), group })),
      ],
    },
    faults: [
      ...site.faults,
      ...typeScriptErrors(project, dirname(main.getFilePath())).filter(isCause(site.faults)),
    ],
  }
}

/** `Parameters` of parameters.ts, and the interfaces that it is put together from. */
function parameterInterfaces(file: SourceFile): InterfaceDeclaration[] {
  const table = file.getInterface('Parameters')
  if (table === undefined) return []
  const chapters = chaptersOf(table.compilerNode).map(({ module, name }) =>
    file.getImportDeclarationOrThrow(module).getModuleSpecifierSourceFileOrThrow().getInterfaceOrThrow(name),
  )
  return [table, ...chapters]
}

/** Where a site's stage is at fault, what is wrong with the call that was put into `boot` for it follows from that. */
const isCause =
  (siteFaults: Diagnostic[]) =>
  ({ isAdded }: Diagnostic): boolean =>
    siteFaults.length === 0 || isAdded !== true

/**
 * main.ts and all that it imports, the machine and the parameters without what lies behind them. (`getSourceFiles()` leaves
 * out what lies below node_modules, as we do at a site.)
 */
function reachedFrom(main: SourceFile): SourceFile[] {
  const reached = new Set([main])
  for (const file of reached) {
    if (isApi(file.getFilePath())) continue
    for (const each of file.getImportDeclarations()) {
      const imported = each.getModuleSpecifierSourceFile()
      if (imported !== undefined) reached.add(imported)
    }
  }
  return [...reached]
}

function typeScriptErrors(project: Project, folder: string): Diagnostic[] {
  return project.getPreEmitDiagnostics().map((diagnostic): Diagnostic => {
    const file = diagnostic.getSourceFile()
    const text = diagnostic.getMessageText()
    const place =
      file === undefined
        ? { span: { file: shownPath(folder), line: 1, column: 1 }, sourceLine: '', offset: 0, length: 1 }
        : placeOfText(file, diagnostic.getStart() ?? 0, diagnostic.getLength() ?? 1)
    const message = typeof text === 'string' ? text : text.getMessageText()
    const said = inOurWords(diagnostic.getCode(), message) ?? {
      code: `ts${diagnostic.getCode()}`,
      message,
      help: 'this is TypeScript itself speaking: the stage does not type-check',
    }
    return { ...said, ...place }
  })
}
