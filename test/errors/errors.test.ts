// Each refusal has a folder, CODE-WHAT/: input.ts, and expected.txt with all that the compiler says of it. A folder with a
// site's stage alone has the boot of site-boot.ts around it.
//   UPDATE=1 npm test -- errors    rewrites the expected texts with what came out
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SyntaxKind } from 'ts-morph'
import { catalogue } from '../../generator/compiler/diagnostics/catalogue.ts'
import { CompileError } from '../../generator/compiler/diagnostics.ts'
import { root } from '../../generator/compiler/root.ts'
import { packedPrograms } from '../../generator/image/packed-programs.ts'
import { compileTexts } from '../support/stage-program.ts'

const folder = `${root}test/errors/`
const siteBoot = readFileSync(`${folder}site-boot.ts`, 'utf8')

function refusal(name: string): string {
  const files: Record<string, string> = { 'input.ts': siteBoot }
  for (const file of readdirSync(`${folder}${name}`, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.ts')) files[file] = readFileSync(`${folder}${name}/${file}`, 'utf8')
  }
  try {
    // A site.ts is a site's own stage.
    const siteStages = 'site.ts' in files ? [{ path: `${folder}${name}/site.ts`, after: 'one' }] : []
    delete files['site.ts']
    compileTexts(`test/errors/${name}`, files, {
      main: 'input.ts',
      siteStages,
      programs: packedPrograms(),
      // An image without the part that a parameter belongs to.
      without: name.startsWith('left-out') ? ['debug'] : [],
    })
  } catch (error) {
    if (!(error instanceof CompileError)) throw error
    return `${error.message}\nhelp: ${error.help}\n`
  }
  throw new Error(`test/errors/${name}/input.ts compiles: it should be refused`)
}

const cases = readdirSync(folder, { withFileTypes: true })
  .filter(entry => entry.isDirectory())
  .map(entry => entry.name)
  .sort()

for (const name of cases) {
  test(name, () => {
    const expected = `${folder}${name}/expected.txt`
    const said = refusal(name)
    if (process.env.UPDATE === '1') writeFileSync(expected, said)
    assert.fixture(said, readFileSync(expected, 'utf8'), `UPDATE=1 npm test -- errors takes it as it is now`)
    // The folder is named after a code that its text holds.
    const codes = [...said.matchAll(/error\[([\w-]+)\]/g)].map(match => match[1] ?? '')
    assert.ok(
      codes.some(code => name === code || name.startsWith(`${code}-`)),
      `${name} shows ${codes.join(', ')}`,
    )
  })
}

test('every code of the catalogue has a folder', () => {
  const missing = Object.keys(catalogue).filter(
    code => !cases.some(name => name === code || name.startsWith(`${code}-`)),
  )
  assert.equal(missing, [])
})

test('no sentence speaks of nodes of a syntax tree', () => {
  const kinds = Object.keys(SyntaxKind).filter(kind => /^[A-Z][a-z]+([A-Z][a-z]+)+$/.test(kind))
  assert.ok(kinds.includes('ForStatement'))
  for (const name of cases) {
    const said = readFileSync(`${folder}${name}/expected.txt`, 'utf8').replace(/^ .*$/gm, '')
    assert.equal(
      kinds.filter(kind => new RegExp(`\\b${kind}\\b`).test(said)),
      [],
      name,
    )
  }
})

test.run()
