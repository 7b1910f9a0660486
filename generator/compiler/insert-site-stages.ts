/** A site's own stages: modules outside of the checkout, called in `boot` at places of the site's choice. */

import { existsSync, statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { FunctionDeclaration, InterfaceDeclaration, Node, Project, SourceFile } from 'ts-morph'
import { CommandError } from '../host/console/command-error.ts'
import { says } from './diagnostics/catalogue.ts'
import type { Diagnostic } from './diagnostics.ts'
import { openedStages } from './opened-stages.ts'
import { addInMemory, diagnosticAt } from './places.ts'
import { inOrder, type SiteStage, siteStageName } from './site-order.ts'
import { ownParameters, Wiring } from './site-wiring.ts'

function stageFunction(project: Project, stage: SiteStage): FunctionDeclaration {
  const path = resolve(stage.path)
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw new CommandError(`${stage.path}: no such file`, 'name a TypeScript file')
  }
  const source = project.addSourceFileAtPath(path)
  const exported = source.getFunctions().filter(each => each.isExported() && !each.isDefaultExport())
  const [only] = exported
  if (only === undefined || exported.length > 1) {
    throw new CommandError(
      `${stage.path}: a stage exports one function, this file exports ${exported.length}`,
      'export function waitForFabric(network: Network): void { … }',
    )
  }
  return only
}

/** Stages that have the name of a function or constant of the boot, or of another stage. */
function doubleNames(
  declared: FunctionDeclaration[],
  own: SourceFile[],
): { node: FunctionDeclaration; fault: Diagnostic }[] {
  const owners = new Map<string, Node>()
  for (const source of own) {
    for (const each of [...source.getFunctions(), ...source.getVariableDeclarations()])
      owners.set(each.getName() ?? '', each.getNameNode() ?? each)
  }
  return declared.flatMap(node => {
    const name = node.getName() ?? ''
    const owner = owners.get(name)
    owners.set(name, node.getNameNode() ?? node)
    if (owner === undefined) return []
    const fault = diagnosticAt(
      node.getNameNode() ?? node,
      says['duplicate-name'].function(name, owner.getSourceFile().getBaseName()),
      { node: owner, label: 'the other one' },
    )
    return [{ node, fault }]
  })
}

/** Kernel parameters of the site's stages: what they declare is merged into `Parameters`. */
function addParameters(
  parameters: InterfaceDeclaration | undefined,
  declared: InterfaceDeclaration[],
): Diagnostic[] {
  if (parameters === undefined) return []
  const taken = new Set(
    parameters
      .getType()
      .getProperties()
      .map(each => each.getName()),
  )
  const built = declared.filter(each => each.getExtends().length > 0)
  const faults = declared.flatMap(each =>
    each.getProperties().flatMap(field => {
      const isSecond = taken.has(field.getName())
      taken.add(field.getName())
      return isSecond
        ? [diagnosticAt(field.getNameNode(), says['duplicate-name'].parameter(field.getName()))]
        : []
    }),
  )
  const source = parameters.getSourceFile()
  const at = source.getEnd()
  addInMemory(
    source,
    declared
      .filter(each => !built.includes(each))
      .map((each, index) => ({
        at,
        text: `
import type { ${each.getName()} as Own${index} } from '${specifierOf(source, each.getSourceFile())}'
export interface Parameters extends Own${index} {}`,
        standsFor: each.getNameNode(),
      })),
  )
  return [
    ...faults,
    ...built.map(each => diagnosticAt(each.getNameNode(), says.parameter.extends(each.getName()))),
  ]
}

/** The path from one module to another as it stands in an import, between its quotes. */
const specifierOf = (from: SourceFile, to: SourceFile): string =>
  `${from.getRelativePathAsModuleSpecifierTo(to).replace(/\.(js|ts)$/, '')}.ts`.replace(/[\\']/g, '\\$&')

/** What the site's stages add to the boot. */
export interface SiteAdditions {
  /** What is wrong with them, each in the site's own file. */
  faults: Diagnostic[]
  /** The interfaces that declare kernel parameters of the site's own, each with the stage that declares it. */
  parameters: { declaration: InterfaceDeclaration; stage: string }[]
}

/**
 * Puts the calls of a site's stages into `boot` and their kernel parameters into `Parameters`, in memory, without moving
 * a line of ours.
 * @param own all modules of the boot, before a site's are read
 */
export function insertSiteStages(
  project: Project,
  main: SourceFile,
  own: SourceFile[],
  stages: SiteStage[],
): SiteAdditions {
  if (stages.length === 0) return { faults: [], parameters: [] }
  const opened = openedStages(main.compilerNode)
  const boot = main.getFunction('boot')
  if (opened === undefined || boot === undefined) {
    throw new CommandError('main.ts has no boot()', 'site stages go into boot()')
  }
  const banners = own.map(each => basename(each.getFilePath(), '.ts'))
  const placed = inOrder(opened, banners, stages).map(each => ({
    ...each,
    declared: stageFunction(project, each.stage),
  }))
  project.resolveSourceFileDependencies()
  const ours = own.flatMap(each => each.getInterface('Parameters') ?? [])[0]
  const functions = placed.map(({ declared }) => declared)
  const doubles = doubleNames(functions, own)
  const wiring = new Wiring(boot, ours)
  for (const { stage, declared, following } of placed) {
    if (doubles.some(({ node }) => node === declared)) continue
    wiring.call(stage, declared, following?.start ?? boot.getBodyOrThrow().getEnd() - 1)
  }
  wiring.end()
  const firstImport = main.getImportDeclarations()[0]?.getStart() ?? 0
  const imports = wiring.called.map(each => ({
    at: firstImport,
    text: `import { ${each.getName()} } from '${specifierOf(main, each.getSourceFile())}'; `,
    standsFor: each.getNameNode() ?? each,
  }))
  addInMemory(main, [...imports, ...wiring.calls])
  const parameters = placed.flatMap(({ stage, declared }) =>
    ownParameters(declared.getSourceFile()).map(declaration => ({
      declaration,
      stage: siteStageName(stage),
    })),
  )
  const added = addParameters(
    ours,
    parameters.map(({ declaration }) => declaration),
  )
  return { faults: [...doubles.map(({ fault }) => fault), ...wiring.faults, ...added], parameters }
}
