// A node and others on one segment, in network namespaces: libtorrent as a seeder that nobody has told of, and
// servers whose name has an address that is dead.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { silent } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { infoHash } from '../../generator/publish/torrent.ts'
import { optionsFor } from '../hostile/aria2c-run.ts'
import { ip } from '../support/namespace-lab.ts'
import { needs } from '../support/needs.ts'
import { root } from '../support/root.ts'

const python = '/usr/bin/python3'
const segmentTest = needs(
  test,
  {
    ip: 'iproute2',
    dnsmasq: 'dnsmasq-base',
    [python]: 'python3',
    '/usr/share/doc/python3-libtorrent/copyright': 'python3-libtorrent',
  },
  true,
)

const folder = mkdtempSync(join(tmpdir(), 'sources-segment-'))
const [far, node] = [`sources-far-${process.pid}`, `sources-node-${process.pid}`]
const children: ChildProcess[] = []

/** Starts a program beside the node. */
function startFar(...words: string[]): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', far, ...words], { stdio: ['pipe', 'pipe', 'ignore'] })
  children.push(child)
  return child
}

function removeLab(): void {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const name of [far, node]) {
    try {
      for (const pid of execFileSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).split('\n'))
        if (pid !== '') process.kill(Number(pid), 'SIGKILL')
      ip('netns', 'del', name)
    } catch {
      // It was not made, or has gone.
    }
  }
  rmSync(folder, { recursive: true, force: true })
}
process.on('exit', removeLab)
// What it has started would keep the test from ending.
test.after(removeLab)

