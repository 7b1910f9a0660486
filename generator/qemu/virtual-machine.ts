import { execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silent } from '../host/console/progress.ts'
import { connectMonitor, type Monitor } from './monitor.ts'
import { provideQemu } from './qemu.ts'
import { type MachineOptions, machineArguments, nicName } from './qemu-words.ts'
import { lineReader, plainText } from './serial-console.ts'

export interface RunOptions extends MachineOptions {
  /** Seconds after which the machine is killed, default 60. */
  limit?: number
  /** A network namespace of this machine, where taps are looked for; default the one that this runs in. */
  namespace?: string
  /** Called with each complete line of the console, as plain text. */
  onLine?: (line: string) => void
}

/** A machine that has gone. */
export interface MachineEnd {
  /** All that it wrote to its serial console, as plain text. */
  console: string
  /** QEMU's exit status; null when it was killed. */
  status: number | null
  /** `off`: the guest powered off or rebooted; `limit`: killed after the time limit; `stopped`: by us. */
  reason: 'off' | 'limit' | 'stopped' | 'failed'
  /** What QEMU itself had to say. */
  complaints: string
}

/** A machine that runs. */
export interface Machine {
  readonly pid: number
  /** The console so far, as plain text. */
  console(): string
  /** Resolves when the console holds the pattern; rejects when the machine ends without it. */
  waitFor(pattern: RegExp | string): Promise<void>
  /** A command of QEMU's monitor, such as `set_link nic0 off`; its answer. */
  monitor(command: string): Promise<string>
  /** Pulls the plug; the answer is the same as `end`. */
  stop(): Promise<MachineEnd>
  readonly end: Promise<MachineEnd>
}

/** Machines that run, so that none outlives this process. */
const running = new Set<() => void>()
process.on('exit', () => {
  for (const kill of running) kill()
})

/**
 * A console's two ends. A guest gives each character 10 ms to go out, and then writes the next one in its place: where this process
 * is late, what waits must fit somewhere. Node's own pipes are sockets, which hold some hundred single characters; a FIFO holds 64 KiB.
 */
function openConsole(path: string): { reader: Socket; writer: number } {
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return {
    writer: openSync(path, constants.O_WRONLY),
    reader: new Socket({ fd: reader, readable: true, writable: false }),
  }
}

/** Powers a machine on, its serial console captured. */
export async function startMachine(options: RunOptions): Promise<Machine> {
  const { limit = 60, onLine = () => {} } = options
  const folder = mkdtempSync(join(tmpdir(), 'aria2-initrd-qemu-'))
  const socket = join(folder, 'monitor')
  const qemu = await provideQemu(silent)
  const { namespace } = options
  const within = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace]
  const [program = '', ...words] = [...within, qemu.command]
  const { reader, writer } = openConsole(join(folder, 'console'))
  const child = spawn(
    program,
    [
      ...words,
      ...qemu.options,
      ...machineArguments(options),
      // -S: the machine waits until the links that should be down are down.
      ...['-S', '-display', 'none', '-serial', 'stdio', '-monitor', `unix:${socket},server=on,wait=off`],
    ],
    { stdio: ['ignore', writer, 'pipe'], env: qemu.environment },
  )
  closeSync(writer)
  const kill = () => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  running.add(kill)

  let raw = ''
  let complaints = ''
  let reason: MachineEnd['reason'] = 'off'
  const waiting = new Set<() => void>()
  const lines = lineReader(onLine)
  reader.setEncoding('utf8').on('data', (piece: string) => {
    raw += piece
    lines.add(piece)
    for (const check of waiting) check()
  })
  child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
    complaints += piece
  })
  const timer = setTimeout(() => {
    reason = 'limit'
    kill()
  }, limit * 1000)

  const end = new Promise<MachineEnd>((resolve, reject) => {
    child.on('error', reject)
    const read = new Promise(resolve => reader.on('close', resolve))
    child.on('close', async status => {
      await read
      lines.end()
      if (reason === 'off' && status !== 0) reason = 'failed'
      resolve({ console: plainText(raw), status, reason, complaints })
    })
  })
  const cleared = end.finally(() => {
    clearTimeout(timer)
    running.delete(kill)
    rmSync(folder, { recursive: true, force: true })
  })
  // Whoever awaits `end` sees the failure; nobody has to.
  cleared.catch(() => {})

  const monitor = await connectMonitor(socket, cleared)
  await powerOn(options, monitor)
  return {
    pid: child.pid ?? 0,
    console: () => plainText(raw),
    waitFor: pattern => waitFor(pattern, () => plainText(raw), waiting, cleared),
    monitor: command => monitor.ask(command),
    stop() {
      reason = reason === 'off' ? 'stopped' : reason
      kill()
      return cleared
    },
    end: cleared,
  }
}

/** Boots a machine and waits for it to go off by itself, or for the time limit. */
export async function bootMachine(options: RunOptions): Promise<MachineEnd> {
  return await (await startMachine(options)).end
}

async function powerOn(options: MachineOptions, monitor: Monitor): Promise<void> {
  for (const [index, nic] of (options.nics ?? []).entries())
    if (nic.link === 'down') await monitor.ask(`set_link ${nicName(index)} off`)
  await monitor.ask('cont')
}

function waitFor(
  pattern: RegExp | string,
  console: () => string,
  waiting: Set<() => void>,
  end: Promise<MachineEnd>,
): Promise<void> {
  const holds = () => (typeof pattern === 'string' ? console().includes(pattern) : pattern.test(console()))
  return new Promise((resolve, reject) => {
    const check = () => {
      if (!holds()) return
      waiting.delete(check)
      resolve()
    }
    waiting.add(check)
    check()
    end.then(({ reason, complaints }) => {
      waiting.delete(check)
      if (holds()) resolve()
      else reject(new Error(`the machine ended (${reason}) without ${pattern} on its console. ${complaints}`))
    }, reject)
  })
}
