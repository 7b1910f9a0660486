// `serve` and `fleet` as people and scripts start them.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { followFleet } from '../../generator/fleet/fleet-client.ts'
import { fleetTable } from '../../generator/fleet/fleet-table.ts'
import { startFleetWatch } from '../../generator/fleet/fleet-watch.ts'
import { keptBoots } from '../../generator/fleet/history-snapshot.ts'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import type { BootEvent } from '../../generator/stages/api/boot-event.ts'
import { publishFolder, temporaryFolder, until } from '../serve/published.ts'
import { fetchTorrent, type Serve, startServe } from '../serve/serve-command.ts'
import { cli } from '../support/cli.ts'
import { post as postFrom } from './load.ts'

const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))
const { aria2c } = await provideBinaries(silent)

/** Runs the CLI beside this process. */
function started(...words: string[]) {
  const child = spawn(process.execPath, [bin, ...words], { stdio: 'pipe' })
  const output = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', piece => {
      output[stream] += piece
    })
  const end = new Promise<{ status: number | null; stdout: string; stderr: string }>(resolve =>
    child.on('close', status => resolve({ status, ...output })),
  )
  return { child, output, end }
}

const report = (given: Partial<BootEvent> & { mac?: string; hostname?: string } = {}): BootEvent => {
  const { mac = '52:54:00:12:34:56', hostname = 'node5', ...rest } = given
  return {
    node: { mac, ip: '10.0.0.5', hostname, uuid: '', serial: 'S5' },
    ...{ stage: 'download', event: 'says', ms: 4000, kibFromServer: 0, kibFromSwarm: 0, text: '', cause: '' },
    ...rest,
  }
}

/** A fleet that is shown, and how `fleet` is told of it. */
async function shownFleet(token?: string) {
  const watch = await startFleetWatch(
    { bind: '127.0.0.1', port: 0, access: { hosts: [], ...(token === undefined ? {} : { token }) } },
    () => ({ http: 0, seeder: 0 }),
    () => {},
    () => {},
  )
  return { ...watch, source: ['--url', watch.url] }
}

test('wait ends when enough nodes are there, and says how it stands until then', async () => {
  const { fleet, source, close } = await shownFleet()
  for (const node of [1, 2, 3]) fleet.reported(`10.0.0.${node}`, report({ event: 'entered', mac: `${node}` }))
  // Yesterday's.
  fleet.reported('10.0.0.9', report({ event: 'gave-up', mac: '9' }), Date.now() - 24 * 3600_000)
  const wait = started('fleet', 'wait', '--nodes', '2', '--for', 'up', ...source)
  await until('it waits', () => wait.output.stderr.includes('3 nodes: 3 booting'))
  fleet.reported('10.0.0.1', report({ event: 'handed-over', mac: '1' }))
  await until('it tells', () => wait.output.stderr.includes('1 handed-over'))
  for (const node of [1, 2]) fleet.reported(`10.0.0.${node}`, report({ event: 'up', mac: `${node}` }))
  const { status, stdout } = await wait.end
  assert.equal([status, stdout], [0, '2 of 2 up\n'])
  const handedOver = await started('fleet', 'wait', '--nodes', '2', ...source).end
  assert.equal(
    [handedOver.status, handedOver.stdout],
    [0, '2 of 2 handed-over\n'],
    'who is up has handed over',
  )
  await close()
})

test('wait fails as soon as a node fails, and names it; or when the time is over', async () => {
  const { fleet, source, close } = await shownFleet()
  const wait = started('fleet', 'wait', '--nodes', '2', ...source)
  fleet.reported('10.0.0.5', report({ event: 'entered' }))
  await until('it waits', () => wait.output.stderr.includes('1 booting'))
  fleet.reported('10.0.0.5', report({ event: 'gave-up', cause: 'not found\u001b[2J' }))
  const { status, stderr } = await wait.end
  assert.is(status, 1)
  assert.match(stderr, 'aria2-initrd: error: 1 node has failed: node5 (not found\\u{1b}[2J)\nhelp: ')
  fleet.reported('10.0.0.5', report({ event: 'entered', stage: 'drivers', ms: 900 }))
  const late = await started('fleet', 'wait', '--nodes', '2', '--timeout', '1', ...source).end
  assert.is(late.status, 1)
  assert.match(late.stderr, 'error: after 1 s 0 of 2 nodes are handed-over, 1 were seen\nhelp: ')
  await close()
})

