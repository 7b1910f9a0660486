// Boots on /init without parts, the same on the simulator and under a shell. What is left out is refused by name; what needs no part
// that is out ends as it does with all parts: for the whole table the simulator says so, for some of it the shell too.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../generator/simulator/simulate.ts'
import { type PartName, partNames } from '../../generator/stages/api/parts.ts'
import { scenarios } from '../scenarios/index.ts'
import { failed, type Scenario, scenario, unknownServer } from '../scenarios/scenario.ts'
import { needs } from '../support/needs.ts'
import { compareBoot, makeBench } from './boots.ts'
import { ash } from './shells.ts'

const bootTest = needs(test, { chroot: 'coreutils' }, true)
const isRoot = process.getuid?.() === 0
/** Torrents stay, and are fetched with options that stand between others' that are gone. */
const swarmOnly: PartName[] = ['metalink', 'static-address', 'rescue-shell', 'debug']
// Each shell runs /init with all parts (scenarios.test.ts); here the packed one does.
const bench = isRoot ? await makeBench([ash], [], partNames) : undefined
const swarmBench = isRoot ? await makeBench([ash], [], swarmOnly) : undefined

const refusal = / is not in this image: built --without /
const isRefused = (console: string): boolean => refusal.test(console)
const without = (each: Scenario, parts: PartName[]): Scenario => ({
  ...each,
  world: { ...each.world, without: parts },
})
/** Without a shell a boot that has no kernel to start halts. */
const endsWithShell = (end: string): boolean => end === 'shell'

const refused = [
  scenario('a torrent', failed, 'kernel_url=http://s/x.torrent?a=b'),
  scenario('a magnet link as a mirror', failed, 'kernel_url=http://s/k,magnet:?xt=x'),
  scenario('mirrors', failed, 'kernel_url=http://s/k,http://t/k'),
  scenario('a second initrd', failed, 'kernel_url=http://s/k initrd_url=http://s/i initrd_url=http://s/j'),
  scenario('how the next kernel is loaded', 'kexec', 'kernel_url=http://s/k kexec=load'),
  scenario('a Metalink', failed, 'kernel_url=http://s/x.meta4'),
  scenario('a Metalink of the third version', failed, 'kernel_url=http://s/x.metalink'),
  scenario('an FTP server', failed, 'kernel_url=http://s/k,ftp://s/k'),
  scenario(
    'a static address',
    'kexec',
    'kernel_url=http://s/k ip=10.0.0.5::10.0.0.1:255.255.255.0:n:eth0:none',
  ),
  scenario('a shell when it fails', failed, 'kernel_url=http://s/none retries=1 on_failure=shell'),
  scenario('files that are what they hold', failed, 'url=http://s/k on_complete=poweroff'),
  scenario('a shell before a stage', 'kexec', 'kernel_url=http://s/k break=network'),
  scenario('every command shown', 'kexec', 'kernel_url=http://s/k debug'),
  scenario('names without values', 'kexec', 'kernel_url=http://s/k break tracker'),
  scenario('how to seed', 'kexec', 'kernel_url=http://s/k seed_time=3 seed_ratio=x tracker=http://t/'),
].map(each => without(each, partNames))

for (const { name, world, end } of refused) {
  bootTest(`refused by name: ${name}`, async () => {
    if (bench === undefined) return
    const { boot, differences } = await compareBoot(bench, world)
    assert.match(boot.console, refusal)
    assert.is(boot.end, end, boot.console)
    assert.equal(differences, [])
  })
}

test('without a shell a boot that has no kernel to start halts, though one is asked for', () => {
  const world = { cmdline: 'url=http://s/x on_complete=shell', serve: { 'http://s/x': 'x' } }
  const { console, end } = simulate({ ...world, without: ['rescue-shell'] })
  assert.match(console, 'on_complete=shell is not in this image: built --without rescue-shell')
  assert.is(end, 'halt')
})

const smallest = scenarios.map(each => without(each, partNames))
const free = smallest.filter(({ world, part }) => part === undefined && !isRefused(simulate(world).console))

test('much of the table needs no part, and ends as it does with all of them', () => {
  assert.ok(free.length > 100, `${free.length} of ${scenarios.length}`)
  for (const { name, world, end } of free) {
    const { console, shells, end: found } = simulate(world)
    if (!endsWithShell(end)) assert.is(found, end, `${name}: ${console}`)
    assert.equal(shells, [])
  }
})

/** Every third of a list: of each file of the table some. */
const some = (list: Scenario[]): Scenario[] => list.filter((_, index) => index % 3 === 0)
const swarm = scenarios
  .filter(({ world }) => /torrent|magnet/.test(world.cmdline))
  .map(each => without(each, swarmOnly))

/** Certificates count, unless the command line of an image that was built so says otherwise. */
const insecure = [
  scenario('a server whose certificate nobody vouches for', failed, 'kernel_url=https://s/k retries=1', {
    serve: unknownServer,
  }),
  scenario('insecure', 'kexec', 'kernel_url=https://s/k insecure', { serve: unknownServer }),
].map(each => without(each, swarmOnly))

for (const [on, image, list] of [
  ['the smallest', bench, some(free)],
  ['one that can share', swarmBench, some(swarm)],
  ['one that was built --with insecure', swarmBench, insecure],
] as const) {
  for (const { name, world, end } of list) {
    bootTest(`on ${on}: ${name}`, async () => {
      if (image === undefined) return
      const { boot, differences } = await compareBoot(image, world)
      assert.ok(differences.length === 0, differences.map(each => each.slice(0, 800)).join('\n'))
      if (!isRefused(boot.console) && !endsWithShell(end)) assert.is(boot.end, end, boot.console)
    })
  }
}

test.after(() => {
  bench?.remove()
  swarmBench?.remove()
})
test.run()
