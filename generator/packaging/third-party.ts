/**
 * Two libraries that dist/ brings with it, each in one file with its licences. As dependencies they would be a burden
 * where the package is installed: bittorrent-tracker brings a WebRTC library, for browsers that no node is, which
 * compiles or downloads native code; node-liblzma is compiled by npm although it brings its library built.
 */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { build, type Plugin } from 'esbuild'

interface Bundle {
  /** Where it lies in dist/. */
  file: string
  exports: string
  banner?: string
}

/** By the names that our modules import. */
const bundles: Record<string, Bundle> = {
  'bittorrent-tracker/server': {
    file: 'third-party/bittorrent-tracker/server.js',
    exports: '{ default }',
    // Some of its parts are CommonJS and ask for Node's own modules.
    banner: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  // It looks for its prebuilds beside its own folder.
  'node-liblzma': { file: 'third-party/node-liblzma/lib/lzma.js', exports: '*' },
}

/** What is a dependency of ours in any case. */
const external = ['bencode', 'node-gyp-build']

/** The tracker speaks HTTP alone here. */
const noWebSocket: Plugin = {
  name: 'no WebSocket',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^ws$/ }, ({ path }) => ({ path, namespace: 'none' }))
    onLoad({ filter: /.*/, namespace: 'none' }, () => ({ contents: 'export class WebSocketServer {}' }))
  },
}

/** How a module of dist/ imports one of them; undefined for anything else. */
export function bundledImport(name: string, from: string): string | undefined {
  const bundle = bundles[name]
  return bundle === undefined
    ? undefined
    : posix.relative(posix.dirname(from), bundle.file).replace(/^(?!\.)/, './')
}

/** The licence of a package as its folder has it, below its name. */
function licence(folder: string): string {
  const text = readFileSync(join(folder, 'package.json'), 'utf8')
  const { name, version, license } = JSON.parse(text) as Record<string, string>
  const file = readdirSync(folder).find(each => /^licen[cs]e(\.|$)/i.test(each))
  const terms = file === undefined ? `Licence: ${license}` : readFileSync(join(folder, file), 'utf8').trim()
  return `== ${name} ${version}\n\n${terms}\n`
}

/** Writes the libraries and the licences of all that is in them. */
export async function addThirdParty(root: string, dist: string): Promise<void> {
  for (const [name, { file, exports, banner }] of Object.entries(bundles)) {
    const { metafile } = await build({
      stdin: { contents: `export ${exports} from '${name}'`, resolveDir: root },
      absWorkingDir: root,
      outfile: join(dist, file),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'error',
      metafile: true,
      external,
      plugins: [noWebSocket],
      ...(banner === undefined ? {} : { banner: { js: banner } }),
    })
    const folders = Object.keys(metafile.inputs).flatMap(
      path => path.match(/^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1] ?? [],
    )
    const licences = [...new Set(folders)].sort().map(folder => licence(join(root, folder)))
    const [, folder = ''] = file.split('/')
    writeFileSync(join(dist, 'third-party', folder, 'LICENSES'), licences.join('\n'))
  }
  const prebuilt = 'prebuilds/linux-x64'
  cpSync(
    join(root, 'node_modules/node-liblzma', prebuilt),
    join(dist, 'third-party/node-liblzma', prebuilt),
    {
      recursive: true,
    },
  )
}
