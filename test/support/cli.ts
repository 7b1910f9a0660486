import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))

interface Ended {
  status: number | null
  stdout: string
  stderr: string
}

/** Runs the CLI as a person calls it, with these variables besides this process's own. */
export function cliWith(environment: NodeJS.ProcessEnv, ...words: string[]): Ended {
  const env = { ...process.env, ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8', env })
  return { status, stdout, stderr }
}

/** Runs the CLI as a person calls it. */
export const cli = (...words: string[]): Ended => cliWith({}, ...words)
