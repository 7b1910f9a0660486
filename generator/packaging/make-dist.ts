/**
 * Makes `dist/`, what the package runs: each module of generator/ as JavaScript under its own name, the files that they
 * read beside them, the types that a site imports, and /init of their stages, in which ShellCheck has found nothing. The same
 * sources give the same bytes.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { emitTypes } from './emit-types.ts'
import { addThirdParty, bundledImport } from './third-party.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const generator = join(root, 'generator')

/** Folders that only a checkout needs. */
const leftOut = ['packaging', 'docker']

const files = readdirSync(generator, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => join(entry.parentPath, entry.name).slice(generator.length + 1))
  .filter(path => !leftOut.includes(path.split('/')[0] ?? ''))
  .sort()

const modules = files.filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts'))

/** What modules read at run time: lists, recipes, patches. `bin.mjs` and its like start TypeScript in a checkout. */
const assets = files.filter(path => !/\.(ts|mjs)$/.test(path))

/** Every import stays an import: our own by the name that the module has in dist/, packages by theirs. */
const keepImports: Plugin = {
  name: 'keep imports',
  setup({ onResolve }) {
    onResolve({ filter: /.*/ }, ({ path, kind, importer }) => {
      if (kind === 'entry-point') return undefined
      const own = path.startsWith('.') ? path.replace(/\.ts$/, '.js') : path
      return { path: bundledImport(path, importer.slice(generator.length + 1)) ?? own, external: true }
    })
  },
}

async function compileModules(to: string): Promise<void> {
  await build({
    entryPoints: modules.map(path => join(generator, path)),
    outbase: generator,
    outdir: to,
    bundle: true,
    plugins: [keepImports],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    logLevel: 'warning',
  })
  for (const path of modules) {
    const text = readFileSync(join(to, path.replace(/\.ts$/, '.js')), 'utf8')
    // There is no such file in dist/: the stages, which the compiler reads, lie in generator/stages of the package.
    if (/new URL\(\s*["'`][^"'`]*\.ts["'`]/.test(text))
      throw new Error(`${path} looks for a .ts file beside itself`)
  }
}

/** Keeps the /init that the package makes of its own stages, when ShellCheck has found nothing in it. */
async function keepCheckedInit(dist: string): Promise<void> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(dist, 'commands/cli.js'), 'generate'],
    {
      // A ShellCheck that is here, if one is, and WebAssembly: nothing is fetched.
      env: { ...process.env, ARIA2_INITRD_SHELLCHECK: 'installed', XDG_CACHE_HOME: join(dist, 'no-cache') },
    },
  )
  rmSync(join(dist, 'no-cache'), { recursive: true, force: true })
  if (status !== 0) throw new Error(stderr.toString())
  const { initSubject } = (await import(join(dist, 'compiler/kept-init.js'))) as {
    initSubject: () => string
  }
  const checked = { subject: initSubject(), init: stdout.toString() }
  writeFileSync(join(dist, 'checked.json'), `${JSON.stringify(checked)}\n`)
}

async function makeDist(): Promise<void> {
  const fresh = mkdtempSync(join(root, 'dist.tmp-'))
  try {
    await compileModules(fresh)
    await addThirdParty(root, fresh)
    for (const path of assets) cpSync(join(generator, path), join(fresh, path))
    emitTypes(root, fresh)
    await keepCheckedInit(fresh)
    rmSync(join(root, 'dist'), { recursive: true, force: true })
    renameSync(fresh, join(root, 'dist'))
  } finally {
    rmSync(fresh, { recursive: true, force: true })
  }
}

await makeDist()
