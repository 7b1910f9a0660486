import { fileURLToPath } from 'node:url'

/** The folder of the checkout, or of the package: what file names in messages are relative to. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** The module whose `main` is PID 1. */
export const stagesMain = `${root}generator/stages/main.ts`
