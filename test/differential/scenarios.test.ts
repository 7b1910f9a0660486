// Every boot of the table on the simulator and, with the bytes of /init as they are shipped, under each shell: the
// same commands with the same words, the same console, files and end.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { scenarios } from '../scenarios/index.ts'
import { needs } from '../support/needs.ts'
import { compareBoot, makeBench } from './boots.ts'
import { shellPackages } from './shells.ts'
import { canary } from './throwaway-root.ts'

const bootTest = needs(test, { ...shellPackages, chroot: 'coreutils' }, true)
const bench = process.getuid?.() === 0 ? await makeBench() : undefined

test('the table has at least 60 boots, each of a name of its own', () => {
  assert.ok(scenarios.length >= 60, `${scenarios.length}`)
  assert.is(new Set(scenarios.map(({ name }) => name)).size, scenarios.length)
})

for (const { name, world, end } of scenarios) {
  bootTest(name, async () => {
    if (bench === undefined) return
    const { boot, differences } = await compareBoot(bench, world)
    assert.is(boot.end, end, boot.console)
    assert.ok(differences.length === 0, differences.map(each => each.slice(0, 800)).join('\n'))
    assert.not.ok(boot.ran(canary))
  })
}

test.after(() => bench?.remove())
test.run()
