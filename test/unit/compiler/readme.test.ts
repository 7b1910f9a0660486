// The page of the stage language is true: its examples compile to what stands beside them, its codes are all there are.
//   UPDATE=1 npm test -- compiler/readme    rewrites the shell of the examples
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Project, type SourceFile } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { machineTable } from '../../../generator/compiler/machine-table.ts'
import { root } from '../../../generator/compiler/root.ts'
import { compileTexts } from '../../support/stage-program.ts'
import { sections } from './both-worlds.ts'

const page = `${root}generator/compiler/README.md`
const pair = /```ts\n([\s\S]*?)```\n\n```sh\n([\s\S]*?)```/g
const text = readFileSync(page, 'utf8')
const examples = [...text.matchAll(pair)].map(([, ts = '', sh = '']) => ({ ts, sh }))
const project = new Project({ useInMemoryFileSystem: true })

/** Functions that the example does not call itself. */
function uncalled(source: SourceFile): string[] {
  return source
    .getFunctions()
    .map(each => each.getName() ?? '')
    .filter(name => !source.getFullText().split(`function ${name}(`).join('').includes(`${name}(`))
}

/** A main that calls the example, each result used. */
function mainFor(source: SourceFile): string {
  const record = source.getInterfaces()[0]?.getName()
  const calls = uncalled(source).map(name => {
    const declared = source.getFunctionOrThrow(name)
    const given = declared.getParameters().map(each => {
      const type = each.getTypeNode()?.getText()
      return type === 'string' ? `'x'` : type === 'number' ? '1' : 'made'
    })
    const call = `${name}(${given.join(', ')})`
    return declared.getReturnTypeNode()?.getText() === record && record !== undefined
      ? `const made = ${call}`
      : call
  })
  return `export function main(): void {\n  ${calls.join('\n  ')}\n}\n`
}

function compiled(ts: string): string {
  const source = project.createSourceFile('/example.ts', ts, { overwrite: true })
  const used = Object.keys(machineTable).filter(
    name => new RegExp(`\\b${name}\\(`).test(ts) && source.getFunction(name) === undefined,
  )
  const whole = `import { ${used.join(', ')} } from './machine.ts'\n\n${ts}\n${mainFor(source)}`
  const lines = sections(compileTexts('generator/compiler', { 'main.ts': whole })).split('\n')
  return `${lines.slice(2, lines.indexOf('main() {')).join('\n').trim()}\n`
}

for (const [index, { ts, sh }] of examples.entries()) {
  test(`example ${index + 1}: ${/function (\w+)/.exec(ts)?.[1]}`, () => {
    const came = compiled(ts)
    if (process.env.UPDATE !== '1')
      assert.fixture(came, sh, 'UPDATE=1 npm test -- compiler/readme takes it as it is now')
    else {
      const now = readFileSync(page, 'utf8')
      writeFileSync(
        page,
        now.replace(`${ts}\`\`\`\n\n\`\`\`sh\n${sh}`, () => `${ts}\`\`\`\n\n\`\`\`sh\n${came}`),
      )
    }
  })
}

test('no block of code goes without its example', () => {
  assert.ok(examples.length >= 9)
  assert.is(text.split('```').length - 1, examples.length * 4)
})

test('the codes of the page are those of the compiler', () => {
  const table = text.slice(text.indexOf('## What is refused'))
  const listed = [...table.matchAll(/^\| `([a-z-]+)` +\|/gm)].map(match => match[1] ?? '')
  const sources = readdirSync(`${root}generator/compiler`, { recursive: true, encoding: 'utf8' })
    .filter(file => file.endsWith('.ts'))
    .map(file => readFileSync(`${root}generator/compiler/${file}`, 'utf8'))
  const used = sources.flatMap(source => [
    ...[...source.matchAll(/(?:diagnosticAt|refuse)\(\s*[^,]+,\s*'([a-z-]+)'/g)].map(match => match[1] ?? ''),
    ...[...source.matchAll(/diagnosticAtText\(\s*\w+,\s*\w+,\s*[\w.]+,\s*'([a-z-]+)'/g)].map(
      match => match[1] ?? '',
    ),
  ])
  assert.equal(listed, [...new Set(used)].sort())
})

test.run()
