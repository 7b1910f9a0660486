/** The boot with a site's own stages in it, as the simulator runs it. */
import { resolve } from 'node:path'
import { CompileError } from '../compiler/diagnostics.ts'
import { kernelParameters, load } from '../compiler/load.ts'
import { exportedStages } from '../compiler/project.ts'
import { stagesMain } from '../compiler/root.ts'
import type { SiteStage } from '../compiler/site-order.ts'
import { shippedBoot } from './boot-program.ts'
import { keepBoot, keptBoot } from './kept-boot.ts'
import type { BootProgram } from './transpile.ts'
import { transpileStages } from './transpile.ts'

const made = new Map<string, BootProgram>()

/** @throws CompileError with all that TypeScript finds in the site's stages */
export function bootWith(stages: SiteStage[]): BootProgram {
  if (stages.length === 0) return shippedBoot()
  const name = [stagesMain, ...stages.flatMap(({ path, after }) => [resolve(path), after])]
  const key = JSON.stringify(name)
  const known = made.get(key) ?? keptBoot(name)
  const program = known ?? readBoot(name, stages)
  made.set(key, program)
  return program
}

function readBoot(name: string[], stages: SiteStage[]): BootProgram {
  const { program, faults } = load(stagesMain, stages)
  if (faults.length > 0) throw new CompileError(faults)
  const modules = [program.main, ...program.modules.filter(each => each !== program.main)]
  const boot = {
    main: program.main.getFilePath(),
    parameters: kernelParameters(program),
    imports: Object.fromEntries(exportedStages()),
    ...transpileStages(new Map(modules.map(each => [each.getFilePath(), each.getFullText()]))),
  }
  const declaring = program.parameters.map(({ declaration }) => declaration.getSourceFile())
  keepBoot(name, [...new Set([...modules, ...declaring].map(each => each.getFilePath()))], boot)
  return boot
}