/** The lab, made for the first test that needs it: a cable between two namespaces, names, a torrent of each kind. */
let lab: { data: string; torrent: (kind: string) => string; hashes: Map<string, string> } | undefined
async function segment(): Promise<NonNullable<typeof lab>> {
  if (lab !== undefined) return lab
  for (const name of [far, node]) {
    ip('netns', 'add', name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
  }
  ip('link', 'add', 'v0', 'netns', node, 'type', 'veth', 'peer', 'name', 'v1', 'netns', far)
  for (const [name, device, last] of [
    [node, 'v0', 2],
    [far, 'v1', 1],
  ] as const) {
    ip('-n', name, 'addr', 'add', `10.97.0.${last}/24`, 'dev', device)
    ip('-n', name, 'addr', 'add', `fd97::${last}/64`, 'dev', device, 'nodad')
    ip('-n', name, 'link', 'set', device, 'up')
    ip('-n', name, 'route', 'add', '224.0.0.0/4', 'dev', device)
  }
  // Behind the other side: nothing, and nobody who says so.
  ip('-n', node, '-6', 'route', 'add', 'default', 'via', 'fd97::1')
  ip('-n', far, '-6', 'route', 'add', 'blackhole', 'fd98::/64')
  execFileSync('ip', ['netns', 'exec', far, 'sysctl', '-qw', 'net.ipv6.conf.all.forwarding=1'])
  const names = [
    'no-6,10.97.0.1,fd98::1',
    'no-neighbour-6,10.97.0.1,fd97::77',
    'silent-6,10.97.0.1,fd97::5',
    'no-4,10.97.0.77,fd97::1',
    'silent-4,10.97.0.5,fd97::1',
  ]
  ip('-n', far, 'addr', 'add', 'fd97::5/64', 'dev', 'v1', 'nodad')
  ip('-n', far, 'addr', 'add', '10.97.0.5/24', 'dev', 'v1')
  startFar(
    ...[
      'dnsmasq',
      '--no-daemon',
      '--no-resolv',
      '--no-hosts',
      '--listen-address=10.97.0.1',
      '--bind-interfaces',
    ],
    ...names.map(name => `--host-record=${name}`),
  )
  // A server that listens, and another that never says a word.
  startFar(
    process.execPath,
    '-e',
    `const http = require('node:http'), net = require('node:net')
for (const host of ['10.97.0.1', 'fd97::1']) http.createServer((_, answer) => answer.end('file')).listen(80, host)
for (const host of ['10.97.0.5', 'fd97::5']) net.createServer(() => {}).listen(80, host)`,
  )
  const data = join(folder, 'data')
  mkdirSync(join(data, 'boot'), { recursive: true })
  writeFileSync(join(data, 'boot/vmlinuz'), randomBytes(100_000))
  writeFileSync(join(data, 'boot/initrd.img'), randomBytes(300_001))
  const torrent = (kind: string) => join(folder, `${kind}.torrent`)
  const make = (kind: string) =>
    execFileSync(
      python,
      [join(root, 'test/sources/libtorrent-peer.py'), 'make', join(data, 'boot'), torrent(kind), kind],
      { stdio: ['ignore', 'pipe', 'ignore'], encoding: 'latin1' },
    ).trim()
  lab = { data, torrent, hashes: new Map(['hybrid', 'v1'].map(kind => [kind, make(kind)])) }
  return lab
}

interface Run {
  status: number
  seconds: number
  /** What came: the bytes, by the path below its folder. */
  read: (path: string) => Buffer | undefined
  log: string
}

let runs = 0
/** The packed aria2c on the node, as the stages start it. */
async function onNode(address: string, ...words: string[]): Promise<Run> {
  const { aria2c } = await provideBinaries(silent)
  runs += 1
  const [place, log, names] = [
    join(folder, `run${runs}`),
    join(folder, `log${runs}`),
    join(folder, 'resolv.conf'),
  ]
  writeFileSync(names, 'nameserver 10.97.0.1\n')
  const started = Date.now()
  const child = spawn(
    'ip',
    [
      ...['netns', 'exec', node, 'unshare', '--mount', 'sh', '-c'],
      'mount --bind "$0" /etc/resolv.conf && exec "$@"',
      ...[names, aria2c.path, ...optionsFor(`url=${address}`), '--bt-lpd-interface=v0', '--seed-time=0'],
      ...[`--dir=${place}`, `--log=${log}`, ...words, address],
    ],
    { stdio: 'ignore' },
  )
  children.push(child)
  const status = await new Promise<number>(resolve => child.on('close', code => resolve(code ?? 255)))
  const read = (path: string) => (existsSync(join(place, path)) ? readFileSync(join(place, path)) : undefined)
  return {
    status,
    seconds: (Date.now() - started) / 1000,
    read,
    log: existsSync(log) ? readFileSync(log, 'latin1') : '',
  }
}

/** Seeds a torrent by libtorrent; resolves when it listens. */
async function seed(torrent: string, port: number, from?: string): Promise<() => void> {
  const data = from ?? (await segment()).data
  const words = [join(root, 'test/sources/libtorrent-peer.py'), 'seed', join(data, 'boot'), torrent]
  const child = startFar(python, ...words, `10.97.0.1:${port}`)
  await new Promise<void>(resolve => child.stdout?.once('data', () => resolve()))
  await sleep(500)
  return () => void child.kill()
}

for (const [kind, way] of [
  ['hybrid', 'x.pe='],
  ['hybrid', 'local discovery'],
  ['v1', 'x.pe='],
  ['v1', 'local discovery'],
] as const) {
  segmentTest(`a magnet link of a ${kind} torrent, without a tracker, by ${way}`, async () => {
    const { data, torrent } = await segment()
    const stop = await seed(torrent(kind), 6950)
    const hash = infoHash(readFileSync(torrent(kind)))
    const peer = way === 'x.pe=' ? '&x.pe=10.97.0.1:6950' : ''
    const both = kind === 'hybrid' ? `&xt=urn:btmh:1220${'0'.repeat(64)}` : ''
    const run = await onNode(`magnet:?xt=urn:btih:${hash}${both}&dn=boot${peer}`)
    stop()
    assert.is(run.status, 0, run.log)
    for (const name of ['vmlinuz', 'initrd.img'])
      assert.equal(run.read(`boot/${name}`), readFileSync(join(data, 'boot', name)))
    assert.is(run.read('boot/.pad/27679'), undefined)
    assert.ok(run.seconds < 15, `${run.seconds} s`)
  })
}

segmentTest('a hybrid torrent from a foreign peer', async () => {
  const { data, torrent } = await segment()
  const stop = await seed(torrent('hybrid'), 6951)
  const run = await onNode('http://10.97.0.1/', `--torrent-file=${torrent('hybrid')}`)
  stop()
  assert.is(run.status, 0, run.log)
  assert.equal(run.read('boot/initrd.img'), readFileSync(join(data, 'boot/initrd.img')))
})

segmentTest('a torrent whose only peer has wrong data is given up within seconds', async () => {
  const { torrent } = await segment()
  const wrong = join(folder, 'wrong')
  mkdirSync(join(wrong, 'boot'), { recursive: true })
  writeFileSync(join(wrong, 'boot/vmlinuz'), randomBytes(100_000))
  writeFileSync(join(wrong, 'boot/initrd.img'), randomBytes(300_001))
  const stop = await seed(torrent('v1'), 6952, wrong)
  const script = `const { createServer } = require('node:http'), { readFileSync } = require('node:fs')
createServer((_, answer) => answer.end(readFileSync(process.argv[1]))).listen(81, '10.97.0.1', () => console.log('up'))`
  const server = startFar(process.execPath, '-e', script, torrent('v1'))
  await new Promise<void>(resolve => server.stdout?.once('data', () => resolve()))
  const run = await onNode('http://10.97.0.1:81/v1.torrent', '--seed-time=0')
  stop()
  server.kill()
  assert.is(run.status, 7, run.log)
  // Without a word of his own about him it would be 20 s.
  assert.ok(run.seconds < 13, `${run.seconds} s`)
})

for (const kind of ['hybrid', 'v1'])
  segmentTest(`the info hash of a ${kind} torrent is libtorrent's`, async () => {
    const { torrent, hashes } = await segment()
    assert.is(infoHash(readFileSync(torrent(kind))), hashes.get(kind))
  })

for (const [name, limit] of [
  ['no-6', 5],
  ['no-neighbour-6', 5],
  ['silent-6', 9],
  ['no-4', 5],
  ['silent-4', 5],
] as const) {
  segmentTest(`a name with a dead address and one that lives: ${name}`, async () => {
    await segment()
    const run = await onNode(`http://${name}/file`)
    assert.is(run.status, 0, run.log)
    assert.is(run.read('file')?.toString(), 'file')
    assert.ok(run.seconds < limit, `${run.seconds} s`)
  })
}

test.run()
