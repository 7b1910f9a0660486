// The container by Podman, without root. All but the CA certificates come from what this machine has built of the lock; those
// are made in the container.
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { cli } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { needsEngine, skipped } from './engine.ts'
import { RootlessPodman } from './rootless-podman.ts'
import { uid } from './rootless-user.ts'

const user = new RootlessPodman()
test.after(() => user.remove())

/** Skipped by name where Podman cannot run containers, in its own words. */
function podmanTest() {
  const declare = needs(test, { podman: 'podman', newuidmap: 'uidmap', setpriv: 'util-linux' }, true)
  if (declare !== test) return declare
  if (needsEngine(test) !== test) return needsEngine(test)
  const reason = user.prepare()
  return reason === undefined ? test : skipped(test, reason)
}
const rootless = podmanTest()

const outside = join(user.folder, 'outside')
const modules = ['--modules', 'card']
const kernel = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
test.after(() => rmSync(kernel, { recursive: true }))

rootless('podman build makes the container, and what is missing in a build root of its own', () => {
  // Builds the programs, too, where this machine has not done so yet.
  const direct = cli('build', '--kernel-root', kernel, ...modules, '-o', outside)
  assert.is(direct.status, 0, direct.stderr)
  const checkout = user.copies('cache')
  const volume = ['--volume', `${user.folder}/cache:/tmp/cache/aria2-initrd`]
  const built = user.podman('build', '--network', 'host', ...volume, '-t', 'aria2-initrd', checkout)
  assert.is(built.status, 0, built.stderr.slice(-4000))
  const said = `${built.stdout}${built.stderr}`
  assert.match(said, 'collecting the CA certificates')
  assert.not.match(said, 'building aria2c')
})

rootless('podman run: the same bytes as outside, and the files are the caller’s', () => {
  cpSync(kernel, join(user.folder, 'kernel'), { recursive: true })
  spawnSync('chmod', ['-R', 'a+rX', join(user.folder, 'kernel')])
  const output = user.give('output')
  const mounts = ['-v', `${output}:/output`, '-v', `${user.folder}/kernel:/kernel:ro`]
  const made = user.podman(
    'run',
    '--rm',
    '--network',
    'host',
    ...mounts,
    'aria2-initrd',
    'build',
    '--kernel-root',
    '/kernel',
    ...modules,
  )
  assert.is(made.status, 0, made.stderr)
  const names = readdirSync(outside).sort()
  assert.equal(readdirSync(output).sort(), names)
  for (const name of names) {
    assert.ok(readFileSync(join(output, name)).equals(readFileSync(join(outside, name))), `${name} differs`)
    assert.is(statSync(join(output, name)).uid, uid, name)
  }
})

rootless('podman run: a command prints what it prints outside', () => {
  const { status, stdout, stderr } = user.podman(
    'run',
    '--rm',
    '--network',
    'none',
    'aria2-initrd',
    'params',
    '--format',
    'json',
  )
  assert.is(status, 0, stderr)
  assert.is(stdout, cli('params', '--format', 'json').stdout)
})

test.run()
