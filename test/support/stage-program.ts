/** Stages made of texts, for tests of the compiler: the machine is the real one. */
import { relative } from 'node:path'
import type { Project } from 'ts-morph'
import { compile } from '../../generator/compiler/generate-init.ts'
import type { Line } from '../../generator/compiler/print/print.ts'
import { stageProject } from '../../generator/compiler/project.ts'
import { root } from '../../generator/compiler/root.ts'
import type { SiteStage } from '../../generator/compiler/site-order.ts'
import { leftOutByDefault, type PartName } from '../../generator/stages/api/parts.ts'

/** What the texts import as ./parameters.ts, unless they bring one: a parameter that nobody reads would be an error. */
const noParameters = 'export interface Parameters {}\n'

let shared: Project | undefined

/**
 * Compiles modules that are on no disk. TypeScript keeps what it knows of its library from one call to the next.
 * @param folder the path that they are shown at, relative to the checkout
 * @param files their texts by name; main.ts is where the boot begins
 */
export function compileTexts(
  folder: string,
  files: Record<string, string>,
  options: {
    main?: string
    siteStages?: SiteStage[]
    without?: readonly PartName[]
    programs?: ReadonlySet<string>
  } = {},
): Line[] {
  shared ??= stageProject()
  const project = shared
  const toRoot = relative(`${root}${folder}`, root)
  // Its parameters are those of the texts.
  const machine = `
    import type { Parameters } from './parameters.ts'
    export * from '${toRoot}/generator/stages/api/machine.ts'
    export declare const defaultParameters: () => Parameters
    export declare const setParameter: (parameters: Parameters, name: string, value: string) => void
    export declare const setFlag: (parameters: Parameters, name: string) => void
  `
  const all = { 'machine.ts': machine, 'parameters.ts': noParameters, ...files }
  for (const [name, text] of Object.entries(all)) {
    project.createSourceFile(`${root}${folder}/${name}`, text, { overwrite: true })
  }
  try {
    return compile({
      main: `${root}${folder}/${options.main ?? 'main.ts'}`,
      project,
      siteStages: options.siteStages ?? [],
      without: options.without ?? leftOutByDefault,
      ...(options.programs === undefined ? {} : { programs: options.programs }),
    })
  } finally {
    for (const source of project.getSourceFiles()) project.removeSourceFile(source)
  }
}
