// Every boot of the table on the simulator and, with the bytes of /init as they are shipped, under the packed shell, and each
// second one under one of the others, which take turns (ALL_SHELLS=1: each under all): the same commands with the same
// words, the same console, files and end.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scenarios } from '../scenarios/index.ts'
import { needs } from '../support/needs.ts'
import { compareBoot, inTurn, makeBench } from './boots.ts'
import { shellPackages } from './shells.ts'
import { canary } from './throwaway-root.ts'

const bootTest = needs(test, { ...shellPackages, chroot: 'coreutils' }, true)
const bench = process.getuid?.() === 0 ? await makeBench() : undefined

test('the table has at least 60 boots, each of a name of its own', () => {
  assert.ok(scenarios.length >= 60, `${scenarios.length}`)
  assert.is(new Set(scenarios.map(({ name }) => name)).size, scenarios.length)
})

for (const [index, { name, world, end }] of scenarios.entries()) {
  bootTest(name, async () => {
    if (bench === undefined) return
    const { boot, differences } = await compareBoot(inTurn(bench, index % 2), world)
    assert.is(boot.end, end, boot.console)
    assert.ok(differences.length === 0, differences.map(each => each.slice(0, 800)).join('\n'))
    assert.not.ok(boot.ran(canary))
  })
}

const mistakes: [string, string, string][] = [
  ['a word left out', '"--initrd=$initrd"', ''],
  ['a value that is split', '"--command-line=$next_line"', '--command-line=$next_line'],
  ['a failure that is not handed on', 'fail "$file: wrong digest', 'log "$file: wrong digest'],
  ['a file elsewhere', '>/etc/resolv.conf', '>/etc/resolv.config'],
  ['a word more on the console', 'log "starting $next_file', 'log "starting  $next_file'],
  ['a prompt from outside', 'exec env -i', 'exec env'],
]
bootTest('an /init with one mistake is seen', async () => {
  if (bench === undefined) return
  const names = [
    'debug with a prompt that holds a command',
    'blanks and a newline for the next kernel',
    'a wrong sha256',
  ]
  const telling = scenarios.filter(({ name }) => names.includes(name))
  assert.is(telling.length, names.length)
  for (const [what, right, wrong] of mistakes) {
    assert.ok(bench.init.includes(right), what)
    const mistaken = {
      ...bench,
      init: bench.init.replace(right, () => wrong),
      shells: bench.shells.slice(0, 1),
    }
    const results = []
    for (const { world } of telling) results.push(...(await compareBoot(mistaken, world)).differences)
    assert.ok(results.length > 0, what)
  }
})

test.after(() => bench?.remove())
test.run()
