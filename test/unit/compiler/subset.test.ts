// Nothing outside of the list compiles: every kind of syntax that TypeScript's parser can make is allowed, or refused.
import { Node, Project, SyntaxKind } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkModules } from '../../../generator/compiler/check/modules.ts'
import { checkSyntax } from '../../../generator/compiler/check/syntax.ts'
import { buildModel } from '../../../generator/compiler/model.ts'
import { allowedSyntax } from '../../../generator/compiler/subset.ts'

/** Between them they hold every kind that is refused; each is a module of its own, below a `main`. */
const snippets = [
  // Modules.
  "import * as all from './a.ts'",
  "import assigned = require('./a.ts')",
  "import data from './a.json' with { type: 'json' }",
  "import defer * as late from './a.ts'",
  "export * as others from './a.ts'",
  "export * from './a.ts'",
  "export { a as b } from './a.ts'",
  'export default 3',
  'export = main',
  'export as namespace Shell',
  'namespace A { const b = 1 }',
  'declare module "a" { }',
  'declare global { }',
  'export default function f(): void {}',
  // Declarations.
  'class A<in T, out U> extends B implements C { static { } constructor(private readonly a: string) { super() } accessor b = 1; get c() { return 1 } set c(d) {} public e?: string; protected f!: number; override g() {} ; declare h: string; abstract i(): void }',
  'abstract class A { ; [key: string]: string }',
  '@decorated class A {}',
  'enum A { B = 1 }',
  'declare enum A {}',
  'const enum A {}',
  'type A = string',
  'declare const a: string',
  'function f(a?: string, ...b: string[]): void {}',
  'async function f(): Promise<void> { await g() ; for await (const a of b) {} }',
  'function* f(): Generator { yield 1 }',
  'function f<const T>(a: T): void {}',
  'function f(a: string): a is "b" {}',
  'function f(a: string): asserts a is "b" {}',
  'function f({ a, b: [c] }: A): void {}',
  'using a = b()',
  'await using a = b()',
  // Types.
  'let a: any; let b: unknown; let c: object; let d: symbol; let e: bigint; let f: null; let g: undefined',
  'let a: string | number; let b: A & B; let c: [string, number?, ...boolean[]]; let d: [a: string]; let e: (string)',
  'let a: () => void; let b: new () => A; let c: { a: string; b(): void; (): void; new (): A; readonly [k: string]: A; get d(): A; set d(e: A) }',
  'let a: typeof b; let c: keyof A; let d: A["b"]; let e: A extends infer B ? B : C; let f: unique symbol; let g: readonly A[]',
  'let a: { readonly [K in keyof A as B]?: A[K] }; let b: `a${string}b`; let c: "a"; let d: import("./a.ts").A; let e: this; let f: -1; let g: true; let h: ?string; let i: string!; let j: *',
  'let a: intrinsic; let b: abstract new () => A; let c: asserts; let d: A.B; let e: function(string): void',
  'let a: string?',
  // Statements.
  'function f(): void { for (let i = 0; i < 1; i++) {} for (const a in b) {} do {} while (c) ; a: while (b) { break a } }',
  'function f(): void { try { throw a } catch (b) {} finally {} with (c) {} debugger ; ; if (a) ; }',
  'function f(): void { var a = 1; { } ; <div>a</div> }',
  // Expressions.
  'const a = b!',
  'const a = b as string, c = <string>d, e = f satisfies string, g = h as const',
  'const a = b?.c, d = e?.[0], f = g?.()',
  'const a = b[0], c = { get d() { return 1 }, set d(e) {}, f() {}, [g]: 1, ...h, async i() {}, *j() {} }',
  'const a = [, ...b]',
  'const a = `b`, c = d`e`, f = /g/, h = 10n, i = null, j = this, k = super.l, m = new N(), o = import.meta, p = import("q"), r = new.target',
  'const a = typeof b, c = void d, e = function () {}, f = class {}',
  'const a = function* () { yield b }',
  'function f(): void { delete a.b; a++; --b; (c, d) }',
  'const a = async () => await b',
  'const a = b ** c, d = e & f, g = h | i, j = k ^ l, m = n << o, p = q >> r, s = t >>> u, v = ~w',
  'const a = b == c, d = e != f, g = h in i, j = k instanceof l, m = n ?? o',
  'function f(): void { a **= 1; a /= 1; a %= 1; a &= 1; a |= 1; a ^= 1; a <<= 1; a >>= 1; a >>>= 1; a ??= 1; a &&= 1; a ||= 1 }',
  'const a = b<string>, c = @d class {}',
  'class A { #b = 1; c() { return #b in this } }',
  'let a: out, b: in',
]

