// The last boots of each node: bounded, whole after kill -9, and as other programs get them.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { BootHistory, historyFile } from '../../../generator/fleet/boot-history.ts'
import { Fleet } from '../../../generator/fleet/fleet-nodes.ts'
import { csvLines, jsonLines } from '../../../generator/fleet/history-export.ts'
import { keptBoots } from '../../../generator/fleet/history-snapshot.ts'
import { endedBoot } from './ended-boot.ts'

const scratch = mkdtempSync(join(tmpdir(), 'fleet-history-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))
let made = 0
const freshFolder = (): string => join(scratch, `${made++}`)
const open = (folder: string, said: string[] = []): BootHistory =>
  new BootHistory(folder, line => said.push(line))
const mac = '52:54:00:12:34:56'

test('a boot is kept with what it was; the next system’s word changes it, and makes no other', async () => {
  const folder = freshFolder()
  const history = open(folder)
  history.ended(endedBoot(), 'one')
  history.flush()
  history.ended(endedBoot({ state: 'up', seconds: 61.5 }), 'one')
  history.close()
  const [boot, another] = await keptBoots(folder)
  assert.is(another, undefined)
  assert.equal(boot, {
    ...{ boot: 'one', mac, address: '10.0.0.5', hostname: 'node5', serial: 'S5', rack: 'rack-1' },
    ...{ began: 1_800_000_000_000, seconds: 61.5, state: 'up', stage: 'kexec', cause: '' },
    ...{ fromServer: 4096, fromSwarm: 8192, contested: false },
  })
  assert.is(statSync(historyFile(folder)).mode & 0o077, 0, 'for nobody else')
  assert.equal(readdirSync(folder), ['fleet.sqlite'])
})

test('of each node the last fifty, and of others none is lost', () => {
  const folder = freshFolder()
  const history = open(folder)
  history.ended(endedBoot({ address: '10.0.0.6' }), 'other')
  for (let index = 0; index < 120; index++) history.ended(endedBoot({ began: index }), `${index}`)
  history.flush()
  const began = history.bootsOf(mac, '10.0.0.5').map(boot => boot.began)
  assert.equal([began.length, began[0], began.at(-1)], [50, 119, 70])
  assert.is(history.bootsOf(mac, '10.0.0.6').length, 1)
  assert.equal(history.bootsOf('another', '10.0.0.5'), [])
  history.close()
})

test('usual is the median of those that ended well; after a start, too', () => {
  const folder = freshFolder()
  let history = open(folder)
  const usual = () => history.usualSeconds(mac, '10.0.0.5')
  assert.is(usual(), undefined)
  for (const [boot, seconds] of [30, 50, 40].entries())
    history.ended(endedBoot({ began: boot, seconds }), `${boot}`)
  history.ended(endedBoot({ began: 5, seconds: 900, state: 'failed' }), 'failed')
  assert.is(usual(), 40)
  history.ended(endedBoot({ began: 6, seconds: 60 }), 'even')
  assert.is(usual(), 45)
  history.close()
  history = open(folder)
  assert.is(usual(), 45)
  // To the end of the next system's start is longer than to the jump: only like is compared.
  history.ended(endedBoot({ began: 7, seconds: 80, state: 'up' }), 'up')
  assert.is(usual(), 80)
  assert.is(history.usualSeconds(mac, '10.0.0.66'), undefined, 'nobody writes it for another address')
  history.close()
})

test('the fleet knows it of a node that comes again', () => {
  const folder = freshFolder()
  const history = open(folder)
  history.ended(endedBoot({ seconds: 30 }), 'one')
  const fleet = new Fleet({ usualSeconds: (...node) => history.usualSeconds(...node) })
  history.follow(fleet)
  const event = { stage: 'kexec', kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' }
  const node = { mac, ip: '', hostname: '', uuid: '', serial: '' }
  fleet.reported('10.0.0.5', { ...event, node, event: 'entered', ms: 2000 })
  assert.is(fleet.nodes()[0]?.usualSeconds, 30)
  fleet.reported('10.0.0.5', { ...event, node, event: 'handed-over', ms: 50_000 })
  assert.is(fleet.nodes()[0]?.usualSeconds, 30, 'this boot is none of its earlier ones')
  fleet.reported('10.0.0.5', { ...event, node, event: 'entered', ms: 2000 })
  assert.is(fleet.nodes()[0]?.usualSeconds, 40)
  history.close()
})

test('no number or text of a node keeps boots from being written', () => {
  const said: string[] = []
  const history = open(freshFolder(), said)
  const fleet = new Fleet()
  history.follow(fleet)
  const most = Number.MAX_SAFE_INTEGER
  const text = '\0\ud800\u001b"\'; DROP TABLE boots; --'
  const node = { mac: text, ip: text, hostname: text, uuid: text, serial: text }
  for (let torrent = 0; torrent < 20; torrent++)
    fleet.announced('10.0.0.6', { infoHash: `${torrent}`, left: 0, downloaded: 10 ** 18 })
  fleet.reported('10.0.0.5', {
    ...{ node, stage: text, event: 'gave-up', ms: most, kibFromServer: most, kibFromSwarm: most },
    ...{ text, cause: text },
  })
  history.flush()
  assert.equal(said, [])
  assert.is(history.bootsOf('', '10.0.0.6')[0]?.state, 'complete')
  assert.is(history.bootsOf(text, '10.0.0.5')[0]?.state, 'failed')
  history.close()
})

/** Starts a process that writes, and kills it once it has written so much. @returns the last that it said was written */
async function killedWriter(folder: string, rounds: number): Promise<number> {
  const writer = fileURLToPath(new URL('./writer.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), writer, folder])
  let said = ''
  let complaints = ''
  child.stderr.on('data', piece => {
    complaints += piece
  })
  child.stdout.on('data', piece => {
    said += piece
    if (said.split('\n').length > rounds) child.kill('SIGKILL')
  })
  await new Promise(resolve => child.on('close', resolve))
  assert.is(complaints, '')
  return Number(said.trimEnd().split('\n').at(-1))
}

test('killed in the middle: what was written is there, nothing is half, and the next serve goes on', async () => {
  const folder = freshFolder()
  let last = -1
  for (const rounds of [3, 5, 8]) {
    last = await killedWriter(folder, rounds)
    assert.ok(existsSync(join(folder, 'owner')), 'it had no time to tidy up')
  }
  // As if it had been killed while it held SQLite's lock, which it mostly is.
  mkdirSync(`${historyFile(folder)}.lock`, { recursive: true })
  const read = await keptBoots(folder)
  const history = open(folder)
  for (const boots of [
    read.filter(({ address }) => address === '10.0.0.7'),
    history.bootsOf(mac, '10.0.0.7'),
  ]) {
    assert.ok(
      boots.some(({ began }) => began === last),
      `round ${last}`,
    )
    assert.ok(boots.length <= 50)
  }
  // All twenty nodes of a round, or none of them.
  const rounds = new Map<number, number>()
  for (const { began } of read) rounds.set(began, (rounds.get(began) ?? 0) + 1)
  for (const [round, nodes] of rounds) assert.is(nodes, 20, `round ${round}`)
  history.ended(endedBoot(), 'after')
  history.close()
  assert.ok((await keptBoots(folder)).some(({ boot }) => boot === 'after'))
})

test('one serve has the folder', () => {
  const folder = freshFolder()
  const history = open(folder)
  assert.throws(() => open(folder), /another serve \(process \d+\) keeps its boots/)
  history.close()
  writeFileSync(join(folder, 'owner'), `${process.pid} 1 another-boot-of-this-machine`)
  open(folder).close()
})

test('what is no database, and no folder, is said in a sentence', async () => {
  const folder = freshFolder()
  mkdirSync(folder)
  writeFileSync(historyFile(folder), 'not a database, but long enough to be looked at as one. '.repeat(100))
  assert.throws(() => open(folder), /cannot keep boots in .*: .*not a database/)
  await keptBoots(folder).then(
    () => assert.unreachable(),
    error => assert.match(error.message, /cannot read .*fleet.sqlite: .*not a database/),
  )
  assert.throws(() => open('/proc/x'), /cannot keep boots in \/proc\/x: no such file/)
  await keptBoots('/absent').then(
    () => assert.unreachable(),
    error => assert.match(error.message, 'no boots are kept in /absent'),
  )
})

test('CSV: no cell is a formula, and each boot is one line', async () => {
  const folder = freshFolder()
  const history = open(folder)
  const hostnames = ['=1+1', '+1', '-1', '@x', ' =1', '\t=1', '"a",b', 'a\r\nb', '=cmd|"x"', '']
  for (const [index, hostname] of hostnames.entries())
    history.ended(endedBoot({ hostname, began: index * 1000 }), `${index}`)
  history.close()
  const boots = await keptBoots(folder)
  const [head, ...lines] = [...csvLines(boots)]
  assert.is(
    head,
    'mac,address,hostname,serial,rack,began,seconds,state,stage,cause,fromServer,fromSwarm,contested\r\n',
  )
  const cells = lines.map(line => {
    assert.match(line, /^[^\r\n]*\r\n$/)
    assert.match(
      line,
      /^52:54:00:12:34:56,10\.0\.0\.5,.*,S5,rack-1,1970-01-01T00:00:0\d\.000Z,43,handed-over,/,
    )
    return line.slice('52:54:00:12:34:56,10.0.0.5,'.length, line.indexOf(',S5,'))
  })
  assert.equal(cells, [
    ...[
      "'=1+1",
      "'+1",
      "'-1",
      "'@x",
      "' =1",
      '\\u{9}=1',
      '"""a"",b"',
      'a\\u{d}\\u{a}b',
      '"\'=cmd|""x"""',
      '',
    ],
  ])
  const parsed = JSON.parse([...jsonLines(boots)].join(''))
  assert.equal(
    parsed.map(({ hostname }: { hostname: string }) => hostname),
    hostnames,
  )
  assert.equal(JSON.parse([...jsonLines([])].join('')), [])
})

test('a file that cannot be written is said once, and the boots wait', () => {
  const folder = freshFolder()
  const said: string[] = []
  const history = open(folder, said)
  // Held as by another process.
  mkdirSync(`${historyFile(folder)}.lock`)
  history.ended(endedBoot(), 'one')
  history.flush()
  history.flush()
  assert.is(said.length, 1)
  assert.match(said[0] ?? '', /^--state: cannot write .*fleet.sqlite: .*locked/)
  rmSync(`${historyFile(folder)}.lock`, { recursive: true })
  history.flush()
  assert.is(history.bootsOf(mac, '10.0.0.5').length, 1)
  history.close()
})

test.run()
