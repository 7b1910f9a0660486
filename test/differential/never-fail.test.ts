// What the compiler takes for calls that cannot fail ends with status 0, also where nothing is there that it looks at: as a
// function's last words their status is the function's.
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { machineTable } from '../../generator/compiler/machine-table.ts'
import { needs } from '../support/needs.ts'
import { runScript, shells } from '../support/shells.ts'

const init = readFileSync(new URL('../golden/init.golden', import.meta.url), 'utf8')
const [, helpers = ''] = /# ---- helpers -+\n([\s\S]*?)\n# The net under everything/.exec(init) ?? []

/** Words that fit, and name nothing that is there. */
const wordsOf: Record<string, string[]> = {
  addresses_of_name: ['a', 'no-such-name.invalid'],
  as_decimal: ['1500'],
  hex_number: ['ff'],
  next_event: ['1'],
  random_below: ['10'],
  renew_lease: ['eth9'],
  shown: ['text'],
  stop_udhcpc: ['eth9'],
}
const nothing = ['/no/such/file', '/no/such/other']

const neverFailing = Object.values(machineTable).flatMap(member =>
  (member.kind === 'value' || member.kind === 'action') &&
  !member.canFail &&
  member.helper !== undefined &&
  // It waits for a person.
  member.helper !== 'rescue_shell' &&
  !('ends' in member && member.ends) &&
  // /init has those that stages call.
  helpers.includes(`\n${member.helper}() {`)
    ? [member.helper]
    : [],
)

test('there are such helpers', () => {
  assert.ok(neverFailing.length > 10, String(neverFailing.length))
})

/** A machine without devices. */
const bare = ['--mount', 'sh', '-c', 'mount -t tmpfs none /sys && exec "$@"', 'sh']

for (const shell of shells) {
  const bareTest = needs(test, { [shell.command[0]]: shell.package, unshare: 'util-linux' }, true)
  bareTest(`${shell.name}: each ends with status 0`, () => {
    const calls = neverFailing.flatMap(name => {
      const words = (wordsOf[name] ?? nothing).map(word => `'${word}'`).join(' ')
      return [`x=$(${name} ${words} 2>/dev/null 3</dev/null)`, `printf '%s %s\\n' ${name} "$?"`]
    })
    const script = [
      'set -fu',
      "newline='",
      "'",
      "blanks=$(printf ' \\n\\t')",
      'IFS=$newline',
      'stage=test',
      helpers,
      ...calls,
      '',
    ]
    const { stdout, stderr } = runScript(
      { ...shell, command: ['unshare', ...bare, ...shell.command] },
      script.join('\n'),
    )
    assert.equal(
      stdout.trimEnd().split('\n'),
      neverFailing.map(name => `${name} 0`),
      stderr,
    )
  })
}

test.run()
