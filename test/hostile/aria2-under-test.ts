/** The shipped aria2c with a node's options, as its hostile partners see it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { terminalProgress } from '../../generator/host/console/progress.ts'
import { provideBinaries } from '../../generator/programs/provide-programs.ts'
import { memoryOf } from '../support/process-memory.ts'

const { aria2c } = await provideBinaries(terminalProgress())

/** As the stage `download` calls it for a torrent, except for local discovery, which would leave this machine. */
const nodeOptions = [
  ...['--no-conf', '--no-netrc', '--allow-overwrite=true', '--auto-file-renaming=false', '--continue=true'],
  ...['--file-allocation=none', '--disk-cache=16M', '--max-tries=1', '--connect-timeout=10', '--timeout=30'],
  ...['--follow-torrent=mem', '--follow-metalink=mem', '--enable-dht=false', '--enable-dht6=false'],
  ...[
    '--bt-cooperative=true',
    '--bt-max-peers=24',
    '--bt-tracker-connect-timeout=3',
    '--bt-tracker-timeout=3',
  ],
  ...['--stream-piece-selector=random', '--split=1', '--summary-interval=0', '--console-log-level=error'],
  ...['--enable-color=false', '--show-console-readout=false', '--disable-ipv6=true', '--log-level=error'],
]

/** How a process ended, in words; a signal is what must never be seen. */
function ending(status: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ends with status ${status}` : `ENDED BY ${signal}`
}

export class Aria2 {
  readonly folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-hostile-'))
  /** What it printed, standard output and standard error together. */
  output = ''
  /** Set when it has ended: how, in words. */
  ended: string | undefined
  readonly end: Promise<string>
  #child: ChildProcess

  /** @param words after the options of a node; `--dir` is the folder of this object */
  constructor(words: string[], files: Record<string, Uint8Array | string> = {}) {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), content)
    }
    this.#child = spawn(
      aria2c.path,
      [...nodeOptions, `--dir=${this.folder}`, `--log=${this.folder}.log`, ...words],
      { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const collect = (chunk: Buffer) => {
      this.output = (this.output + chunk.toString('latin1')).slice(-100_000)
    }
    this.#child.stdout?.on('data', collect)
    this.#child.stderr?.on('data', collect)
    this.end = new Promise(resolve => {
      this.#child.on('close', (status, signal) => {
        this.ended = ending(status, signal)
        resolve(this.ended)
      })
    })
  }

  /** The last cause in its log, as /init would print it. */
  cause(): string {
    const log = existsSync(`${this.folder}.log`) ? readFileSync(`${this.folder}.log`, 'latin1') : ''
    const causes = [...log.matchAll(/errorCode=(\d+) (.*)/g)]
    return causes.at(-1)?.[0] ?? ''
  }

  /** Most memory that it ever had, or has had since `forgetPeak`, in MB; 0 when it has ended. */
  peak(): number {
    return memoryOf(this.#child.pid ?? 0) / 1000
  }

  forgetPeak(): void {
    try {
      writeFileSync(`/proc/${this.#child.pid}/clear_refs`, '5')
    } catch {
      // It has ended, or is another user's: then the peak is that of its life.
    }
  }

  async stop(): Promise<void> {
    if (this.ended === undefined) this.#child.kill('SIGKILL')
    await this.end
    rmSync(this.folder, { recursive: true, force: true })
    rmSync(`${this.folder}.log`, { force: true })
  }
}

/** A TCP port of the loopback that nobody has. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

/** Waits until the condition holds; false when it did not within so many milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, limit = 10_000): Promise<boolean> {
  for (const start = Date.now(); Date.now() - start < limit; await sleep(20)) {
    if (await condition()) return true
  }
  return false
}
