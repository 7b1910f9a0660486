/** `aria2-initrd serve` as a person starts it, and nodes that fetch from it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from './published.ts'

const bin = fileURLToPath(new URL('../../generator/commands/bin.mjs', import.meta.url))

export interface Serve {
  child: ChildProcess
  /** What it printed so far, and what it complained of. */
  stdout(): string
  stderr(): string
  /** Without a slash at its end. */
  url: string
  tracker: string
  trackerPort: number
  /** `address:port` of the seeder. */
  seeder: string
  /** Waits for a line that holds the text. */
  says(text: string): Promise<void>
  /** The processes that it has started. */
  children(): number[]
  /** Asks for the end and waits for it; the exit status, or the signal. */
  stop(signal?: NodeJS.Signals): Promise<number | string | null>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts it on free ports and waits until it serves. */
export async function startServe(folder: string, ...flags: string[]): Promise<Serve> {
  const ports = ['--port', '0', '--tracker-port', '0', '--seeder-port', '0']
  const child = spawn(process.execPath, [bin, 'serve', folder, ...ports, ...flags], { stdio: 'pipe' })
  running.add(child)
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', piece => {
    output.stdout += piece
  })
  child.stderr.on('data', piece => {
    output.stderr += piece
  })
  let over = false
  const end = new Promise<number | string | null>(resolve =>
    child.on('close', (status, signal) => {
      over = true
      running.delete(child)
      resolve(status ?? signal)
    }),
  )
  const says = (text: string) =>
    until(`'${text}' in\n${output.stdout}${output.stderr}`, () => output.stdout.includes(text) || over)
  await says('Ctrl-C ends it')
  const found = (pattern: RegExp) => pattern.exec(output.stdout)?.[1] ?? ''
  const tracker = found(/^ {2}tracker +(\S+)$/m)
  return {
    child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    url: found(/^ {2}HTTP +(\S+)\/$/m),
    tracker,
    trackerPort: tracker === '' ? 0 : Number(new URL(tracker).port),
    seeder: found(/^ {2}seeder .* at (\S+)$/m),
    says,
    children: () => childrenOf(child.pid ?? 0),
    stop(signal = 'SIGTERM') {
      child.kill(signal)
      return end
    },
  }
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number)
  } catch {
    return []
  }
}

/** True while the process is there, unless it only waits to be buried. */
export function alive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** Runs aria2c as a node does, with a torrent of the site's, for so many seconds at most; its exit status. */
export const fetchTorrent = (aria2c: string, torrent: string, folder: string, tracker: string, limit = 30) =>
  fetchFrom(
    aria2c,
    torrent,
    folder,
    ...['--bt-exclude-tracker=*', `--bt-tracker=${tracker}`, '--bt-tracker-interval=1', `--stop=${limit}`],
  )

/** Runs aria2c with any address or file; its exit status. */
export function fetchFrom(
  aria2c: string,
  address: string,
  folder: string,
  ...options: string[]
): Promise<number | null> {
  const own = ['--no-conf', '--quiet', '--seed-time=0', '--enable-dht=false', '--enable-dht6=false']
  const child = spawn(aria2c, [...own, `--dir=${folder}`, ...options, address], { stdio: 'ignore' })
  running.add(child)
  return new Promise(resolve =>
    child.on('close', status => {
      running.delete(child)
      resolve(status)
    }),
  )
}
