// How the modules of generator/ hang together: no circles, and the directions between the rooms.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { root } from '../support/root.ts'

const modules = readdirSync(join(root, 'generator'), { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.ts') && !path.endsWith('.d.ts'))
  .sort()

/** What a module imports of ours, types too: `import … from`, and `import(…)` where it is needed. */
function importsOf(path: string): { path: string; isLate: boolean }[] {
  const text = readFileSync(join(root, 'generator', path), 'utf8')
  const found = text.matchAll(/(?:^(?:import|export)\s[^'"]*?from |^import |(\bimport\())'(\.[^']+\.ts)'/gm)
  return [...found].map(([, late, name = '']) => ({
    path: join(dirname(path), name),
    isLate: late !== undefined,
  }))
}

const imports = new Map(modules.map(path => [path, importsOf(path)]))

test('imports are found', () => {
  const all = [...imports.values()].flat()
  assert.ok(all.length > 600, `${all.length}`)
  assert.equal(
    all.filter(({ path }) => !modules.includes(path) && !path.endsWith('.d.ts')),
    [],
    'each is a module',
  )
})

test('no circle of imports', () => {
  const done = new Set<string>()
  const visit = (path: string, way: string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path]
    if (done.has(path)) return undefined
    for (const { path: next, isLate } of imports.get(path) ?? []) {
      const circle = isLate ? undefined : visit(next, [...way, path])
      if (circle !== undefined) return circle
    }
    done.add(path)
    return undefined
  }
  for (const path of modules) assert.is(visit(path, [])?.join(' -> '), undefined)
})

/** A room, and the rooms that it may import from; a room is where a rule for it is needed. */
const directions: [room: string, allowed: RegExp][] = [
  // A stage knows the machine and other stages.
  ['stages/', /^stages\//],
  // The compiler makes text of text.
  ['compiler/', /^(compiler|host|stages)\//],
  // The simulator runs the stages as the compiler reads them.
  ['simulator/', /^(simulator|compiler|host|stages)\//],
  ['host/', /^(host)\//],
]

test('each room imports from those that it may', () => {
  const wrong = [...imports].flatMap(([from, targets]) =>
    directions
      .filter(([room]) => from.startsWith(room))
      .flatMap(([, allowed]) =>
        targets.filter(({ path }) => !allowed.test(path)).map(({ path }) => `${from} -> ${path}`),
      ),
  )
  assert.equal(wrong, [])
})

/** Started by their paths: what package.json exports, the maker of dist/, the page in a browser, and the digest workers' thread. */
const startedByPath = new Set([
  ...Object.values(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).exports as object).map(
    ({ types }: { types: string }) => types.slice('./dist/'.length).replace(/\.d\.ts$/, '.ts'),
  ),
  'packaging/make-dist.ts',
  'fleet/page/fleet-page.ts',
  'publish/digest-worker.ts',
])

const usersOf = new Map(
  modules.map(path => [
    path,
    [...imports].filter(([, targets]) => targets.some(target => target.path === path)).map(([from]) => from),
  ]),
)

test('what nobody imports is a way in, and lies in commands/', () => {
  const ways = modules.filter(path => usersOf.get(path)?.length === 0)
  assert.equal(
    ways.filter(path => !path.startsWith('commands/') && !startedByPath.has(path)),
    ['stages/main.ts'],
  )
})

test('no two files have one name', () => {
  const names = modules.map(path => basename(path))
  assert.equal(
    modules.filter((path, index) => names.indexOf(basename(path)) !== index),
    [],
  )
})

/** Of fewer than 25 lines, used by one neighbour, and a file all the same. */
const smallOnPurpose = [
  // A thread begins in it.
  'publish/digest-worker.ts',
  // Tests ask it what the console shows.
  'simulator/shown.ts',
]

test('what only one neighbour uses is a part of it, where it is short', () => {
  const short = modules.filter(path => {
    const [user, another] = usersOf.get(path) ?? []
    if (user === undefined || another !== undefined || dirname(user) !== dirname(path)) return false
    return readFileSync(join(root, 'generator', path), 'utf8').split('\n').length - 1 < 25
  })
  // A chapter of the boot is a banner in /init, however short it is; a command has a file.
  assert.equal(
    short.filter(path => !/^(stages|commands)\//.test(path)),
    smallOnPurpose,
  )
})

test('commands are imported by commands alone', () => {
  const wrong = [...imports].flatMap(([from, targets]) =>
    from.startsWith('commands/')
      ? []
      : targets.filter(({ path }) => path.startsWith('commands/')).map(({ path }) => `${from} -> ${path}`),
  )
  assert.equal(wrong, [])
})

test.run()
