import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { generateInit } from '../../generator/compiler/generate-init.ts'
import { parameterReference } from '../../generator/compiler/parameter-reference.ts'
import { parametersWithout } from '../../generator/compiler/parts/parameters-without.ts'
import { configName } from '../../generator/config/build-config.ts'
import { loadConfig } from '../../generator/config/load-config.ts'
import { declaredParameters } from '../../generator/simulator/boot-program.ts'

const path = new URL('../../README.md', import.meta.url)
const readme = readFileSync(path, 'utf8')
const between = /(<!-- params -->\n)[\s\S]*(<!-- \/params -->)/

test('the README’s parameter tables are what `params --format md` prints', () => {
  const wanted = readme.replace(
    between,
    (_all, start, end) =>
      `${start}${parameterReference('md', parametersWithout(declaredParameters(), []))}${end}`,
  )
  if (process.env.UPDATE === '1') writeFileSync(path, wanted)
  else assert.ok(wanted === readme, 'UPDATE=1 npm test -- readme/examples rewrites them')
})

test('the README’s stage compiles, at its place', async () => {
  const stage = readme.match(/`fabric\.ts`:\n\n```ts\n([\s\S]*?)```/)?.[1] ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  try {
    writeFileSync(join(folder, 'fabric.ts'), stage)
    const init = await generateInit({ siteStages: [{ path: join(folder, 'fabric.ts'), after: 'network' }] })
    assert.match(
      init,
      /bring_up_network \|\| return\n {4}start_reports\n {4}enter_stage fabric\n {4}wait_for_fabric \|\| return\n/,
    )
    assert.match(init, /^# ---- fabric -/m)
    assert.match(init, /^fabric_timeout=60\b/m)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the README’s test of its stage passes', () => {
  const block = (before: RegExp) => readme.match(before)?.[1] ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  try {
    writeFileSync(join(folder, 'fabric.ts'), block(/`fabric\.ts`:\n\n```ts\n([\s\S]*?)```/))
    const testing = new URL('../../generator/simulator/testing.ts', import.meta.url).href
    const text = block(/```js\n([\s\S]*?)```/).replace('aria2-initrd/testing', testing)
    writeFileSync(join(folder, 'fabric.test.mjs'), text)
    const tsx = import.meta.resolve('tsx')
    const { status, stdout } = spawnSync(process.execPath, ['--import', tsx, '--test', 'fabric.test.mjs'], {
      cwd: folder,
      encoding: 'utf8',
    })
    assert.is(status, 0, stdout)
    assert.match(stdout, /(#|ℹ) pass 2/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('the README’s configuration file is one', async () => {
  const text = readme.match(/flags win:\n\n```ts\n([\s\S]*?)```/)?.[1] ?? ''
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  try {
    writeFileSync(join(folder, configName), text)
    const { add, output } = await loadConfig(join(folder, configName))
    assert.equal([add, output], [[`${join(folder, 'files')}:/`, '/usr/sbin/ethtool'], '/srv/netboot'])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test.run()
