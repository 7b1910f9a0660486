/** TypeScript as the stages are written in it: strict, with the language alone and nothing of Node or a browser. */
import { readFileSync } from 'node:fs'
import { Project, ts } from 'ts-morph'
import { root } from './root.ts'

/** The stages that a site's stage may import, as package.json exports them: `aria2-initrd/network` and so on. */
export function exportedStages(): Map<string, string> {
  const { name, exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as {
    name: string
    exports: Record<string, { types: string }>
  }
  return new Map(
    Object.entries(exports)
      .filter(([, { types }]) => types.startsWith('./dist/stages/'))
      .map(([path, { types }]) => [
        `${name}${path.slice(1)}`,
        `${root}generator/${types.slice('./dist/'.length).replace(/\.d\.ts$/, '.ts')}`,
      ]),
  )
}

export function stageProject(): Project {
  return new Project({
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      lib: ['lib.es2022.d.ts'],
      types: [],
      strict: true,
      noEmit: true,
      allowImportingTsExtensions: true,
      paths: Object.fromEntries([...exportedStages()].map(([name, path]) => [name, [path]])),
      noImplicitReturns: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
    },
    skipAddingFilesFromTsConfig: true,
  })
}
