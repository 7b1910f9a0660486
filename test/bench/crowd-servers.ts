/** `serve` beside nginx and opentracker, set up as `serve --print` says, each in processes of its own on the loopback. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Progress } from '../../generator/host/console/progress.ts'
import { ensurePrograms } from '../../generator/host/debian/host-packages.ts'
import { infoHash, makeTorrent } from '../../generator/publish/torrent.ts'
import { freePort } from '../../generator/serve/free-port.ts'
import { printedConfiguration } from '../../generator/serve/printed-configuration.ts'
import { childrenOf } from '../serve/serve-command.ts'
import { memoryOf } from '../support/process-memory.ts'

export interface CrowdServer {
  name: string
  port: number
  /** All of its processes. */
  pids: number[]
}

export interface CrowdServers {
  origin: CrowdServer
  nginx: CrowdServer
  tracker: CrowdServer
  opentracker: CrowdServer
  /** Of the one torrent that they know, as announces have it. */
  infoHash: string
  /** The folder that they serve. */
  folder: string
  stop(): void
}

/** Starts a server and waits until it listens. */
async function start(
  started: ChildProcess[],
  cwd: string,
  name: string,
  port: number,
  ...words: string[]
): Promise<CrowdServer> {
  const [program = '', ...more] = words
  const child = spawn(program, more, { stdio: ['ignore', 'ignore', 'inherit'], cwd })
  started.push(child)
  for (let up = false; !up; ) {
    if (child.exitCode !== null) throw new Error(`${name} has ended with status ${child.exitCode}`)
    await new Promise(resolve => setTimeout(resolve, 100))
    up = await request(port, '').then(
      () => true,
      () => false,
    )
  }
  const pid = child.pid ?? 0
  return { name, port, pids: [pid, ...childrenOf(pid)] }
}

/**
 * Starts all four; nginx and opentracker are installed where they are missing. As root.
 * @param size bytes of `root.img`, whose torrent is `root.img.torrent`
 */
export async function startCrowdServers(size: number, progress: Progress): Promise<CrowdServers> {
  const why = 'compare serve with it'
  await ensurePrograms(
    ['nginx', 'opentracker'].map(program => ({ program, package: program, why })),
    progress,
  )
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-bench-'))
  chmodSync(folder, 0o755)
  const started: ChildProcess[] = []
  const stop = () => {
    // nginx takes its workers with it when it is asked, and not when it is killed.
    for (const child of started.splice(0)) child.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
  process.on('exit', stop)

  const file = join(folder, 'root.img')
  writeFileSync(file, Buffer.alloc(size, 'x'))
  const torrent = await makeTorrent({ files: [file], name: 'root.img' })
  writeFileSync(join(folder, 'root.img.torrent'), torrent)

  const port = async () => (await freePort('127.0.0.1')) ?? 0
  const ports = {
    folder,
    bind: '127.0.0.1',
    port: await port(),
    trackerPort: await port(),
    seederPort: 0,
  }
  writeFileSync(join(folder, 'site.conf'), await printedConfiguration('nginx', ports))
  writeFileSync(join(folder, 'whitelist.txt'), await printedConfiguration('opentracker', ports))
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1; events { worker_connections 16384; }
    http { access_log off; include ${folder}/site.conf; }`,
  )
  const own = { origin: await port(), tracker: await port() }
  const serverFile = fileURLToPath(new URL('serve-servers.ts', import.meta.url))
  const origin = await start(
    ...([started, folder, 'serve', own.origin] as const),
    ...[process.execPath, '--import', import.meta.resolve('tsx'), serverFile],
    ...[folder, String(own.origin), String(own.tracker)],
  )
  const nginx = await start(
    ...([started, folder, 'nginx', ports.port] as const),
    ...['nginx', '-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
  )
  const opentracker = await start(
    ...([started, folder, 'opentracker', ports.trackerPort] as const),
    ...['opentracker', '-i', '127.0.0.1', '-p', String(ports.trackerPort), '-d', '.', '-w', 'whitelist.txt'],
  )
  const tracker = { ...origin, port: own.tracker }
  return { origin, nginx, tracker, opentracker, infoHash: infoHash(torrent), folder, stop }
}

/** Sends a request on a connection of its own and reads to the end; the bytes that came. */
export function request(port: number, path: string, localAddress?: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let length = 0
    const from = localAddress === undefined ? {} : { localAddress }
    const socket = connect({ port, host: '127.0.0.1', ...from }, () => {
      if (path === '') socket.destroy()
      else socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    })
    socket.on('data', piece => {
      length += piece.length
    })
    socket.on('close', () => resolve(length))
    socket.on('error', reject)
  })
}

/** The address of a node: each has its own, as in life. */
export const addressOfNode = (index: number): string => `127.1.${index >> 8}.${index & 255}`

/** A node's first announce; with a number of racks it says which one it stands in. */
export const announceOf = (hash: string, index: number, racks = 0): string =>
  `/announce?info_hash=${hash.replace(/../g, '%$&')}&peer_id=-BENCH-${String(index).padStart(13, '0')}` +
  `&port=${10_000 + (index % 50_000)}&uploaded=0&downloaded=0&left=5&compact=1&numwant=50&event=started${racks === 0 ? '' : `&rack=rack-${index % racks}`}`

/** Seconds of processor time that a server has used so far. Linux counts in hundredths. */
export function cpuSeconds({ pids }: CrowdServer): number {
  const ticks = pids.map(pid => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ')
    return Number(fields[11]) + Number(fields[12])
  })
  return ticks.reduce((sum, each) => sum + each, 0) / 100
}

/** The most memory that it has had so far, in MiB. */
export const mostMemory = ({ pids }: CrowdServer): number =>
  pids.reduce((sum, pid) => sum + memoryOf(pid), 0) / 1024
