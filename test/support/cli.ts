import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))

/** Runs the CLI as a person calls it. */
export function cli(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...words], { encoding: 'utf8' })
  return { status, stdout, stderr }
}
