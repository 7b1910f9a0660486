// The container by Docker's engine without root, where nothing can be mounted and no device made while an image is built.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needs } from '../support/needs.ts'
import { needsEngine, skipped } from './engine.ts'
import { declareContainer } from './rootless-container.ts'
import { RootlessDocker } from './rootless-docker.ts'

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

declareContainer(await dockerTest(), {
  name: 'docker',
  user,
  call: (...words) => user.docker(...words),
  build() {
    const checkout = user.copies('checkout/cache')
    // docker build mounts no volumes: the cache goes in as a layer.
    const dockerfile = join(checkout, 'Dockerfile')
    const text = readFileSync(dockerfile, 'utf8')
    const first = 'RUN XDG_CACHE_HOME=/tmp/cache node'
    assert.ok(text.includes(first))
    writeFileSync(dockerfile, text.replace(first, `COPY cache /tmp/cache/aria2-initrd\n${first}`))
    writeFileSync(join(checkout, '.dockerignore'), '')
    return user.docker('build', '--network', 'host', '-t', 'aria2-initrd', checkout)
  },
  network: 'none',
})

test.run()