test('piped: a line for each change; once: a table; a failed node is status 1', async () => {
  const { fleet, source, close } = await shownFleet()
  const follow = started('fleet', ...source)
  fleet.reported('10.0.0.5', report({ event: 'entered', ms: 3000 }))
  await until('it is told', () => follow.output.stdout.includes('booting'))
  fleet.reported('10.0.0.5', report({ event: 'says', ms: 3500, text: 'no change' }))
  fleet.reported('10.0.0.5', report({ event: 'gave-up', ms: 12_000, cause: 'not found' }))
  await until('it is told', () => follow.output.stdout.includes('failed'))
  follow.child.kill('SIGINT')
  const { status, stdout, stderr } = await follow.end
  assert.is(
    stdout,
    'node5 (10.0.0.5): booting in download after 3.0 s\nnode5 (10.0.0.5): failed in download after 12.0 s: not found\n',
  )
  assert.is(status, 1)
  assert.match(stderr, 'error: 1 node has failed: node5 (not found)')
  const once = await started('fleet', '--once', ...source).end
  assert.is(once.status, 1)
  assert.is(
    once.stdout,
    [
      '1 node: 1 failed',
      'node   address   state   stage     time    cause or last word',
      'node5  10.0.0.5  failed  download  12.0 s  not found',
      '',
    ].join('\n'),
  )
  await close()
})

test('a server that ends and comes back is followed on', async () => {
  const first = await shownFleet()
  const follow = started('fleet', ...first.source)
  first.fleet.reported('10.0.0.5', report({ event: 'entered' }))
  await until('it is told', () => follow.output.stdout.includes('booting'))
  await first.close()
  const port = Number(new URL(first.url).port)
  const second = await startFleetWatch(
    { bind: '127.0.0.1', port, access: { hosts: [] } },
    () => ({ http: 0, seeder: 0 }),
    () => {},
    () => {},
  )
  second.fleet.reported('10.0.0.6', report({ event: 'handed-over', hostname: 'node6' }))
  await until('it is told', () => follow.output.stdout.includes('node6 (10.0.0.6): handed-over'))
  follow.child.kill('SIGINT')
  assert.is((await follow.end).status, 0)
  await second.close()
})

test('a token from a file', async () => {
  const { source, close } = await shownFleet('0123456789abcdef')
  const file = join(temporaryFolder(), 'token')
  writeFileSync(file, '0123456789abcdef\n')
  const statusWith = async (...words: string[]) =>
    (await started('fleet', '--once', ...source, ...words).end).status
  assert.is(await statusWith('--token', file), 0)
  const { status, stderr } = await started('fleet', '--once', ...source).end
  assert.is(status, 1)
  assert.match(stderr, /^aria2-initrd: error: http:\S+ wants a token\nhelp: add --token FILE/)
  await close()
})

const post = (serve: Serve, event: object) =>
  fetch(`${serve.url}/report`, { method: 'POST', body: JSON.stringify(event) }).then(({ status }) => status)

/** Where serve says that the fleet is. */
const fleetUrl = (serve: Serve): string => /^ {2}fleet {4}(\S+)$/m.exec(serve.stdout())?.[1] ?? ''

