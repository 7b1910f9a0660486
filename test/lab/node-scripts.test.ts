import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { needs } from '../support/needs.ts'

const folder = fileURLToPath(new URL('node/', import.meta.url))

needs(test, { shellcheck: 'shellcheck' })("ShellCheck finds nothing in the nodes' scripts", () => {
  const scripts = readdirSync(folder).map(name => `${folder}${name}`)
  assert.is(scripts.length, 4)
  const { status, stdout } = spawnSync('shellcheck', ['--shell=sh', ...scripts], { encoding: 'utf8' })
  assert.is(status, 0, stdout)
})

test.run()
