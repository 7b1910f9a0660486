import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cli } from '../support/cli.ts'

test('the README’s example prints what stands there', () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [, line = '', carrier = '', wanted = ''] =
    /\$ npm run -s cli -- cmdline '([^']*)' --via (\S+)\n([\s\S]*?)```/.exec(readme) ?? []
  assert.is(cli('cmdline', line, '--via', carrier).stdout, wanted)
})

test.run()
