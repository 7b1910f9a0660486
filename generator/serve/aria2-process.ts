import { type ChildProcess, spawn } from 'node:child_process'
import { CommandError } from '../command-error.ts'

/** A running aria2c. */
export interface Aria2Process {
  readonly pid: number
  /** When it is over, by whatever cause: its end in words, and the last of what it said. */
  readonly end: Promise<{ how: string; output: string }>
  /** Lets it say goodbye to the tracker; three seconds are enough for that. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts aria2c without the user's proxies. It ends with this process, also when that is killed. */
export async function startAria2c(program: string, words: string[]): Promise<Aria2Process> {
  const child = spawn(program, [`--stop-with-process=${process.pid}`, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: withoutProxies(process.env),
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output = (output + piece).slice(-10_000)
    })
  const end = new Promise<{ how: string; output: string }>(resolve => {
    child.on('close', (status, signal) => {
      running.delete(child)
      resolve({ how: signal === null ? `status ${status}` : `signal ${signal}`, output: output.trim() })
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.on('spawn', resolve)
    child.on('error', error =>
      reject(
        new CommandError(
          `cannot start ${program}: ${error.message}`,
          'name an aria2c that runs on this machine',
        ),
      ),
    )
  })
  return {
    pid: child.pid ?? 0,
    end,
    async stop() {
      child.kill('SIGINT')
      // It waits for a tracker that does not answer; we do not.
      const impatience = setTimeout(() => child.kill('SIGKILL'), 3000)
      await end
      clearTimeout(impatience)
    },
  }
}

function withoutProxies(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/_proxy$/i.test(name)))
}
