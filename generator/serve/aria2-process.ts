import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, open, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CommandError } from '../host/console/command-error.ts'
import { asUser, mayUse, type User, unprivilegedUser } from './unprivileged-user.ts'

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

/** What aria2c must get at. It matters when this process is root's: aria2c is another user's then. */
export interface Aria2Needs {
  /** The folder that its torrents' files are in. */
  folder: string
  /** The port that it listens on. */
  port: number
}

/**
 * Starts aria2c without the user's proxies. It ends with this process, also when that is killed. When this process is
 * root's, aria2c is not: `unprivileged-user.ts`.
 *
 * @throws CommandError when it cannot be started
 */
export async function startAria2c(
  program: string,
  words: string[],
  needs: Aria2Needs,
): Promise<Aria2Process> {
  const user = unprivilegedUser()
  const ending = `--stop-with-process=${process.pid}`
  if (user === undefined)
    return await started(
      spawn(program, [ending, ...words], { stdio, env: withoutProxies(process.env) }),
      program,
    )
  const link = await linkFor(user, program)
  try {
    const [command = '', ...options] = asUser(user, capabilitiesFor(user, needs))
    const child = spawn(command, [...options, link?.path ?? program, ending, ...words], {
      stdio: link === undefined ? stdio : [...stdio, link.file.fd],
      // Nothing of root's environment, and no folder of root's kept busy.
      env: { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
      cwd: '/',
    })
    const aria2c = await started(child, program)
    await Promise.race([aria2c.end, isRunning(aria2c.pid, command)])
    return aria2c
  } finally {
    await link?.remove()
  }
}

const stdio: ('ignore' | 'pipe')[] = ['ignore', 'pipe', 'pipe']

/** What it cannot go without: a folder may be closed to all but root, and low ports are root's. */
export function capabilitiesFor(user: User, { folder, port }: Aria2Needs): string[] {
  return [
    ...(mayUse(user, 'folder', folder) ? [] : ['dac_read_search']),
    ...(port >= 1024 ? [] : ['net_bind_service']),
  ]
}

/**
 * A way to a program for a user who has none, as with one in root's cache: a link to the file as it is handed over open,
 * as number 3. Undefined when the user can run the program by its path.
 */
async function linkFor(user: User, program: string) {
  if (!program.includes('/') || mayUse(user, 'program', program)) return undefined
  const file = await open(program, 'r').catch((error: Error) => {
    throw cannotStart(program, error)
  })
  const folder = await mkdtemp(join(tmpdir(), 'aria2-initrd-seeder-'))
  await chmod(folder, 0o711)
  const path = join(folder, basename(program))
  await symlink('/proc/self/fd/3', path)
  const remove = async () => {
    await file.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { file, path, remove }
}

/** When the command before it has made way for it. */
async function isRunning(pid: number, command: string): Promise<void> {
  for (let name = command; name === command; ) {
    await sleep(5)
    name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim()
  }
}

const cannotStart = (program: string, { message }: Error) =>
  new CommandError(`cannot start ${program}: ${message}`, 'name an aria2c that runs on this machine')

async function started(child: ChildProcess, program: string): Promise<Aria2Process> {
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (piece: string) => {
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
    child.on('error', error => reject(cannotStart(program, error)))
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
