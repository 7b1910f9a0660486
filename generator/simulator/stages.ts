/** The stages' functions, as they run in tests: they act on the machine of `runOn`. */
import { dirname, resolve } from 'node:path'
import { Script } from 'node:vm'
import * as machine from '../stages/api/machine.ts'
import * as parts from '../stages/api/parts.ts'
import { captured } from './captured.ts'
import type { BootProgram } from './transpile.ts'

/** A function of a stage, exported or not. */
export type StageFunction = (...values: unknown[]) => unknown

const loaded = new WeakMap<BootProgram, Map<string, StageFunction>>()

/** What is no stage, by the name that a module imports it by. */
function apiOf(name: string): object | undefined {
  const [, api] = /(?:^|\/)(machine|parts)(?:\.[jt]s)?$/.exec(name) ?? []
  return api === 'machine' ? machine : api === 'parts' ? parts : undefined
}

/** All functions of a boot by their names; `main` is the boot. */
export function stageFunctions(program: BootProgram): Map<string, StageFunction> {
  const known = loaded.get(program)
  if (known !== undefined) return known
  const functions = new Map<string, StageFunction>()
  const evaluated = new Map<string, object>()
  const returnsText = new Set(program.returnsText)

  const evaluate = (path: string): object => {
    const present = evaluated.get(path)
    if (present !== undefined) return present
    const module = program.modules[path]
    if (module === undefined) throw new Error(`${path} is not a stage`)
    const exports = {}
    evaluated.set(path, exports)
    const wrapped = `(function (exports, require, captured) {${module.javaScript}\nreturn { ${module.functions.join(', ')} } })`
    const requireStage = (name: string): object =>
      apiOf(name) ?? evaluate(program.imports?.[name] ?? resolve(dirname(path), name))
    const own = new Script(wrapped, { filename: path }).runInThisContext()(exports, requireStage, captured)
    for (const [name, stage] of Object.entries(own as Record<string, StageFunction>)) {
      functions.set(name, returnsText.has(name) ? (...values) => captured(stage(...values) as string) : stage)
    }
    return exports
  }
  evaluate(program.main)
  loaded.set(program, functions)
  return functions
}
