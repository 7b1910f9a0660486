import { spawnSync } from 'node:child_process'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

function passes(command: string, ...options: string[]): void {
  const { status, stdout, stderr } = spawnSync('npx', ['--no-install', command, ...options], {
    encoding: 'utf8',
  })
  assert.is(status, 0, `${command} ${options.join(' ')}\n${stdout}${stderr}`)
}

test('the sources are formatted and the linter finds nothing', () => passes('biome', 'check', '.'))
test('the sources pass the strict type checker', () => passes('tsc'))

test.run()
