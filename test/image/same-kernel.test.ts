// The netboot kernel, built a second time. Only `npm test -- same-kernel` runs this.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideNetbootKernel } from '../../generator/programs/netboot-kernel.ts'
import { askedFor } from '../support/needs.ts'
import { fillCache, withCache } from '../support/own-cache.ts'

const asked = askedFor(
  test,
  'same-kernel',
  'it builds the netboot kernel twice, 40 minutes of two processors',
)

asked('the same lock gives the same bytes: each file of the kernel and its modules', async () => {
  const build = () => provideNetbootKernel(terminalProgress())
  const first = await build()
  const cache = mkdtempSync(join(tmpdir(), 'same-kernel-'))
  try {
    fillCache(cache)
    const second = await withCache(cache, build)
    assert.not.equal(second.tree, first.tree)
    execFileSync('diff', ['-r', first.tree, second.tree])
  } finally {
    rmSync(cache, { recursive: true, force: true })
  }
})

test.run()
