// The page of the stage language is true: its examples compile to what stands beside them, its codes are all there are.
//   UPDATE=1 npm test -- readme/stage-language    rewrites the shell of the examples
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { Project, type SourceFile } from 'ts-morph'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { catalogue } from '../../generator/compiler/diagnostics/catalogue.ts'
import { machineTable } from '../../generator/compiler/machine-table.ts'
import { root } from '../../generator/compiler/root.ts'
import { compileTexts } from '../support/stage-program.ts'
import { sections } from '../unit/compiler/both-worlds.ts'

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
  return `${lines
    .slice(
      2,
      lines.findIndex(line => line.startsWith('main() {')),
    )
    .join('\n')
    .trim()}\n`
}

/** A table's cell: a bar would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|')

function codesTable(): string {
  const rows = Object.entries(catalogue).map(([code, { means, why }]) => [
    `\`${code}\``,
    cell(means),
    cell(why),
  ])
  const head = ['code', 'what it means', 'why']
  const line = (cells: string[]): string => `| ${cells.join(' | ')} |\n`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('')
}

for (const [index, { ts, sh }] of examples.entries()) {
  test(`example ${index + 1}: ${/function (\w+)/.exec(ts)?.[1]}`, () => {
    const came = compiled(ts)
    if (process.env.UPDATE !== '1')
      assert.fixture(came, sh, 'UPDATE=1 npm test -- readme/stage-language takes it as it is now')
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

test('the table of codes is made from the catalogue', () => {
  const between = /(<!-- codes -->\n)[\s\S]*(<!-- \/codes -->)/
  const now = readFileSync(page, 'utf8')
  const wanted = now.replace(between, (_all, start, end) => `${start}${codesTable()}${end}`)
  if (process.env.UPDATE === '1') writeFileSync(page, wanted)
  else assert.ok(wanted === now, 'UPDATE=1 npm test -- readme/stage-language rewrites it')
})

test('codes and sentences stand in the catalogue alone', () => {
  assert.equal(Object.keys(catalogue), Object.keys(catalogue).sort(), 'people look codes up')
  const sources = readdirSync(`${root}generator/compiler`, { recursive: true, encoding: 'utf8' }).filter(
    file => file.endsWith('.ts') && !file.startsWith('diagnostics/'),
  )
  assert.ok(sources.length > 30)
  for (const file of sources) {
    const source = readFileSync(`${root}generator/compiler/${file}`, 'utf8')
    const own = [...source.matchAll(/\bcode: ['"`](?!ts\$|SC\$)/g)]
    assert.equal(own.map(String), [], file)
  }
})

test.run()
