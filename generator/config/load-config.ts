import { existsSync } from 'node:fs'
import { dirname, extname, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BuildFailure, build } from 'esbuild'
import { CommandError } from '../host/console/command-error.ts'
import { checkSourceSize } from '../host/files/source-size.ts'
import { type BuildConfig, configName } from './build-config.ts'
import { checkConfig } from './check-config.ts'

/** TypeScript in a checkout, JavaScript in the package: as this module is. */
const ownModule = fileURLToPath(new URL(`./build-config${extname(import.meta.url)}`, import.meta.url))

/**
 * One JavaScript module from the file and all that it imports. So a site's folder needs neither a package.json nor this
 * package in a node_modules of its own.
 */
async function bundled(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    alias: { 'aria2-initrd/config': ownModule },
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(path).href) },
  })
  return outputFiles[0]?.text ?? ''
}

/** What is wrong with the file, with its line where that is known. */
function reason(error: unknown): string {
  const [first] = (error as BuildFailure).errors ?? []
  if (first === undefined) return error instanceof Error ? error.message : String(error)
  const { location, text } = first
  return location === null ? text : `line ${location.line}, column ${location.column + 1}: ${text}`
}

/** The site's configuration: `given`, or the file in the current folder, or nothing. @throws CommandError */
export async function loadConfig(given?: string): Promise<BuildConfig> {
  const file = given ?? configName
  const path = resolve(file)
  if (!existsSync(path)) {
    if (given === undefined) return {}
    throw new CommandError(`no such configuration file: ${file}`, `name one, such as ${configName}`)
  }
  checkSourceSize(path)
  let loaded: { default?: unknown }
  try {
    loaded = await import(`data:text/javascript,${encodeURIComponent(await bundled(path))}`)
  } catch (error) {
    throw new CommandError(
      `${file}: ${reason(error)}`,
      'correct the file; its keys are those of defineConfig',
    )
  }
  return checkConfig(loaded.default, file, dirname(path))
}
