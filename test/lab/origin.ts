/** The origin of a lab: a web server, a tracker, and aria2 as the first that has the file. */
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../../generator/host/console/command-error.ts'
import { findProgram } from '../../generator/host/debian/host-packages.ts'
import type { Announce } from '../../generator/serve/tracker.ts'
import { spawnOn } from './in-namespace.ts'
import type { LabHost } from './network.ts'
import { seederPort, trackerPort } from './seeder-words.ts'

export type OriginOrder = 'start tracker' | 'report'
export interface OriginReply {
  done: OriginOrder | 'start'
  httpSent?: number
  announces?: Announce[]
}

/** What the origin gave out, by its own books. */
export interface OriginReport {
  /** Bytes of answers to HTTP requests. */
  httpSent: number
  announces: Announce[]
}

export interface Servers {
  startTracker(): Promise<void>
  report(): Promise<OriginReport>
}

const program = fileURLToPath(new URL('origin-process.ts', import.meta.url))
const projectRoot = fileURLToPath(new URL('../..', import.meta.url))

export interface ServerOptions {
  /** What HTTP gives out. */
  folder: string
  /** The only torrent that is tracked. */
  infoHash: string
  /** Addresses and the racks that the tracker has them in. */
  racks: [string, string][]
  /** Debian's opentracker in place of our own. */
  opentracker: boolean
  /** A folder for files of theirs. */
  work: string
  /** The folder for what they say. */
  logs: string
}

/** Starts HTTP on port 80 of the origin; the tracker, port 6969, waits for its order. */
export async function startServers(host: LabHost, options: ServerOptions): Promise<Servers> {
  const log = join(options.logs, 'origin')
  const output = openSync(log, 'a')
  const words = [program, options.folder, host.address, options.infoHash, JSON.stringify(options.racks)]
  const child = spawnOn(host, [process.execPath, '--import', 'tsx', ...words], {
    stdio: ['ignore', output, output, 'ipc'],
    cwd: projectRoot,
  })
  const answer = (wanted: OriginReply['done']) =>
    new Promise<OriginReply>((resolve, reject) => {
      const gone = () => reject(new CommandError('the origin of the lab ended', `see ${log}`))
      const listen = (message: unknown) => {
        const reply = message as OriginReply
        if (reply.done !== wanted) return
        child.off('message', listen)
        child.off('exit', gone)
        resolve(reply)
      }
      child.on('message', listen)
      child.on('exit', gone)
    })
  const order = (what: OriginOrder) => {
    const reply = answer(what)
    child.send(what)
    return reply
  }
  await answer('start')
  return {
    async startTracker() {
      if (options.opentracker) await startOpentracker(host, options)
      else await order('start tracker')
    },
    async report() {
      const { httpSent = 0, announces = [] } = await order('report')
      return { httpSent, announces }
    },
  }
}

/** opentracker tracks what is on a list, which it reads as nobody, its folder for a root. */
async function startOpentracker(host: LabHost, { infoHash, work, logs }: ServerOptions): Promise<void> {
  const log = join(logs, 'opentracker')
  const folder = join(work, 'opentracker')
  mkdirSync(folder, { mode: 0o755 })
  writeFileSync(join(folder, 'torrents'), `${infoHash}\n`)
  const output = openSync(log, 'a')
  const child = spawnOn(
    host,
    [
      ...[findProgram('opentracker') ?? 'opentracker', '-i', host.address, '-p', `${trackerPort}`],
      ...['-P', `${trackerPort}`, '-d', folder, '-w', 'torrents'],
    ],
    { stdio: ['ignore', output, output] },
  )
  await listening(child, trackerPort, log)
}

export interface Seeder {
  /** Lets it tell the tracker what it gave. */
  stop(): Promise<void>
}

/** Starts aria2c on the origin with a torrent whose data lie in the folder; returns when it listens. */
export async function startLabSeeder(host: LabHost, words: string[], log: string): Promise<Seeder> {
  const output = openSync(log, 'a')
  // No proxy of the user's environment.
  const env = { PATH: process.env.PATH }
  const child = spawnOn(host, words, { stdio: ['ignore', output, output], env })
  await listening(child, seederPort, log)
  return {
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const end = new Promise(resolve => child.on('exit', resolve))
      child.kill('SIGINT')
      const impatience = setTimeout(() => child.kill('SIGKILL'), 3000)
      await end
      clearTimeout(impatience)
    },
  }
}

/** Waits until a process's network has someone who listens on a TCP port. */
async function listening(child: ChildProcess, port: number, log: string): Promise<void> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  for (let tries = 0; tries < 200; tries += 1) {
    if (child.exitCode !== null) break
    try {
      // State 0A is LISTEN (include/net/tcp_states.h).
      if (new RegExp(`:${hex} 0{8}:0{4} 0A`).test(readFileSync(`/proc/${child.pid}/net/tcp`, 'utf8'))) return
    } catch {
      // It has just ended.
    }
    await sleep(50)
  }
  throw new CommandError('a server of the lab does not come up', `see ${log}`)
}
