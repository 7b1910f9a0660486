// Functions that share names: what the compiler takes means the same in TypeScript, where names are local, and in every
// shell, where they are not.
//   SEED=7 npm test -- shared-names     other programs
//   RUNS=5 npm test -- shared-names     five times as many
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { CompileError } from '../../../generator/compiler/diagnostics.ts'
import type { Line } from '../../../generator/compiler/print/print.ts'
import { needs } from '../../support/needs.ts'
import { shells } from '../../support/shells.ts'
import { compileTexts } from '../../support/stage-program.ts'
import { runInNode, runInShell, scriptOf } from './both-worlds.ts'
import { type Draw, madeUpModule } from './made-up-programs.ts'

const seed = Number(process.env.SEED ?? 20261128)
const count = 50 * Number(process.env.RUNS ?? 1)

/** Numbers by chance that are the same in each run (Marsaglia's xorshift32). */
function drawFrom(start: number): Draw {
  let state = start | 1
  return bound => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % bound
  }
}

/** A program of several modules, which `main` starts one after the other. */
function programOf(modules: Map<string, string>): Record<string, string> {
  const names = [...modules.keys()]
  const main = [
    "import { log } from './machine.ts'",
    ...names.map(name => `import { ${name}0 } from './${name}.ts'`),
    'export function main(): void {',
    ...names.flatMap(name => [`log('${name}')`, `${name}0()`]),
    '}',
  ]
  return {
    ...Object.fromEntries([...modules].map(([name, text]) => [`${name}.ts`, text])),
    'main.ts': main.join('\n'),
  }
}

/** The imports of a module that needs no more than these. */
function withImports(text: string): string {
  const used = ['log', 'succeeds', 'run', 'split', 'fields', 'start', 'waitFor'].filter(name =>
    text.includes(`${name}(`),
  )
  return used.length === 0 ? text : `import { ${used.join(', ')} } from './machine.ts'\n${text}`
}

/** Renames the variable that is declared at a place, in its function alone: what the help of a name-clash asks for. */
function renamed(text: string, offset: number, length: number, name: string): string {
  const start = text.lastIndexOf('function ', offset)
  const next = text.indexOf('\nfunction ', offset)
  const end = next === -1 ? text.length : next
  const variable = text.slice(offset, offset + length).replace(/:.*/, '')
  const body = text.slice(start, end).replaceAll(new RegExp(`\\b${variable}\\b`, 'g'), name)
  return text.slice(0, start) + body + text.slice(end)
}

const modules = new Map<string, string>()
for (let index = 0; index < count; index += 1)
  modules.set(`p${index}f`, withImports(madeUpModule(`p${index}f`, drawFrom(seed * 1000 + index * 7919 + 1))))
let renamings = 0

/** Compiles the programs as soon as the compiler takes them; a variable that it objects to gets another name. */
function compileMended(): Line[] {
  for (;;) {
    try {
      return compileTexts('test/unit/compiler/made-up', programOf(modules))
    } catch (error) {
      if (!(error instanceof CompileError)) throw error
      // From the end, so that the places before stay where they are.
      for (const { span, code, offset, length } of error.diagnostics.sort((a, b) => b.offset - a.offset)) {
        const name = /(p\d+f)\.ts$/.exec(span.file)?.[1] ?? ''
        const text = modules.get(name)
        if (code !== 'name-clash' || text === undefined) throw error
        renamings += 1
        modules.set(name, renamed(text, offset, length, `own${renamings}`))
      }
    }
  }
}

const lines = compileMended()
const node = await runInNode<{ main: () => void }>(programOf(modules), 'main.ts', ({ main }) => main())

/** How often a name of a module is a variable of one more function. */
function sharings(text: string): number {
  const names = text
    .split('\nfunction ')
    .flatMap(each => [...new Set(each.matchAll(/\b([a-f])(?=: string| of \[)/g))].map(([name]) => name))
  return names.length - new Set(names).size
}

test('some names are refused, and many are shared', () => {
  const shared = [...modules.values()].reduce((sum, text) => sum + sharings(text), 0)
  assert.ok(renamings > count, `${renamings} are refused in ${count} programs`)
  assert.ok(shared > count, `${shared} are shared in ${count} programs`)
})

test('the programs hold each form that takes or gives variables', () => {
  const all = [...modules.values()].join('\n')
  for (const form of [
    / = fields\(/,
    / = start\(/,
    /waitFor\(/,
    /\.\.\.split\(/,
    / \? .* : /,
    /log\(`\$\{p\d+f/,
    /of \[/,
    /while/,
  ])
    assert.ok(all.split(form).length > 20, `${form}`)
})

for (const shell of shells) {
  needs(test, { [shell.command[0]]: shell.package })(`${shell.name} does what TypeScript does`, () => {
    const ran = runInShell(shell, scriptOf(lines))
    const [right, seen] = [node.console.split('\n'), ran.console.split('\n')]
    const at = right.findIndex((line, index) => line !== seen[index])
    const program = right.slice(0, at).findLast(line => /: p\d+f$/.test(line))
    const name = /p\d+f/.exec(program ?? '')?.[0] ?? ''
    assert.is(seen[at], right[at], `SEED=${seed}, ${name}:\n${modules.get(name)}`)
    assert.equal(ran, node)
  })
}

test.run()
