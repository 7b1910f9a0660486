/** Stages to /init: load, check, lower, print, and ShellCheck at the end. */
import { readFileSync } from 'node:fs'
import { checkCalls } from './check/calls.ts'
import { checkNames } from './check/names.ts'
import { checkSyntax } from './check/syntax.ts'
import { CompileError } from './diagnostics.ts'
import { printFrame } from './frame.ts'
import type { Section } from './ir.ts'
import { load, root } from './load.ts'
import { lowerProgram } from './lower/program.ts'
import { parameterDefaults, parameterFunctions } from './lower/set-parameter.ts'
import { buildModel } from './model.ts'
import { type Parameter, readParameters } from './parameters.ts'
import type { Line } from './print/print.ts'
import { requireClean } from './shellcheck.ts'

export const stagesMain = `${root}generator/stages/main.ts`

/** The parameters' part of /init: defaults that a person can look up, and the functions that take what is given. */
function parameterSections(parameters: Parameter[]): Section[] {
  return [
    { title: 'kernel parameters', statements: parameterDefaults(parameters) },
    { title: 'taking a kernel parameter', statements: parameterFunctions(parameters) },
  ]
}

/** Compiles the stages and hands back /init line by line; throws CompileError with all that is wrong. */
export function compile(mainPath: string = stagesMain): Line[] {
  const program = load(mainPath)
  const parameters = readParameters(program.parameters)
  const model = buildModel(program)
  const checked = [...checkSyntax(model), ...checkNames(model, parameters), ...checkCalls(model)]
  if (checked.length > 0) throw new CompileError(checked)
  const { sections, helpers, diagnostics } = lowerProgram(model)
  if (diagnostics.length > 0) throw new CompileError(diagnostics)
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string }
  return printFrame({
    version,
    sections: [...parameterSections(parameters), ...sections],
    helpers: [...helpers, 'is_count', 'refuse_value'],
  })
}

/** The text of /init, approved by ShellCheck. */
export async function generateInit(mainPath: string = stagesMain): Promise<string> {
  const text = `${compile(mainPath)
    .map(line => line.text)
    .join('\n')}\n`
  await requireClean(text)
  return text
}
