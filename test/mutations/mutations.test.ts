// The faults of `npm run mutations` find their places; that the suite notices each is for that command to show.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from '../../generator/compiler/root.ts'
import { mutations } from './mutations.ts'

for (const { name, file, from, to } of mutations) {
  test(`${name}: its place is in ${file}, once`, () => {
    const text = readFileSync(`${root}generator/compiler/${file}`, 'utf8')
    assert.is(text.split(from).length, 2)
    assert.is.not(from, to)
  })
}

test('there are more than twenty, of different names', () => {
  assert.ok(new Set(mutations.map(({ name }) => name)).size > 20)
})

test.run()
