/** TypeScript as ts-morph brings it. Reading it takes half a second, which nobody pays who finds all in the cache. */
import { createRequire } from 'node:module'
import type { ts } from 'ts-morph'

const require = createRequire(import.meta.url)

export function typescript(): typeof ts {
  return (require('ts-morph') as typeof import('ts-morph')).ts
}

/** A file as syntax, without types. */
export function parse(path: string, text: string): ts.SourceFile {
  const { createSourceFile, ScriptTarget } = typescript()
  return createSourceFile(path, text, ScriptTarget.ES2022, true)
}
