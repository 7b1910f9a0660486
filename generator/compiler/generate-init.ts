/** Stages to /init: load, check, lower, print, and ShellCheck at the end. */
import { readFileSync } from 'node:fs'
import type { Project } from 'ts-morph'
import { leftOutByDefault, type PartName } from '../stages/api/parts.ts'
import { checkCalls } from './check/calls.ts'
import { checkFlow } from './check/flow.ts'
import { checkLiterals } from './check/literals.ts'
import { checkModules } from './check/modules.ts'
import { checkNames } from './check/names.ts'
import { checkParameters } from './check/parameter-types.ts'
import { checkPrograms } from './check/program-names.ts'
import { checkRecords } from './check/records.ts'
import { checkScopes } from './check/scopes.ts'
import { checkSyntax } from './check/syntax.ts'
import { checkValues } from './check/value-types.ts'
import { checkWidth } from './check/width.ts'
import type { Parameter } from './declared-parameters.ts'
import { CompileError, type Diagnostic, OwnStagesError, withoutEchoes } from './diagnostics.ts'
import { printFrame } from './frame.ts'
import type { Section } from './ir.ts'
import { kernelParameters, load, type Program } from './load.ts'
import { lowerProgram } from './lower/program.ts'
import { markKnownSeparators } from './lower/separators.ts'
import { parameterDefaults, parameterFunction, parameterHelpers } from './lower/set-parameter.ts'
import { buildModel } from './model.ts'
import { parametersWithout } from './parts/parameters-without.ts'
import type { Line } from './print/print.ts'
import { root, stagesMain } from './root.ts'
import { requireClean } from './shellcheck/gate.ts'
import type { SiteStage } from './site-order.ts'

/** The parameters' part of /init: defaults that a person can look up, and the function that takes what is given. */
const parameterSection = (parameters: Parameter[]): Section => ({
  title: 'kernel parameters',
  statements: [...parameterDefaults(parameters), parameterFunction(parameters)],
})

export interface CompileOptions {
  /** The module whose `main` is PID 1. */
  main?: string
  siteStages?: SiteStage[]
  /** Parts of the boot that are left out. */
  without?: readonly PartName[]
  /** The names of the programs that the image will hold; where they are not given, stages may call any. */
  programs?: ReadonlySet<string>
  /** Where the modules come from, when not from the disk alone. */
  project?: Project
}

/**
 * Compiles the stages and hands back /init line by line.
 * @throws CompileError with all that is wrong in them; OwnStagesError where none of it can be the site's doing
 */
export function compile(options: CompileOptions = {}): Line[] {
  try {
    return compileStages(options)
  } catch (error) {
    if (error instanceof CompileError && options.main === undefined && areOwnStagesBroken(options))
      throw new OwnStagesError(error)
    throw error
  }
}

/** In a checkout whoever changes a stage wants to read what is wrong with it; at a site nobody can help it. */
const isPackage = !import.meta.url.endsWith('.ts')

function areOwnStagesBroken({ siteStages = [], without = leftOutByDefault }: CompileOptions): boolean {
  if (!isPackage) return false
  if (siteStages.length === 0) return true
  try {
    compileStages({ without })
    return false
  } catch {
    return true
  }
}

/** What our rules find, and what the stages become. */
function judged(program: Program, parameters: Parameter[], programs?: ReadonlySet<string>) {
  const model = buildModel(program)
  const checked = [
    ...checkSyntax(model),
    ...checkModules(model, parameters),
    ...checkScopes(model),
    ...checkValues(model),
    ...checkLiterals(model),
    ...checkNames(model, parameters, programs),
    ...checkRecords(model),
    ...checkCalls(model),
    ...checkParameters(model, parameters),
    ...checkFlow(model, parameters),
    ...checkPrograms(model, programs),
  ]
  const lowered = lowerProgram(model)
  return { ...lowered, model, diagnostics: [...checked, ...lowered.diagnostics] }
}

/** What follows from a name that could not be read, or from a call that is missing because of that. */
function isConsequence({ code, message, isAdded }: Diagnostic): boolean {
  return (
    isAdded === true ||
    ['not-called', 'unread', 'unknown-call'].includes(code) ||
    (code === 'type' && / of type any$/.test(message))
  )
}

/** Of stages that TypeScript refuses, what our rules find besides; where they make no sense to them either, nothing. */
function foundBesides(
  program: Program,
  parameters: Parameter[],
  programs?: ReadonlySet<string>,
): Diagnostic[] {
  try {
    const { diagnostics } = judged(program, parameters, programs)
    return withoutEchoes(diagnostics).filter(each => !isConsequence(each))
  } catch {
    return []
  }
}

function compileStages({
  main = stagesMain,
  siteStages = [],
  without = leftOutByDefault,
  programs,
  project,
}: CompileOptions): Line[] {
  const { program, faults } = load(main, siteStages, project, without)
  const parameters = parametersWithout(kernelParameters(program), without)
  if (faults.length > 0)
    throw new CompileError(withoutEchoes([...faults, ...foundBesides(program, parameters, programs)]))
  const { model, sections, helpers, diagnostics } = judged(program, parameters, programs)
  const found = withoutEchoes(diagnostics)
  if (found.length > 0) throw new CompileError(found)
  markKnownSeparators(sections)
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
  const lines = printFrame({
    version,
    sections: [parameterSection(parameters), ...sections],
    helpers: [...helpers, ...parameterHelpers(parameters)],
    without,
  })
  const wide = checkWidth(lines, model)
  if (wide.length > 0) throw new CompileError(wide)
  return lines
}

export const textOf = (lines: Line[]): string => `${lines.map(line => line.text).join('\n')}\n`

/** The text of /init, approved by ShellCheck. */
export async function generateInit(options: CompileOptions = {}): Promise<string> {
  const text = textOf(compile(options))
  await requireClean(text)
  return text
}
