// Two stages that were written with README.md and generator/compiler/README.md alone: tested as a site tests its own, and
// their shell compared with the simulator under every shell.
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../generator/simulator/testing.ts'
import type { World } from '../../generator/simulator/world.ts'
import { compareBoot, makeBench } from '../differential/boots.ts'
import { shellPackages, shells } from '../differential/shells.ts'
import { needs } from '../support/needs.ts'
import { kernel } from '../support/payload.ts'
import { root } from '../support/root.ts'

const stages = [
  { file: join(root, 'test/sites/stages/host-name.ts'), after: 'network' },
  { file: join(root, 'test/sites/stages/wipe-signature.ts'), after: 'drivers' },
]
const name = 'http://s/names/rack-3'
const serve = { 'http://s/k': kernel, [name]: 'node-17\n' }
const world = (words: string, more: Partial<World> = {}): World => ({
  serve,
  ...more,
  cmdline: `kernel_url=http://s/k ${words}`,
})
/** Disks as /sys/block lists them, each with its first bytes. */
const disks = (given: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(given).flatMap(([disk, bytes]) => [
      [`/sys/block/${disk}/size`, '2048\n'],
      [`/dev/${disk}`, bytes],
    ]),
  )
const luks = 'LUKS\xba\xbe\0\x02'

/** Boots by what is special about them. */
const boots: Record<string, World> = {
  plain: world(''),
  named: world(`host_name_url=${name}`),
  'named at the second try': world(`host_name_url=${name}`, {
    serve: { ...serve, [name]: [{ status: 3, cause: 'Resource not found' }, 'node-17\n'] },
  }),
  'never named': world('host_name_url=http://s/nobody host_name_tries=2'),
  'a name that is code': world(`host_name_url=${name}`, { serve: { ...serve, [name]: '$(reboot)' } }),
  'a name of two lines': world(`host_name_url=${name}`, { serve: { ...serve, [name]: 'a\nb\n' } }),
  'a name that is too long': world(`host_name_url=${name}`, { serve: { ...serve, [name]: 'a'.repeat(65) } }),
  'tries that are none': world(`host_name_url=${name} host_name_tries=often`),
  'the second disk is wiped': world('wipe_signature=4c554b53babe', {
    files: disks({ sda: 'something else', sdb: luks, sdc: luks }),
  }),
  'no disk is wiped': world('wipe_signature=58465342', { files: disks({ sda: 'something', sdb: '' }) }),
  'a disk without a device': world('wipe_signature=4c554b53babe', {
    files: { '/sys/block/sda/size': '1\n', ...disks({ sdb: luks }) },
  }),
}
const boot = (what: string) => {
  const surroundings = boots[what]
  assert.ok(surroundings)
  return simulate({ stages, ...(surroundings as World) })
}

test('without their parameters both stages do nothing', () => {
  const { console, end } = boot('plain')
  assert.is(end, 'kexec')
  assert.not.match(console, /host-name|wipe-signature/)
})

test('the host name comes from the boot server, at the second try too', () => {
  for (const what of ['named', 'named at the second try']) {
    const ended = boot(what)
    assert.is(ended.file('/proc/sys/kernel/hostname'), 'node-17\n', what)
    assert.match(ended.console, 'host-name: this node is called node-17\n')
    assert.is(ended.end, 'kexec')
  }
  assert.match(boot('named at the second try').console, `host-name: ${name}: aria2 status 3, try 1 of 3\n`)
})

test('a server that gives no name ends the boot by its policy', () => {
  const ended = boot('never named')
  assert.match(ended.console, 'host-name: http://s/nobody did not give the name of this node\n')
  assert.is(ended.commands('aria2c').length, 2)
  assert.is(ended.end, 'reboot after 30 s')
})

test('what is not a name is not taken for one', () => {
  for (const what of ['a name that is code', 'a name of two lines', 'a name that is too long']) {
    const ended = boot(what)
    assert.is(ended.file('/proc/sys/kernel/hostname'), '(none)\n', what)
    assert.match(ended.console, /is not the name of a host|bytes are too many/)
    assert.is(ended.end, 'reboot after 30 s')
  }
})

test('a wrong number is refused as in our own parameters', () => {
  const { console, end } = boot('tries that are none')
  assert.match(console, 'host_name_tries=often: ignored; expected a whole number of at most 9 digits')
  assert.is(end, 'kexec')
})

test('the first disk with the signature is wiped, and no other', () => {
  const ended = boot('the second disk is wiped')
  assert.match(ended.console, 'wipe-signature: /dev/sdb: the signature 4c554b53babe is wiped\n')
  assert.is(ended.file('/dev/sda'), 'something else')
  assert.is(ended.file('/dev/sdb')?.includes('LUKS'), false)
  assert.is(ended.file('/dev/sdc'), luks)
  const none = boot('no disk is wiped')
  assert.match(none.console, 'wipe-signature: no disk begins with 58465342\n')
  assert.is(none.file('/dev/sda'), 'something')
  assert.match(boot('a disk without a device').console, '/dev/sdb: the signature 4c554b53babe is wiped\n')
})

const shellTest = needs(test, { ...shellPackages, chroot: 'coreutils' }, true)
const siteStages = stages.map(({ file, after }) => ({ path: file, after }))
const bench = process.getuid?.() === 0 ? await makeBench(shells(), siteStages) : undefined
for (const [what, surroundings] of Object.entries(boots)) {
  shellTest(`every shell does what the simulator does: ${what}`, async () => {
    if (bench === undefined) return
    const { differences } = await compareBoot(bench, surroundings)
    assert.equal(differences, [])
  })
}

test.after(() => bench?.remove())
test.run()
