/** Stages as JavaScript: as written, but that the text which a stage function returns has been through `$( )`. */
import type { ts } from 'ts-morph'
import type { Parameter } from '../compiler/declared-parameters.ts'
import { parse, typescript } from '../compiler/typescript.ts'

/** A module of the stages, ready to run. */
export interface StageModule {
  javaScript: string
  /** All its functions, exported or not. */
  functions: string[]
}

export interface StageModules {
  /** By their paths; the first is main.ts. */
  modules: Record<string, StageModule>
  /** Functions that return text. */
  returnsText: string[]
}

/** What a boot is made of, as text: it can be kept in a file. */
export interface BootProgram extends StageModules {
  main: string
  parameters: Parameter[]
  /** Modules that a site's stage imports by name, such as `aria2-initrd/network`. */
  imports?: Record<string, string>
}

const functionsOf = (source: ts.SourceFile): ts.FunctionDeclaration[] =>
  source.statements.filter(typescript().isFunctionDeclaration)

/** Puts `captured(…)` around every call of a function that returns text. */
function capturing(names: ReadonlySet<string>): ts.TransformerFactory<ts.SourceFile> {
  const { visitEachChild, isCallExpression, isIdentifier } = typescript()
  return context => {
    const visit = (node: ts.Node): ts.Node => {
      const visited = visitEachChild(node, visit, context)
      if (!isCallExpression(visited) || !isIdentifier(visited.expression)) return visited
      if (!names.has(visited.expression.text)) return visited
      return context.factory.createCallExpression(context.factory.createIdentifier('captured'), undefined, [
        visited,
      ])
    }
    return source => visitEachChild(source, visit, context)
  }
}

/** Makes JavaScript of the stages, whose texts are given by their paths. */
export function transpileStages(texts: Map<string, string>): StageModules {
  const { SyntaxKind, transpileModule, ScriptTarget, ModuleKind } = typescript()
  const sources = [...texts].map(([path, text]) => ({ path, source: parse(path, text) }))
  const returnsText = new Set(
    sources
      .flatMap(({ source }) => functionsOf(source))
      .filter(({ type }) => type?.kind === SyntaxKind.StringKeyword)
      .map(({ name }) => name?.text ?? ''),
  )
  const modules = sources.map(({ path, source }): [string, StageModule] => {
    const { outputText } = transpileModule(source.text, {
      fileName: path,
      compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.CommonJS },
      transformers: { before: [capturing(returnsText)] },
    })
    return [
      path,
      { javaScript: outputText, functions: functionsOf(source).map(({ name }) => name?.text ?? '') },
    ]
  })
  return { modules: Object.fromEntries(modules), returnsText: [...returnsText] }
}
