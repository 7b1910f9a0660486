// The boots of the table on the smallest /init: the same on the simulator and under each shell. Those that need no part that is left
// out end as they do with all parts; the others are refused by name.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../generator/simulator/simulate.ts'
import { partNames } from '../../generator/stages/api/parts.ts'
import { scenarios } from '../scenarios/index.ts'
import { failed, scenario } from '../scenarios/scenario.ts'
import { needs } from '../support/needs.ts'
import { compareBoot, makeBench } from './boots.ts'
import { shellPackages } from './shells.ts'

const bootTest = needs(test, { ...shellPackages, chroot: 'coreutils' }, true)
const bench = process.getuid?.() === 0 ? await makeBench(undefined, partNames) : undefined

const refusal = / is not in this image: built --without /
const isRefused = (console: string): boolean => refusal.test(console)

const all = scenarios.map(({ world, ...rest }) => ({ ...rest, world: { ...world, without: partNames } }))
/** Without a shell a boot that has no kernel to start halts. */
const endsWithShell = (end: string): boolean => end === 'shell'

const own = [
  scenario('a torrent', failed, 'url=http://s/x.torrent?a=b'),
  scenario('a magnet link as a mirror', failed, 'kernel_url=http://s/k,magnet:?xt=x'),
  scenario('a Metalink', failed, 'url=http://s/x.meta4'),
  scenario('a Metalink of the third version', failed, 'kernel_url=http://s/x.metalink'),
  scenario('a static address', failed, 'url=http://s/k ip=10.0.0.5::10.0.0.1:255.255.255.0:n:eth0:none'),
  scenario('a shell when it fails', failed, 'url=http://s/none retries=1 on_failure=shell'),
  scenario('a shell at the end', 'halt', 'url=http://s/x on_complete=shell', {
    serve: { 'http://s/x': 'x' },
  }),
  scenario('a shell before a stage', 'kexec', 'kernel_url=http://s/k break=network'),
  scenario('every command shown', 'kexec', 'kernel_url=http://s/k debug'),
  scenario('names without values', 'kexec', 'kernel_url=http://s/k break tracker'),
  scenario('how to seed', 'kexec', 'kernel_url=http://s/k seed_time=3 seed_ratio=x tracker=http://t/'),
].map(({ world, ...rest }) => ({ ...rest, world: { ...world, without: partNames } }))

for (const { name, world, end } of own) {
  bootTest(`refused by name: ${name}`, async () => {
    if (bench === undefined) return
    const { boot, differences } = await compareBoot(bench, world)
    assert.match(boot.console, refusal)
    assert.is(boot.end, end, boot.console)
    assert.equal(differences, [])
  })
}

test('most of the table needs no part', () => {
  const free = all.filter(({ world }) => !isRefused(simulate(world).console))
  assert.ok(free.length >= scenarios.length / 2, `${free.length} of ${scenarios.length}`)
})

for (const { name, world, end } of all) {
  bootTest(name, async () => {
    if (bench === undefined) return
    const { boot, differences } = await compareBoot(bench, world)
    assert.ok(differences.length === 0, differences.map(each => each.slice(0, 800)).join('\n'))
    if (!isRefused(boot.console) && !endsWithShell(end)) assert.is(boot.end, end, boot.console)
    assert.equal(boot.shells, [])
  })
}

test.after(() => bench?.remove())
test.run()
