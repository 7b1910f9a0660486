/** The boot as the simulator runs it: the stages' functions, and the kernel parameters that they declare. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { openedStages } from '../compiler/boot.ts'
import { type Parameter, parametersOf } from '../compiler/parameters.ts'
import { isApi, root, stagesMain } from '../compiler/root.ts'
import { parse, typescript } from '../compiler/typescript.ts'
import { keepBoot, keptBoot } from './kept-boot.ts'
import { type BootProgram, transpileStages } from './transpile.ts'

/** Modules of the stages by their paths, main.ts first: all that it imports, but for the machine and the parameters. */
function readModules(main: string): Map<string, string> {
  const { isImportDeclaration, isStringLiteral } = typescript()
  const modules = new Map<string, string>()
  const visit = (path: string): void => {
    if (modules.has(path)) return
    const text = readFileSync(path, 'utf8')
    modules.set(path, text)
    for (const statement of parse(path, text).statements) {
      if (!isImportDeclaration(statement) || !isStringLiteral(statement.moduleSpecifier)) continue
      const name = statement.moduleSpecifier.text
      if (name.startsWith('.') && !isApi(name)) visit(resolve(dirname(path), name))
    }
  }
  visit(main)
  return modules
}

/** Where our kernel parameters are declared. */
const parametersPath = `${root}generator/stages/parameters/parameters.ts`

function readBoot(): { program: BootProgram; files: string[] } {
  const { isInterfaceDeclaration } = typescript()
  const main = resolve(stagesMain)
  const texts = readModules(main)
  const stages = (openedStages(parse(main, texts.get(main) ?? '')) ?? []).map(({ name }) => name)
  const declaration = parse(parametersPath, readFileSync(parametersPath, 'utf8'))
    .statements.filter(isInterfaceDeclaration)
    .find(each => each.name.text === 'Parameters')
  if (declaration === undefined) throw new Error('parameters.ts declares no Parameters')
  return {
    program: { main, parameters: parametersOf(declaration, '', stages), ...transpileStages(texts) },
    files: [...texts.keys(), parametersPath],
  }
}

let shipped: BootProgram | undefined

/** The boot as it is shipped. */
export function shippedBoot(): BootProgram {
  if (shipped !== undefined) return shipped
  shipped = keptBoot([stagesMain])
  if (shipped === undefined) {
    const { program, files } = readBoot()
    shipped = program
    keepBoot([stagesMain], files, program)
  }
  return shipped
}

let inUse: BootProgram | undefined

/** The boot that commands speak of: ours, unless a site has stages of its own. */
export const currentBoot = (): BootProgram => inUse ?? shippedBoot()

export function speakOf(program: BootProgram): void {
  inUse = program
}

/** The kernel parameters that /init knows. */
export const declaredParameters = (): Parameter[] => currentBoot().parameters
