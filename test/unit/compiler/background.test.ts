// Commands beside the boot: the simulator, with its clock, says what every shell does in real time.
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { SimulatedMachine } from '../../../generator/simulator/simulated-machine.ts'
import type { World } from '../../../generator/simulator/world.ts'
import {
  announce,
  log,
  nextEvent,
  openEvents,
  outputOf,
  readFile,
  run,
  runOn,
  sleep,
  start,
  statusOf,
  stop,
  succeeds,
  uptime,
  waitFor,
  writeFile,
} from '../../../generator/stages/api/machine.ts'
import { needs } from '../../support/needs.ts'
import { shells } from '../../support/shells.ts'
import { compileTexts } from '../../support/stage-program.ts'
import { runInShell, scriptOf } from './both-worlds.ts'

function onMachine(world: Partial<World>, act: (machine: SimulatedMachine) => void): SimulatedMachine {
  const machine = new SimulatedMachine({ cmdline: '', ...world })
  machine.mount('-t', 'proc', 'proc', '/proc')
  runOn(machine)
  try {
    act(machine)
  } finally {
    runOn(undefined)
  }
  return machine
}

const programs: World['programs'] = {
  slow: ([seconds = '1', path = '/tmp/slow']) => ({ seconds: Number(seconds), files: { [path]: 'done\n' } }),
  bad: { status: 3, stdout: 'no\n' },
}

test('a started command takes no time of the boot, and its effects come when it is done', () => {
  const { console } = onMachine({ programs }, machine => {
    const job = start(() => run('slow', '5'))
    assert.is(uptime(), 0)
    assert.not.ok(machine.files.exists('/tmp/slow'))
    sleep(4.5)
    assert.not.ok(machine.files.exists('/tmp/slow'))
    assert.is(waitFor(job), 0)
    assert.is(uptime(), 5)
    assert.is(readFile('/tmp/slow'), 'done')
    const failing = start(() => run('bad'))
    assert.is(waitFor(failing), 3)
    assert.is(waitFor(failing), 3)
    assert.is(waitFor(4), 127)
  })
  assert.match(console, /no\n/)
})

test('a command that is ended does nothing more', () => {
  onMachine({ programs }, machine => {
    const job = start(() => run('slow', '5'))
    sleep(2)
    stop(job)
    assert.is(waitFor(job), 143)
    assert.is(uptime(), 2)
    sleep(9)
    assert.not.ok(machine.files.exists('/tmp/slow'))
    stop(job)
  })
})

test('events come in the order of their time, whoever was started first', () => {
  const work = (name: string, seconds: number): void => {
    log(`${name} begins`)
    sleep(seconds)
    writeFile(`/tmp/${name}`, name)
    announce(name)
  }
  const { console } = onMachine({}, machine => {
    assert.is(nextEvent(9), '')
    assert.not.ok(succeeds(() => announce('too early')))
    openEvents()
    assert.not.ok(succeeds(() => openEvents()))
    start(() => work('late', 7))
    start(() => work('early', 2.5))
    assert.is(nextEvent(1), '')
    assert.is(uptime(), 1)
    assert.is(nextEvent(9), 'early')
    assert.is(machine.commands.now, 2.5)
    assert.not.ok(machine.files.exists('/tmp/late'))
    announce('own')
    assert.is(nextEvent(9), 'own')
    assert.is(nextEvent(9), 'late')
    assert.is(uptime(), 7)
    assert.is(nextEvent(0.5), '')
  })
  assert.match(console, /late begins\n.*early begins\n/)
})

test('a program answers as the test says, and what it prints is captured or shown', () => {
  const { console } = onMachine(
    {
      programs: {
        lsblk: words => ({ stdout: `${words.join(' ')}\n\n` }),
        bad: { status: 3, stdout: 'no\n' },
      },
    },
    () => {
      assert.is(outputOf('lsblk', '-n', 'a b'), '-n a b')
      assert.is(statusOf('bad'), 3)
      assert.not.ok(succeeds(() => run('bad', 'x')))
      assert.throws(() => run('unknown'), /the simulator does not know the command 'unknown'/)
    },
  )
  assert.is(console, 'no\nno\n')
})

const program = `
import { announce, fail, fields, lines, log, nextEvent, openEvents, run, sleep, start, statusOf, stop, succeeds, uptime, waitFor } from './machine.ts'

function work(name: string, seconds: number): void {
  run('sleep', \`\${seconds}\`)
  announce(name)
}

function failing(): void {
  fail('on purpose')
}

function each(text: string): void {
  for (const line of lines(text)) {
    announce(line)
  }
}

export function main(): void {
  log(nextEvent(1) === '' ? 'not open' : 'open')
  if (!succeeds(() => announce('too early'))) {
    log('too early')
  }
  openEvents()
  const odd = ' *  -n $(x) "y" \\\\ '
  start(() => work(odd, 3))
  const early = start(() => work('early', 1))
  const event = nextEvent(20)
  log(\`(\${event})\`)
  log(\`\${waitFor(early)}\`)
  announce('own 1')
  announce('own 2')
  const own = nextEvent(5)
  log(own)
  log(nextEvent(20))
  log(\`(\${nextEvent(20)})\`)
  each('x\\ny')
  const [whole, none] = fields(event, ':')
  const walking = start(() => each('c:d\\ne'))
  const walked = waitFor(walking)
  log(\`\${whole} \${none} \${walked}\`)
  log(\`\${nextEvent(5)} \${nextEvent(5)} \${nextEvent(5)} \${nextEvent(5)}\`)
  const begun = uptime()
  log(\`(\${nextEvent(0.3)})\`)
  log(uptime() - begun < 30 ? 'in time' : 'late')
  const job = start(() => failing())
  const status = waitFor(job)
  log(\`status \${status}\`)
  const endless = start(() => run('sleep', '300'))
  sleep(1)
  stop(endless)
  const ended = waitFor(endless)
  log(ended > 128 && uptime() - begun < 200 ? 'ended' : 'not ended')
  stop(endless)
  sleep(0.1)
  log(\`\${statusOf('sleep', '0')}\`)
}
`
  .replace('log(`${waitFor(early)}`)', 'const first = waitFor(early)\n  log(`${first}`)')
  .replace("log(`${statusOf('sleep', '0')}`)", "const last = statusOf('sleep', '0')\n  log(`${last}`)")

const said = [
  'not open',
  'too early',
  '(early)',
  '0',
  'own 1',
  'own 2',
  '( *  -n $(x) "y" \\ )',
  'early  0',
  'x y c:d e',
  '()',
  'in time',
  'on purpose',
  'status 1',
  'ended',
  '0',
].map(line => `aria2-initrd: start: ${line}\n`)

for (const shell of shells) {
  needs(test, { [shell.command[0]]: shell.package })(`${shell.name}: jobs and events`, () => {
    const lines = compileTexts('test/unit/compiler/background', { 'main.ts': program })
    // Each run has its events in a folder of its own, and the clock of this machine.
    const script = scriptOf(lines).replaceAll('/run/aria2-initrd/', './')
    const ran = runInShell(shell, `trap 'echo "the boot ends"' EXIT\n${script}`)
    // A shell may say in its own words that a job was ended.
    const own = ran.console.split(/(?<=\n)/).filter(line => /^aria2-initrd|^the boot/.test(line))
    assert.equal(own, ['the boot ends\n', ...said])
    assert.is(ran.status, 0)
  })
}

test.run()
