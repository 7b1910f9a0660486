import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { CommandError } from '../command-error.ts'

export interface SeederOptions {
  /** Path of the program. */
  aria2c: string
  /** Path of the .torrent file. */
  torrent: string
  /** The folder that holds the torrent's file, or the folder of its name. */
  folder: string
  /** The announce URL as seen from here; those in the torrent are not used. */
  tracker: string
  /** The IPv4 address that the tracker is to tell others. */
  address: string
}

export interface Seeder {
  readonly port: number
  /** Lets it say goodbye to the tracker. */
  close(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Gives a torrent's files, which are complete, to whoever asks; it has announced itself soon after. */
export async function startSeeder(options: SeederOptions): Promise<Seeder> {
  const { aria2c, torrent, folder } = options
  const port = await freePort()
  const child = spawn(
    aria2c,
    [
      ...['--no-conf', '--no-netrc', '--quiet', '--enable-color=false'],
      ...['--seed-ratio=0', '--bt-seed-unverified=true', '--allow-overwrite=true'],
      ...[
        '--enable-dht=false',
        '--enable-dht6=false',
        '--bt-enable-lpd=false',
        '--enable-peer-exchange=false',
      ],
      ...['--bt-exclude-tracker=*', `--bt-tracker=${options.tracker}`, `--bt-external-ip=${options.address}`],
      ...[`--listen-port=${port}`, `--dir=${folder}`, torrent],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: withoutProxies(process.env) },
  )
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output += piece
    })
  const end = new Promise<void>(resolve => {
    child.on('close', () => {
      running.delete(child)
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.on('spawn', resolve)
    child.on('error', error =>
      reject(new CommandError(`cannot start ${aria2c}: ${error.message}`, 'build it again')),
    )
  })
  return {
    port,
    async close() {
      if (child.exitCode !== null && child.exitCode !== 0)
        throw new CommandError(`the seeder ended early: ${output.trim()}`, 'run it again; is the disk full?')
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

/** Outside the range that aria2 takes by itself: the guest must not look like the seeder to the tracker. */
async function freePort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  await new Promise(resolve => server.close(resolve))
  return port
}
