/** The types of what package.json exports, for a site's own TypeScript. */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import ts from 'typescript'

/** The modules that package.json exports, as they are called in generator/. */
function exportedModules(root: string): string[] {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string }>
  }
  return Object.values(exports).map(({ types }) =>
    join(root, types.replace(/^\.\/dist\//, 'generator/').replace(/\.d\.ts$/, '.ts')),
  )
}

/** Writes a .d.ts file for each of them, and for what it imports. @throws Error where they do not type-check */
export function emitTypes(root: string, dist: string): void {
  const exported = exportedModules(root)
  const program = ts.createProgram(exported, {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    // The simulator runs in Node; its types are not for sites, which may lack those of Node.
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    verbatimModuleSyntax: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    rootDir: join(root, 'generator'),
    outDir: dist,
  })
  const texts = new Map<string, string>()
  const { diagnostics } = program.emit(undefined, (path, text) =>
    texts.set(resolve(path), text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'")),
  )
  const found = [...ts.getPreEmitDiagnostics(program), ...diagnostics]
  if (found.length > 0) throw new Error(ts.flattenDiagnosticMessageText(found[0]?.messageText, '\n'))
  const typesOf = (path: string) =>
    join(dist, path.slice(join(root, 'generator').length)).replace(/\.ts$/, '.d.ts')
  const wanted = new Set(exported.map(typesOf))
  for (const path of wanted) {
    const text = texts.get(path)
    if (text === undefined) throw new Error(`no types were made for ${path}`)
    ts.sys.writeFile(path, text)
    for (const [, name = ''] of text.matchAll(/from '(\.[^']*)\.js'/g))
      wanted.add(resolve(dirname(path), `${name}.d.ts`))
  }
}