const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true })

/** Kinds of a snippet's tree, as the compiler walks it. */
function kindsIn(text: string): Set<SyntaxKind> {
  const source = project.createSourceFile('/kinds.ts', text, { overwrite: true })
  return new Set(source.forEachDescendantAsArray().map(node => node.getKind()))
}

/** Codes that the checks of syntax give to a module. */
function refusals(text: string): string[] {
  const main = project.createSourceFile('/main.ts', `export function main(): void {}\n${text}\n`, {
    overwrite: true,
  })
  const model = buildModel({ main, modules: [main], parameters: [] })
  return [...checkSyntax(model), ...checkModules(model, [])].map(({ code }) => code)
}

for (const snippet of snippets) {
  test(`refused: ${snippet.slice(0, 90)}`, () => {
    assert.ok(refusals(snippet).length > 0)
  })
}

test('a module of what is allowed is not refused', () => {
  assert.equal(
    refusals(
      "const a = 'b'\ninterface C { d: string }\nfunction f(g: string): void { if (g === a) { f(g) } }",
    ),
    [],
  )
})

/** Kinds that never stand in the tree of a .ts module, as TypeScript's own tables order and name them. */
function isOutOfTree(kind: SyntaxKind): boolean {
  const name = SyntaxKind[kind]
  return (
    // Trivia, and punctuation and keywords that are not nodes: brackets, commas, `if`, `of` and so on.
    kind <= SyntaxKind.LastTriviaToken ||
    (kind >= SyntaxKind.FirstPunctuation && kind <= SyntaxKind.LastPunctuation) ||
    (kind >= SyntaxKind.FirstKeyword && kind <= SyntaxKind.LastKeyword) ||
    // Comments with types, XML, and what transformations of the compiler make.
    /^(JSDoc|Jsx|FirstJSDoc|LastJSDoc|Synthetic|NotEmitted|Unparsed|Input|Bundle|PartiallyEmitted|CommaList|Count)/.test(
      name,
    ) ||
    ['EndOfDeclarationMarker', 'MergeDeclarationMarker', 'ImportTypeAssertionContainer'].includes(name) ||
    // Only where parsing failed, and load() stops on that.
    name === 'MissingDeclaration' ||
    name === 'NonTextFileMarkerTrivia'
  )
}

test('every kind is allowed, in a snippet that is refused, or never in a tree', () => {
  const seen = new Set(snippets.flatMap(snippet => [...kindsIn(snippet)]))
  const kinds = Object.values(SyntaxKind).filter((kind): kind is SyntaxKind => typeof kind === 'number')
  assert.ok(kinds.length > 380, 'the list of TypeScript is there')
  const unknown = kinds.filter(kind => !allowedSyntax.has(kind) && !seen.has(kind) && !isOutOfTree(kind))
  assert.equal(
    unknown.map(kind => SyntaxKind[kind]),
    [],
  )
})

test('each kind by itself is refused: what check() says does not hang on the snippet', () => {
  const missed: string[] = []
  for (const snippet of snippets) {
    const source = project.createSourceFile('/main.ts', `export function main(): void {}\n${snippet}\n`, {
      overwrite: true,
    })
    const model = buildModel({ main: source, modules: [source], parameters: [] })
    const found = checkSyntax(model)
    for (const node of source.forEachDescendantAsArray()) {
      if (allowedSyntax.has(node.getKind()) || Node.isCommentNode(node)) continue
      // It is in the list itself, or inside of something that is.
      const isCovered = found.some(
        ({ offset, length }) => offset <= node.getStart() && node.getEnd() <= offset + Math.max(length, 1),
      )
      if (!isCovered) missed.push(`${node.getKindName()} in ${snippet}`)
    }
  }
  assert.equal(missed, [])
})

test.run()
