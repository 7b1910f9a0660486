/** The boot as the simulator runs it: the stages' functions, and the kernel parameters that they declare. */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ts } from 'ts-morph'
import { chaptersOf, type Parameter, parametersOf } from '../compiler/declared-parameters.ts'
import { openedStages } from '../compiler/opened-stages.ts'
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

/** The interface that joins our kernel parameters. */
const parameterTable = { path: `${root}generator/stages/parameters/parameters.ts`, name: 'Parameters' }

function readInterface({ path, name }: { path: string; name: string }): ts.InterfaceDeclaration {
  const declaration = parse(path, readFileSync(path, 'utf8'))
    .statements.filter(typescript().isInterfaceDeclaration)
    .find(each => each.name.text === name)
  if (declaration === undefined) throw new Error(`${path} declares no ${name}`)
  return declaration
}

function readBoot(): { program: BootProgram; files: string[] } {
  const main = resolve(stagesMain)
  const texts = readModules(main)
  const stages = (openedStages(parse(main, texts.get(main) ?? '')) ?? []).map(({ name }) => name)
  const chapters = chaptersOf(readInterface(parameterTable)).map(({ module, name }) => ({
    path: resolve(dirname(parameterTable.path), module),
    name,
  }))
  const parameters = chapters.flatMap(each => parametersOf(readInterface(each), '', stages))
  return {
    program: { main, parameters, ...transpileStages(texts) },
    files: [...texts.keys(), parameterTable.path, ...chapters.map(({ path }) => path)],
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
