// The container by Docker's engine without root, where nothing can be mounted and no device made while an image is built. All
// but the CA certificates come from what this machine has built of the lock; those are made in the container.
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { madeUpKernel, madeUpModule } from '../image/made-up-kernel.ts'
import { cli } from '../support/cli.ts'
import { needs } from '../support/needs.ts'
import { needsEngine, skipped } from './engine.ts'
import { RootlessDocker } from './rootless-docker.ts'
import { uid } from './rootless-user.ts'

const user = new RootlessDocker()
test.after(() => user.end())

const programs = {
  dockerd: 'docker.io',
  rootlesskit: 'rootlesskit',
  slirp4netns: 'slirp4netns',
  newuidmap: 'uidmap',
  setpriv: 'util-linux',
}

/** Skipped by name where Docker cannot run without root, in its own words. */
async function dockerTest() {
  const declare = needs(test, programs, true)
  if (declare !== test) return declare
  if (needsEngine(test) !== test) return needsEngine(test)
  const reason = await user.prepare()
  return reason === undefined ? test : skipped(test, reason)
}
const rootless = await dockerTest()

const outside = join(user.folder, 'outside')
const modules = ['--modules', 'card']
const kernel = madeUpKernel({ 'kernel/card.ko': madeUpModule() })
test.after(() => rmSync(kernel, { recursive: true }))

rootless('docker build makes the container, and what is missing in its build root', () => {
  // Builds the programs, too, where this machine has not done so yet.
  const direct = cli('build', '--kernel-root', kernel, ...modules, '-o', outside)
  assert.is(direct.status, 0, direct.stderr)
  const checkout = user.copies('checkout/cache')
  // docker build mounts no volumes: the cache goes in as a layer.
  const dockerfile = join(checkout, 'Dockerfile')
  const text = readFileSync(dockerfile, 'utf8')
  const first = 'RUN XDG_CACHE_HOME=/tmp/cache node'
  assert.ok(text.includes(first))
  writeFileSync(dockerfile, text.replace(first, `COPY cache /tmp/cache/aria2-initrd\n${first}`))
  writeFileSync(join(checkout, '.dockerignore'), '')
  const built = user.docker('build', '--network', 'host', '-t', 'aria2-initrd', checkout)
  assert.is(built.status, 0, built.stderr.slice(-4000))
  const said = `${built.stdout}${built.stderr}`
  assert.match(said, 'collecting the CA certificates')
  assert.not.match(said, 'building aria2c')
})

rootless('docker run: the same bytes as outside, and the files are the caller’s', () => {
  cpSync(kernel, join(user.folder, 'kernel'), { recursive: true })
  spawnSync('chmod', ['-R', 'a+rX', join(user.folder, 'kernel')])
  const output = user.give('output')
  const mounts = ['-v', `${output}:/output`, '-v', `${user.folder}/kernel:/kernel:ro`]
  const words = ['aria2-initrd', 'build', '--kernel-root', '/kernel', ...modules]
  const made = user.docker('run', '--rm', '--network', 'none', ...mounts, ...words)
  assert.is(made.status, 0, made.stderr)
  const names = readdirSync(outside).sort()
  assert.equal(readdirSync(output).sort(), names)
  for (const name of names) {
    assert.ok(readFileSync(join(output, name)).equals(readFileSync(join(outside, name))), `${name} differs`)
    assert.is(statSync(join(output, name)).uid, uid, name)
  }
})

rootless('docker run: a command prints what it prints outside', () => {
  const words = ['aria2-initrd', 'params', '--format', 'json']
  const { status, stdout, stderr } = user.docker('run', '--rm', '--network', 'none', ...words)
  assert.is(status, 0, stderr)
  assert.is(stdout, cli('params', '--format', 'json').stdout)
})

test.run()
