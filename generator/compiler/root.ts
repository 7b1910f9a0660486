import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout, or of the package: what file names in messages are relative to. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The module whose `main` is PID 1. */
export const stagesMain = `${root}generator/stages/main.ts`

/** Whether a module is what stages import and the compiler has its own understanding of; by its path or its import. */
export const isApi = (path: string): boolean =>
  ['machine.ts', 'parameters.ts', 'parts.ts'].includes(basename(path))
