// README draws the house: each folder of generator/ and test/ has its name in "How it is made".
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { leftOutByDefault, partNames } from '../../generator/stages/api/parts.ts'
import { root } from '../support/root.ts'

const drawing =
  readFileSync(join(root, 'README.md'), 'utf8').match(/## How it is made\n\n```\n([\s\S]*?)```/)?.[1] ?? ''

const foldersOf = (path: string): string[] =>
  readdirSync(join(root, path), { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => name)

/** Folders of what the TypeScript reads; their rooms' own pages tell of them. */
const data = ['programs/patches', 'programs/recipes']

test('each folder of generator/ is drawn, and each one in it', () => {
  const rooms = foldersOf('generator')
  const inner = rooms.flatMap(room => foldersOf(`generator/${room}`).map(name => `${room}/${name}`))
  const names = [...rooms, ...inner.filter(path => !data.includes(path)).map(path => path.split('/')[1])]
  assert.ok(names.length > 30, `${names.length}`)
  assert.equal(
    names.filter(name => !new RegExp(`(^|[ \`])${name}/`, 'm').test(drawing)),
    [],
  )
})

test('each folder of test/ is drawn, and none that is not there', () => {
  const below = drawing.slice(drawing.indexOf('\ntest/\n') + '\ntest/\n'.length)
  const drawn = [...below.matchAll(/\b([a-z-]+)\//g)].map(([, name]) => name)
  assert.equal(drawn.sort(), foldersOf('test').sort())
})

test('each part of the boot has a row, and is among those that the smallest /init does without', () => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const without = /^npm run -s cli -- generate --without (.*)$/m.exec(readme)?.[1]?.split(' ') ?? []
  assert.equal([...without, ...leftOutByDefault].sort(), [...partNames].sort())
  for (const name of partNames) assert.match(readme, `\n| \`${name}\` | `)
})

test.run()