test('serve sees reports, files and announces; killed and started again it knows what was', async () => {
  const { folder } = await publishFolder()
  const state = join(temporaryFolder(), 'state')
  const flags = ['--aria2c', aria2c.path, '--fleet-port', '0', '--state', state]
  let serve = await startServe(folder, ...flags)
  await serve.says('node.torrent: complete, and given out')
  const node = temporaryFolder()
  assert.is(await fetchTorrent(aria2c.path, join(folder, 'node.torrent'), node, serve.tracker), 0)
  assert.is((await fetch(`${serve.url}/root.img`)).status, 200)
  const shown = async () => {
    for await (const { nodes } of followFleet({ url: fleetUrl(serve) }, new AbortController().signal))
      return fleetTable([...nodes.values()]).join('\n')
    return ''
  }
  assert.match(await shown(), /^127\.0\.0\.1 +127\.0\.0\.1 +(complete|booting) +(swarm|files) /m)
  const sent = /^aria2_initrd_sent_bytes_total\{by="http"\} (\d+)$/m
  const metrics = await (await fetch(new URL('/metrics', fleetUrl(serve)))).text()
  assert.ok(Number(sent.exec(metrics)?.[1]) > 600_000, metrics)
  assert.is(await post(serve, report({ event: 'entered', ms: 3000 })), 204)
  assert.is(await post(serve, report({ event: 'handed-over', stage: 'kexec', ms: 9000 })), 204)
  const lost = JSON.stringify(
    report({ mac: '52:54:00:12:34:57', hostname: 'node6', event: 'gave-up', cause: 'no link' }),
  )
  await postFrom(new URL(`${serve.url}/report`), '127.0.0.6', lost)
  assert.match(await shown(), /^node5 +127\.0\.0\.1 +handed-over +kexec /m)
  await until('the boot is kept', async () =>
    (await keptBoots(state)).some(({ state }) => state === 'handed-over'),
  )
  await until('the nodes are kept', () => readFileSync(join(state, 'nodes.json'), 'utf8').includes('no link'))
  await serve.stop('SIGKILL')
  assert.ok(existsSync(join(state, 'owner')))
  serve = await startServe(folder, ...flags)
  assert.match(await shown(), /^node6 +127\.0\.0\.6 +failed +download +4\.0 s +no link$/m)
  assert.match(await shown(), /^node5 +127\.0\.0\.1 +handed-over +kexec /m)
  assert.is(
    await post(serve, report({ event: 'progress', ms: 7000, text: '[#a 1MiB/4MiB(25%) CN:5 DL:2MiB]' })),
    204,
  )
  assert.match(await shown(), /^node5 +127\.0\.0\.1 +booting +download +25% +2\.1 MB\/s /m)
  assert.is(await post(serve, { event: 'up' }), 204)
  assert.match(await shown(), /^node5 +127\.0\.0\.1 +up /m)
  assert.is(await serve.stop(), 0, serve.stderr())
  assert.is(serve.stderr(), '')
  assert.match(serve.stdout(), /^ {2}node5 +52:54:00:12:34:56 +up /m)
  const [head = '', ...rows] = cli('fleet', 'export', '--state', state, '--csv')
    .stdout.trimEnd()
    .split('\r\n')
  assert.match(head, 'mac,address,hostname')
  assert.equal(
    rows.filter(row => row.includes(',node5,')).map(row => row.split(',')[7]),
    ['handed-over', 'up'],
  )
})

test('what a person may get wrong is said', async () => {
  const { folder } = await publishFolder()
  const scratch = temporaryFolder()
  const file = (name: string, text: string) => {
    writeFileSync(join(scratch, name), text)
    return join(scratch, name)
  }
  const notExecutable = file('alarm', '#!/bin/sh\n')
  chmodSync(notExecutable, 0o644)
  const serve = ['serve', folder, '--aria2c', '/absent']
  const cases: [string[], string, number][] = [
    [[...serve, '--fleet-bind', '0.0.0.0'], 'shows the nodes to whoever can reach it', 2],
    [[...serve, '--fleet-bind', '0.0.0.0', '--fleet-token', 'short'], 'has to be 16 or more visible', 2],
    [[...serve, '--on-failure', notExecutable], 'no such program, or none that may be run', 2],
    [[...serve, '--state', '/proc/x'], 'cannot keep boots in /proc/x', 1],
    [['fleet', '--url', 'http://127.0.0.1:1'], 'cannot reach the fleet at http://127.0.0.1:1: ', 1],
    [['fleet', 'export', '--state', scratch, '--csv', '--json'], 'needs one of --csv and --json', 2],
    [['fleet', 'export', '--state', scratch, '--csv'], `no boots are kept in ${scratch}`, 1],
  ]
  for (const [words, wanted, status] of cases) {
    const ran = cli(...words)
    assert.match(ran.stderr, wanted)
    assert.match(ran.stderr, /^aria2-initrd: error: .*\nhelp: .*\n$/, words.join(' '))
    assert.is(ran.status, status, words.join(' '))
  }
})

test.run()
