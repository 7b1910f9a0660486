// The container by Podman, without root.
import { test } from 'uvu'
import { needs } from '../support/needs.ts'
import { needsEngine, skipped } from './engine.ts'
import { declareContainer } from './rootless-container.ts'
import { RootlessPodman } from './rootless-podman.ts'

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

declareContainer(podmanTest(), {
  name: 'podman',
  user,
  call: (...words) => user.podman(...words),
  build() {
    const checkout = user.copies('cache')
    const volume = ['--volume', `${user.folder}/cache:/tmp/cache/aria2-initrd`]
    // Without layers in between, which take Podman most of the time.
    const options = ['--network', 'host', '--layers=false', ...volume]
    return user.podman('build', ...options, '-t', 'aria2-initrd', checkout)
  },
  network: 'host',
})

test.run()
