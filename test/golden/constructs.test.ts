// Every construct of the stage language: constructs/NAME/input.ts becomes init.sh to the letter, and says the same
// under every shell as in Node.
//   UPDATE=1 npm test -- constructs    rewrites what is expected with what came out
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Project, SyntaxKind } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Line } from '../../generator/compiler/print/print.ts'
import { root } from '../../generator/compiler/root.ts'
import { allowedSyntax } from '../../generator/compiler/subset.ts'
import { needs } from '../support/needs.ts'
import { shells } from '../support/shells.ts'
import { compileTexts } from '../support/stage-program.ts'
import { type Outcome, runInNode, runInShell, scriptOf, sections } from '../unit/compiler/both-worlds.ts'

const folder = `${root}test/golden/constructs/`
const names = readdirSync(folder).sort()

const texts = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(`${folder}${name}`)
      .filter(file => file.endsWith('.ts'))
      .map(file => [file, readFileSync(`${folder}${name}/${file}`, 'utf8')]),
  )

const known = new Map<string, Line[]>()
function compiled(name: string): Line[] {
  const lines =
    known.get(name) ?? compileTexts(`test/golden/constructs/${name}`, texts(name), { main: 'input.ts' })
  known.set(name, lines)
  return lines
}

for (const name of names) {
  test(`${name} becomes the shell that is expected`, () => {
    const expected = `${folder}${name}/init.sh`
    const came = sections(compiled(name))
    if (process.env.UPDATE === '1') writeFileSync(expected, came)
    assert.fixture(
      came,
      readFileSync(expected, 'utf8'),
      'UPDATE=1 npm test -- constructs takes it as it is now',
    )
  })
}

/** Run in Node once, for all shells. */
const inNode = new Map<string, Outcome>()
async function nodeOutcome(name: string): Promise<Outcome> {
  const earlier = inNode.get(name)
  if (earlier !== undefined) return earlier
  const outcome = await runInNode<{ main(): void }>(texts(name), 'input.ts', module => module.main())
  assert.match(outcome.console, /\n/, `${name} says something`)
  inNode.set(name, outcome)
  return outcome
}

for (const shell of shells) {
  needs(test, { [shell.command[0]]: shell.package })(`${shell.name} does what TypeScript does`, async () => {
    for (const name of names) {
      assert.equal(runInShell(shell, scriptOf(compiled(name))), await nodeOutcome(name), name)
    }
  })
}

test('every kind of syntax that is allowed is in one of them', () => {
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true })
  const seen = new Set<SyntaxKind>([SyntaxKind.SourceFile, SyntaxKind.SyntaxList, SyntaxKind.EndOfFileToken])
  for (const name of names) {
    for (const [file, text] of Object.entries(texts(name))) {
      const source = project.createSourceFile(`/${name}/${file}`, text)
      for (const node of source.getDescendants()) seen.add(node.getKind())
    }
  }
  const missing = [...allowedSyntax].filter(kind => !seen.has(kind)).map(kind => SyntaxKind[kind])
  assert.equal(missing, [])
})

test.run()
