// Memory for files, where kexec is to copy them, and where not.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { simulate } from '../../../generator/simulator/simulate.ts'
import { downloadScenarios } from '../../scenarios/download.ts'
import { worldNamed } from '../../scenarios/scenario.ts'
import { boot, both, served } from '../../support/boots.ts'
import { initrd, kernel } from '../../support/payload.ts'

const mounts = (line: string, memory?: number): string[] =>
  boot(line, memory === undefined ? {} : { memory })
    .trace.filter(([command, , options]) => command === 'aria2c' || options?.startsWith('remount'))
    .map(([command = '', , options = '']) => (command === 'aria2c' ? command : options))

const flags = 'remount,nosuid,nodev,size='

test('before kexec files may take a third of what is free, and all of their tmpfs once they are there', () => {
  for (const line of [both, `${both} boot=kexec`]) {
    for (const memory of [40_000, 1_000_000, 16_777_216]) {
      const [before = '', ...rest] = mounts(line, memory)
      const room = Number(new RegExp(`^${flags}(\\d+)k$`).exec(before)?.[1])
      // A few KiB of memory are taken already.
      assert.ok(Math.abs(memory - 32_768 - room * 3) < 16, before)
      assert.equal(rest, ['aria2c', `${flags}75%`])
    }
  }
})

test('what no kexec copies may take three quarters', () => {
  for (const way of ['switch_root', 'none']) assert.equal(mounts(`${both} boot=${way}`), ['aria2c'], way)
})

test('a machine that is too small for any copy is told when kexec counts, as before', () => {
  assert.equal(mounts(both, 32_768), ['aria2c'])
})

const named = (name: string) => simulate(worldNamed(name, downloadScenarios))

test('what would not fit beside the copies is refused while it comes, in words', () => {
  const ended = named("not enough memory for kexec's copies")
  assert.match(
    ended.console,
    'http://s/k: not enough memory for the file and the two copies that kexec makes (aria2 status 9',
  )
  assert.not.ok(ended.ran('kexec'))
  const fits = boot(`${both} boot=none retries=1`, {
    memory: 33_792,
    serve: { ...served, 'http://s/k': kernel.padEnd(400_000, 'k') },
  })
  assert.match(fits.console, 'have /tmp/kernel/k')
})

test('what just fits is joined, which takes more for a while', () => {
  const { loaded } = named("enough memory for kexec's copies, and to join initrds")
  assert.is(loaded?.initrd?.length, 3 * 105_000)
  assert.ok(loaded?.initrd?.includes(initrd))
})

test.run()
