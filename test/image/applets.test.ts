// BusyBox holds what the boot calls, and what a person at the rescue shell was given on purpose. Nothing else.
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Command, Word } from '../../generator/compiler/ir.ts'
import { ownInit } from '../../generator/compiler/kept-init.ts'
import { machineTable } from '../../generator/compiler/machine-table.ts'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { configuredApplets } from '../../generator/image/packed-programs.ts'
import { readLock } from '../../generator/programs/lock.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { commandsOf } from '../support/shell-commands.ts'

const project = (path: string) => new URL(`../../${path}`, import.meta.url)
const read = (path: string) => readFileSync(project(path), 'utf8')

interface Reasons {
  /** How the boot comes to call it, although its name is not in /init. */
  indirect: Record<string, string>
  /** What a person at the rescue shell does with it, and how. */
  rescue: Record<string, { for: string; example: string }>
}

const { indirect, rescue }: Reasons = JSON.parse(read('generator/programs/busybox-applets.json'))

/** What the shell does itself and has no applet for, and the shell. */
const builtIn = new Set(
  '/bin/sh,[,:,break,cd,continue,exec,exit,export,getopts,read,return,set,shift,trap,unset,wait'.split(','),
)
/** The image's own programs. */
const programs = new Set(['aria2c', 'cms-verify', 'kexec', 'reporter'])

/** The commands that a call of a machine's member may become, also of one that only sites' stages call. */
function commandsOfMachine(): string[] {
  const sample: Word[] = ['a', 'b', 'c'].map(text => [{ kind: 'literal', text }])
  const named = (command: Command): string[] => {
    if (command.kind === 'not') return named(command.command)
    if (command.kind === 'and' || command.kind === 'or')
      return [...named(command.left), ...named(command.right)]
    // A program that a site's stage names is the compiler's to check.
    return command.kind === 'command' && command.name !== 'a' ? [command.name] : []
  }
  return Object.values(machineTable).flatMap(member =>
    'emit' in member && member.kind !== 'text' ? named(member.emit(sample)) : [],
  )
}

const helpers = readdirSync(project('shell-templates/helpers')).map(name =>
  read(`shell-templates/helpers/${name}`),
)
const functions = new Set(helpers.flatMap(text => [...text.matchAll(/^(\w+)\(\)/gm)].map(([, name]) => name)))
functions.add('set_parameter')

async function usedCommands(): Promise<Set<string>> {
  const shipped = ['sbin/reporter', 'share/udhcpc/default.script', 'share/udhcpc/ipv6.script']
  const scripts = [await ownInit(), ...helpers, ...shipped.map(path => read(`rootfs-skel/usr/${path}`))]
  const all = [...scripts.flatMap(commandsOf), ...commandsOfMachine()]
  return new Set(all.filter(name => !builtIn.has(name) && !programs.has(name) && !functions.has(name)))
}

const usedByBoot = usedCommands()

test('the applets are what the boot calls, and the documented rest', async () => {
  const used = await usedByBoot
  const { applets } = await provideBinaries(terminalProgress())
  const reasons: Record<string, unknown> = { ...indirect, ...rescue }
  assert.equal(
    [...used].filter(name => !applets.includes(name)),
    [],
    'called, but BusyBox lacks it: add it to busybox.config',
  )
  assert.equal(
    Object.keys(reasons).filter(name => !applets.includes(name)),
    [],
    'has a reason, but BusyBox lacks it: add it to busybox.config, or take it out of busybox-applets.json',
  )
  assert.equal(
    applets.filter(name => !used.has(name) && reasons[name] === undefined),
    [],
    'nobody calls it: take it out of busybox.config, or give the reason in busybox-applets.json',
  )
})

test('without the rescue shell BusyBox lacks just what only a person there calls', async () => {
  const { applets } = await provideBinaries(terminalProgress())
  const { applets: fewer } = await provideBinaries(terminalProgress(), readLock(), {
    without: ['rescue-shell'],
  })
  // The shell itself is started by these two.
  const forPerson = new Set([...Object.keys(rescue), 'setsid', 'cttyhack'])
  assert.equal(
    applets.filter(name => !fewer.includes(name)),
    applets.filter(name => forPerson.has(name)),
  )
  assert.equal(
    fewer.filter(name => !applets.includes(name)),
    [],
  )
  const init = await ownInit(['rescue-shell'])
  assert.equal(
    commandsOf(init).filter(name => forPerson.has(name)),
    [],
  )
})

test('the compiler knows the applets before BusyBox is built', async () => {
  const { applets } = await provideBinaries(terminalProgress())
  assert.equal(configuredApplets().sort(), [...applets].sort())
})

test('each applet of the rescue shell has a purpose of its own and a command line that serves it', async () => {
  const { applets } = await provideBinaries(terminalProgress())
  const there = new Set([...applets, ...programs, ...builtIn])
  const purposes = new Map<string, string>()
  for (const [name, { for: purpose, example }] of Object.entries(rescue)) {
    const called = commandsOf(example)
    assert.ok(called.includes(name), `${name}: ${example}`)
    assert.equal(
      called.filter(each => !there.has(each) && !/^[/0-9]/.test(each)),
      [],
      `${name}: the image lacks what its example calls`,
    )
    assert.ok(purpose.split(' ').length >= 3 && !/script/.test(purpose), `${name}: ${purpose}`)
    assert.is(purposes.get(purpose), undefined, `${name} is there for what ${purposes.get(purpose)} does`)
    purposes.set(purpose, name)
  }
})

test('a reason is needed only for what the boot does not call', async () => {
  const used = await usedByBoot
  assert.equal(
    Object.keys(rescue).filter(name => used.has(name)),
    [],
    'the boot calls it: take it out of busybox-applets.json',
  )
  assert.equal(
    Object.keys(rescue).filter(name => indirect[name] !== undefined),
    [],
  )
  // What the parameters can end a boot with has no place in the text of /init but a variable.
  const choices = read('generator/stages/parameters/handover-parameters.ts').match(
    /'reboot' \| 'shell' \| 'poweroff' \| 'halt'/,
  )
  assert.ok(choices, 'on_failure has other choices now: see to busybox-applets.json')
  for (const name of ['reboot', 'poweroff', 'halt']) assert.ok(used.has(name) || indirect[name], name)
})

test('the commands of a script are found wherever POSIX allows one, and nowhere else', () => {
  const script = `#!/bin/sh
# comment grep
f() { one --flag two; }
a=1 three "$(four "$(five)")" 'six; seven' >eight 2>&1 || nine # ten
case $(eleven) in
    twelve | "thirteen") fourteen ;;
    *) if ! fifteen; then sixteen & fi ;;
esac
for i in seventeen eighteen; do nineteen; done | twenty
while until1; do x=$((twentyone + 1)); done
find . -name '*.x' -exec twentytwo {} + ; setsid -c twentythree twentyfour
"$1" -f; "\${a:-twentyfive}"; f; ( twentysix ); { twentyseven; }
twentyeight \\
    twentynine
`
  assert.equal(
    commandsOf(script),
    `eleven fifteen find five four fourteen nine nineteen one setsid sixteen three twenty twentyeight
    twentyseven twentysix twentythree twentytwo until1`.split(/\s+/),
  )
  assert.throws(() => commandsOf('cat <<END\nrm\nEND\n'))
})

test.run()
