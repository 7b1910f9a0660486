/**
 * A library that dist/ brings with it, in one file with its licence. As a dependency node-liblzma would be compiled
 * where the package is installed, although it brings its library built: npm compiles what holds a binding.gyp.
 */
import { cpSync } from 'node:fs'
import { join, posix } from 'node:path'
import { build } from 'esbuild'

/** Where it lies in dist/: it looks for its prebuilds beside its own folder. */
const folder = 'third-party/node-liblzma'
const bundle = `${folder}/lib/lzma.js`

/** For the one machine that can build images. */
const prebuilt = 'prebuilds/linux-x64'

/** How a module of dist/ imports it; undefined for anything else. */
export function bundledImport(name: string, from: string): string | undefined {
  if (name !== 'node-liblzma') return undefined
  return posix.relative(posix.dirname(from), bundle).replace(/^(?!\.)/, './')
}

export async function addThirdParty(root: string, dist: string): Promise<void> {
  const installed = join(root, 'node_modules/node-liblzma')
  await build({
    entryPoints: [join(installed, 'lib/lzma.js')],
    outfile: join(dist, bundle),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    logLevel: 'error',
    external: ['node-gyp-build'],
  })
  for (const path of ['LICENSE', prebuilt]) {
    cpSync(join(installed, path), join(dist, folder, path), { recursive: true })
  }
}
