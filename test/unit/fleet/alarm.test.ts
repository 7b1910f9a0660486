// --on-failure: a site's own program, told by its environment alone.
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { FailureAlarm } from '../../../generator/fleet/failure-alarm.ts'
import { Fleet } from '../../../generator/fleet/fleet-nodes.ts'
import type { BootEvent } from '../../../generator/stages/api/boot-event.ts'
import { until } from '../../serve/published.ts'

const scratch = mkdtempSync(join(tmpdir(), 'fleet-alarm-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))

/** A program of this text in a folder of its own. */
function program(text: string): { folder: string; path: string } {
  const folder = mkdtempSync(join(scratch, 'program-'))
  const path = join(folder, 'alarm')
  writeFileSync(path, `#!/bin/sh\ncd '${folder}' || exit\n${text}`)
  chmodSync(path, 0o755)
  return { folder, path }
}

function failing(fleet: Fleet, address: string, given: Partial<BootEvent> = {}): void {
  fleet.reported(address, {
    node: { mac: `mac of ${address}`, ip: '10.1.1.1', hostname: 'node5', uuid: 'U', serial: 'S5' },
    ...{ stage: 'download', event: 'gave-up', ms: 12_000, kibFromServer: 0, kibFromSwarm: 0 },
    ...{ text: 'reboot in 30 s', cause: 'not found on the server' },
    ...given,
  })
}

test('it is told which node, where and why, and once for each boot', async () => {
  const { folder, path } = program(
    'env -u ARIA2_INITRD_SHELLCHECK | grep ^ARIA2_INITRD_ | sort >facts.new; mv facts.new "facts.$$"\n',
  )
  const fleet = new Fleet({ rackOf: () => 'rack 3' })
  const said: string[] = []
  const alarm = new FailureAlarm(fleet, path, line => said.push(line))
  failing(fleet, '10.0.0.5', { event: 'failed', text: 'a try' })
  failing(fleet, '10.0.0.5')
  const facts = () => readdirSync(folder).filter(name => /^facts\.\d+$/.test(name))
  await until('it has run', () => facts().length > 0)
  assert.equal(
    readFileSync(join(folder, facts()[0] ?? ''), 'utf8')
      .trimEnd()
      .split('\n'),
    [
      'ARIA2_INITRD_ADDRESS=10.0.0.5',
      'ARIA2_INITRD_CAUSE=not found on the server',
      'ARIA2_INITRD_CONTESTED=no',
      'ARIA2_INITRD_HOSTNAME=node5',
      'ARIA2_INITRD_IP=10.1.1.1',
      'ARIA2_INITRD_MAC=mac of 10.0.0.5',
      'ARIA2_INITRD_NODE=node5',
      'ARIA2_INITRD_RACK=rack 3',
      'ARIA2_INITRD_SAID=reboot in 30 s',
      'ARIA2_INITRD_SECONDS=12.0',
      'ARIA2_INITRD_SERIAL=S5',
      'ARIA2_INITRD_STAGE=download',
      'ARIA2_INITRD_STATE=failed',
      'ARIA2_INITRD_UUID=U',
    ],
  )
  fleet.reported('10.0.0.6', {
    ...{
      node: { mac: 'b', ip: '', hostname: '', uuid: '', serial: '' },
      stage: 'download',
      event: 'entered',
    },
    ...{ ms: 3000, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' },
  })
  fleet.sweep(Date.now() + 100_000)
  await until('it has run for the silent one', () => facts().length === 2)
  const all = facts().map(name => readFileSync(join(folder, name), 'utf8'))
  assert.ok(
    all.some(text => text.includes('ARIA2_INITRD_STATE=silent\n') && text.includes('CAUSE=no word for')),
  )
  assert.equal(said, [])
  alarm.close()
})

test('no text of a node is read by a shell, ends a line or a variable', async () => {
  const { folder, path } = program('env >facts.new; mv facts.new facts\n')
  const fleet = new Fleet()
  const alarm = new FailureAlarm(fleet, path, () => {})
  const cause = `$(touch ${folder}/owned) ; touch ${folder}/owned\nPATH=/evil\0\x1b[2J`
  failing(fleet, '10.0.0.5', { cause })
  await until('it has run', () => existsSync(join(folder, 'facts')))
  const facts = readFileSync(join(folder, 'facts'), 'utf8')
  assert.match(
    facts,
    `ARIA2_INITRD_CAUSE=$(touch ${folder}/owned) ; touch ${folder}/owned\\u{a}PATH=/evil\\u{0}\\u{1b}[2J\n`,
  )
  assert.not.match(facts, /^PATH=\/evil/m)
  assert.not.ok(existsSync(join(folder, 'owned')))
  alarm.close()
})

test('four run at once; of a whole site that fails 204 are told, the rest is said', async () => {
  const { folder, path } = program('touch "$$.began"; until [ -e go ]; do sleep 0.05; done\n')
  const fleet = new Fleet()
  const said: string[] = []
  const alarm = new FailureAlarm(fleet, path, line => said.push(line))
  const begun = () => readdirSync(folder).filter(name => name.endsWith('.began')).length
  for (let index = 0; index < 300; index++) failing(fleet, `10.0.${index >> 8}.${index & 255}`)
  assert.equal(said, ['--on-failure: too many fail at once: it is not run for all'])
  await until('four have begun', () => begun() === 4)
  writeFileSync(join(folder, 'go'), '')
  await until('the others follow', () => begun() === 204)
  alarm.close()
})

test('an address that fails without end leaves room for others', async () => {
  const { folder, path } = program('touch "$ARIA2_INITRD_ADDRESS.$$"\n')
  const fleet = new Fleet()
  const alarm = new FailureAlarm(fleet, path, () => {})
  for (let index = 0; index < 500; index++)
    failing(fleet, '10.0.0.66', { node: { mac: `${index}`, ip: '', hostname: '', uuid: '', serial: '' } })
  failing(fleet, '10.0.0.5')
  const of = (address: string) => readdirSync(folder).filter(name => name.startsWith(`${address}.`)).length
  // Four run at once: the last of them may be over first.
  await until('both are told of', () => of('10.0.0.5') === 1 && of('10.0.0.66') >= 24)
  assert.is(of('10.0.0.66'), 24)
  alarm.close()
})

test('one that does not end is killed with all that it has started, and makes room', async () => {
  const { folder, path } = program('touch "$$.began"; sleep 1000 & echo "$!" >"$$.child"; wait\n')
  const fleet = new Fleet()
  const said: string[] = []
  const alarm = new FailureAlarm(fleet, path, line => said.push(line), 300)
  for (let index = 0; index < 5; index++) failing(fleet, `10.0.0.${index}`)
  await until('all have been killed', () => said.length === 5)
  for (const line of said) assert.is(line, `--on-failure: ${path}: ended by SIGKILL`)
  const children = readdirSync(folder).filter(name => name.endsWith('.child'))
  assert.is(children.length, 5)
  const lives = (pid: string) =>
    existsSync(`/proc/${pid}/status`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  await until('what they had started is gone', () =>
    children.every(name => !lives(readFileSync(join(folder, name), 'utf8').trim())),
  )
  alarm.close()
})

test('one that fails or cannot be started is said, and ends nothing', async () => {
  const fleet = new Fleet()
  const said: string[] = []
  const say = (line: string) => said.push(line)
  const alarms = [program('exit 3\n').path, '/absent'].map(path => new FailureAlarm(fleet, path, say))
  failing(fleet, '10.0.0.5')
  await until('both are said', () => said.length === 2)
  assert.match(said.sort().join('\n'), /^--on-failure: \/absent: .*ENOENT\n--on-failure: .*alarm: status 3$/)
  for (const alarm of alarms) alarm.close()
})

test.run()
