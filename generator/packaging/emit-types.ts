/** The types of what package.json exports, for a site's own TypeScript. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** Writes a .d.ts file for each of them, and for what they import. @throws Error where they do not type-check */
export function emitTypes(root: string, dist: string): void {
  const program = ts.createProgram(exportedModules(root), {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
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
  const write: ts.WriteFileCallback = (path, text) =>
    ts.sys.writeFile(path, text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'"))
  const { diagnostics } = program.emit(undefined, write)
  const found = [...ts.getPreEmitDiagnostics(program), ...diagnostics]
  if (found.length > 0) throw new Error(ts.flattenDiagnosticMessageText(found[0]?.messageText, '\n'))
}
