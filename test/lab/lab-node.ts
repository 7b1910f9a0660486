import { type ChildProcess, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { spawnOn } from './in-namespace.ts'
import type { LabHost } from './network.ts'

const enter = fileURLToPath(new URL('node/enter.sh', import.meta.url))

/** How a node fetches: by /init's own stage, or as it is done without it. */
export type NodeMethod = 'stage' | 'http-wget' | 'naive'

export interface LabNodeOptions {
  name: string
  root: string
  method: NodeMethod
  /** What a node that is no stage fetches. */
  url: string
  /** More words for aria2c; they win. */
  options: string
  /** More for its kernel command line. */
  parameters: string
  /** The file for its console. */
  log: string
}

/** Times are seconds of /proc/uptime, one clock for all nodes. */
export interface NodeTimes {
  start?: number
  /** When all of the file was there and checked by its pieces. */
  complete?: number
  /** When the stage ended: the boot goes on. */
  end?: number
  /** The stage's exit status. */
  status?: number
}

export interface LabNode {
  readonly name: string
  readonly host: LabHost
  readonly times: NodeTimes
  /** Resolves when it waits for `go`. */
  readonly ready: Promise<void>
  go(): void
  /** What it has so far, as the node sees it; undefined when there is no such file. */
  pathOf(name: string): string | undefined
  /** Its power goes off. */
  kill(): void
  readonly off: boolean
}

/** Switches a node on; it waits until `go`. */
export function startNode(host: LabHost, options: LabNodeOptions): LabNode {
  const log = openSync(options.log, 'w')
  const child = spawnOn(
    host,
    [
      ...['unshare', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--'],
      ...['/bin/sh', enter, options.root],
    ],
    {
      stdio: ['pipe', 'pipe', log],
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        LAB_METHOD: options.method,
        LAB_URL: options.url,
        LAB_NODE_OPTIONS: options.options,
        LAB_PARAMETERS: options.parameters,
      },
    },
  )
  // Open for as long as it speaks: by then the lab may have ended, and the file be gone.
  child.on('close', () => closeSync(log))
  const times: NodeTimes = {}
  const ready = readEvents(child, times, log)
  child.stdin?.on('error', () => {})
  return {
    name: options.name,
    host,
    times,
    ready,
    go: () => child.stdin?.write('\n'),
    pathOf: name => findBelow(join(rootOf(child), 'tmp'), name),
    kill: () => child.kill('SIGKILL'),
    get off() {
      return child.exitCode !== null || child.signalCode !== null
    },
  }
}

function readEvents(child: ChildProcess, times: NodeTimes, log: number): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', status => reject(new Error(`a node ended with ${status}; its log tells more`)))
    if (child.stdout === null) return
    createInterface(child.stdout).on('line', line => {
      // aria2 may have begun a line of its own before. What it says belongs on the console.
      const [, said = '', told = ''] = /^(.*?)(@(?:ready|start|complete|end) .*)?$/s.exec(line) ?? []
      if (said !== '') writeSync(log, `${said}\n`)
      const [event, time = '', ...rest] = told.split(' ')
      const seconds = Number(time)
      const what = rest.join(' ')
      if (event === '@ready') resolve()
      if (event === '@start') times.start = seconds
      // The torrent itself completes first, and has no path; a seed's data complete once more at the end.
      if (event === '@complete' && what !== '' && !what.endsWith('.torrent')) times.complete ??= seconds
      if (event === '@end') {
        times.end = seconds
        times.status = Number(what)
      }
    })
  })
}

/** The root of what runs in the node, as this machine can reach it. */
function rootOf(child: ChildProcess): string {
  const children = `/proc/${child.pid}/task/${child.pid}/children`
  const first = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ')[0] : ''
  return `/proc/${first || 'none'}/root`
}

function findBelow(folder: string, name: string): string | undefined {
  if (!existsSync(folder)) return undefined
  return readdirSync(folder, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter(entry => entry.isFile() && entry.name === name)
    .map(entry => join(entry.parentPath, entry.name))[0]
}

/** The version of an aria2c, `aria2 version 1.37.0`. */
export const aria2Version = (program: string): string =>
  spawnSync(program, ['--version'], { encoding: 'utf8' }).stdout?.split('\n')[0] ?? ''
