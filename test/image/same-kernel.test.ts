// The netboot kernel, built a second time. Only `npm test -- same-kernel` runs this.
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideNetbootKernel } from '../../generator/programs/netboot-kernel.ts'
import { binariesCache } from '../../generator/programs/provide-results.ts'
import { askedFor } from '../support/needs.ts'

const asked = askedFor(
  test,
  'same-kernel',
  'it builds the netboot kernel twice, 40 minutes of two processors',
)

asked('the same lock gives the same bytes: each file of the kernel and its modules', async () => {
  const cached = binariesCache()
  const first = await provideNetbootKernel(terminalProgress())
  const before = process.env.XDG_CACHE_HOME
  const cache = mkdtempSync(join(tmpdir(), 'same-kernel-'))
  try {
    // What was fetched is here, and nothing that was built.
    mkdirSync(join(cache, 'aria2-initrd/binaries'), { recursive: true })
    for (const fetched of ['sources', 'build-root'])
      execFileSync('cp', ['-a', join(cached, fetched), join(cache, 'aria2-initrd/binaries')])
    process.env.XDG_CACHE_HOME = cache
    const second = await provideNetbootKernel(terminalProgress())
    const files = ({ tree }: typeof first): unknown =>
      JSON.parse(readFileSync(join(tree, '.kept.json'), 'utf8'))
    assert.not.equal(second.tree, first.tree)
    assert.equal(files(second), files(first))
  } finally {
    if (before === undefined) delete process.env.XDG_CACHE_HOME
    else process.env.XDG_CACHE_HOME = before
    rmSync(cache, { recursive: true, force: true })
  }
})

test.run()
