// Our patches: what lies there is applied, by the recipe whose package it is for.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { recipes } from '../../generator/programs/recipes.ts'
import { root } from '../support/root.ts'

const programs = join(root, 'generator/programs')

test('each patch is read by one recipe, and in the series of its package', () => {
  const there = readdirSync(join(programs, 'patches')).map(name => `patches/${name}`)
  const read = recipes.flatMap(({ reads }) => reads.filter(path => path.startsWith('patches/')))
  assert.equal(read.sort(), there.sort())
})

test('a recipe that reads a series unpacks the package that it is named after', () => {
  const withSeries = recipes.filter(({ reads }) => reads.some(path => path.endsWith('.series')))
  assert.ok(withSeries.length >= 3)
  for (const recipe of withSeries) {
    const script = readFileSync(join(programs, `recipes/${recipe.name}.sh`), 'utf8')
    assert.match(script, `\nunpack ${recipe.package}\n`)
    assert.not.match(script, /^ *patch /m)
    assert.ok(recipe.reads.includes(`patches/${recipe.package}.series`), recipe.name)
  }
})

test.run()
