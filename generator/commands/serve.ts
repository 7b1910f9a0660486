import { accessSync, constants, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { FleetWatchOptions } from '../fleet/fleet-watch.ts'
import { CommandError } from '../host/console/command-error.ts'
import { terminalProgress } from '../host/console/progress.ts'
import { whenOutputBreaks } from '../host/console/standard-output.ts'
import { findProgram } from '../host/debian/host-packages.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import type { PrintedServer } from '../serve/printed-configuration.ts'
import { seederPort } from '../swarm/origin-profile.ts'

interface ServeFlags {
  bind: string
  port: number
  trackerPort: number
  seederPort: number
  address?: string
  rate?: number
  aria2c?: string
  print?: PrintedServer
  fleetPort?: number
  fleetBind: string
  fleetToken?: string
  fleetHost: string[]
  racks?: string
  state?: string
  onFailure?: string
}

const printedServers: PrintedServer[] = ['nginx', 'opentracker', 'aria2c']
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** `serve`: HTTP, tracker and seeder for a folder of published files. */
export function registerServe(program: Command): void {
  program
    .command('serve')
    .description('serve the files and torrents of a folder to nodes: HTTP, BitTorrent tracker and seeder')
    .argument('<dir>', 'what publish wrote: files, and NAME.torrent beside the file or folder NAME')
    .option(
      '--bind <address>',
      'the address to listen on; 0.0.0.0 is all of this machine, :: with IPv6',
      ipAddress,
      '127.0.0.1',
    )
    .option('--port <number>', 'the port for HTTP; 0 is any free one', port, 8000)
    .option('--tracker-port <number>', 'the port of the tracker', port, 6969)
    .option('--seeder-port <number>', 'the port of the seeder', port, seederPort)
    .option(
      '--address <address>',
      'where nodes reach this machine, when that is none of its own addresses',
      ipAddress,
    )
    .option('--rate <bytes>', 'bytes a second that HTTP and BitTorrent may send, each: 500K, 50M, 1G', rate)
    .option(
      '--fleet-port <number>',
      'the port of the page of all nodes (default: 8001, or any free one)',
      port,
    )
    .option(
      '--fleet-bind <address>',
      'where that page listens; elsewhere than here it needs a token',
      ipAddress,
      '127.0.0.1',
    )
    .option('--fleet-token <text>', 'who shows it may look at the page: a file with it, or the text itself')
    .option('--fleet-host <name>', 'a name by which people reach the page; may be repeated', collected, [])
    .option(
      '--racks <file>',
      'where nodes stand: lines of an address, or the beginning of one, and a name; nodes take from their rack first',
    )
    .option('--state <dir>', 'keeps the last 50 boots of each node there')
    .option(
      '--on-failure <program>',
      'run for each node that fails or falls silent; facts are in its environment',
    )
    .option('--aria2c <file>', 'the seeder, instead of the aria2c that is built for the image')
    .addOption(
      new Option('--print <server>', 'serve nothing: print what a server of your own needs').choices(
        printedServers,
      ),
    )
    .action(serve)
}

async function serve(folder: string, flags: ServeFlags): Promise<void> {
  if (flags.print !== undefined) {
    if (flags.rate !== undefined)
      throw new CommandError('--rate and --print exclude each other', 'set the rate in what is printed', 2)
    const { printedConfiguration } = await import('../serve/printed-configuration.ts')
    const { bind, port, trackerPort, seederPort } = flags
    process.stdout.write(
      await printedConfiguration(flags.print, { folder, bind, port, trackerPort, seederPort }),
    )
    return
  }
  const { startSite } = await import('../serve/site.ts')
  const fleet = await fleetOptions(flags)
  const aria2c = flags.aria2c ?? (await packedAria2c())
  const stopped = stopSignal()
  const write = (line: string) => process.stdout.write(`${line}\n`)
  const site = await startSite({
    folder,
    bind: flags.bind,
    port: flags.port,
    trackerPort: flags.trackerPort,
    seederPort: flags.seederPort,
    ...(flags.address === undefined ? {} : { address: flags.address }),
    ...(flags.rate === undefined ? {} : { bytesPerSecond: flags.rate }),
    fleet,
    aria2c,
    write,
  })
  write('Ctrl-C ends it')
  const broken = await stopped
  write('ending')
  for (const line of await site.close()) write(line)
  if (broken !== undefined)
    throw new CommandError(
      `cannot write to standard output: ${reasonOf(broken)}`,
      'make room, or print it elsewhere',
    )
}

async function fleetOptions(flags: ServeFlags): Promise<FleetWatchOptions> {
  const { fleetBind: bind, fleetPort, fleetToken, fleetHost: hosts, racks, state, onFailure } = flags
  const { readToken } = await import('../fleet/fleet-access.ts')
  const { readRacks } = await import('../fleet/rack-map.ts')
  if (fleetToken === undefined && bind !== '::1' && !bind.startsWith('127.'))
    throw new CommandError(
      `--fleet-bind ${bind} shows the nodes to whoever can reach it`,
      'add --fleet-token FILE; openssl rand -hex 16 >FILE makes one',
      2,
    )
  return {
    bind,
    access: { hosts, ...(fleetToken === undefined ? {} : { token: readToken(fleetToken) }) },
    ...(fleetPort === undefined ? {} : { port: fleetPort }),
    ...(racks === undefined ? {} : { racks: readRacks(racks) }),
    ...(state === undefined ? {} : { state }),
    ...(onFailure === undefined ? {} : { onFailure: requireProgram(onFailure) }),
  }
}

/** The program's path: a name alone would be looked up anew each time. */
function requireProgram(name: string): string {
  const path = name.includes('/') ? resolve(name) : findProgram(name)
  try {
    accessSync(path ?? name, constants.X_OK)
    if (path !== undefined && statSync(path).isFile()) return path
  } catch {} // said below
  throw new CommandError(
    `--on-failure ${name}: no such program, or none that may be run`,
    'give the path of an executable file; options for it go into a script of yours',
    2,
  )
}

async function packedAria2c(): Promise<string> {
  const { provideBinaries } = await import('../programs/provide-programs.ts')
  const { aria2c } = await provideBinaries(terminalProgress())
  return aria2c.path
}

/**
 * Settles at the first signal that asks for an end, or when what is said is read by nobody; with the error when it cannot
 * be written for another cause. The second signal ends at once.
 */
function stopSignal(): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise(resolve => {
    let asked = false
    for (const name of stopSignals)
      process.on(name, () => {
        if (asked) process.exit(1)
        asked = true
        resolve(undefined)
      })
    whenOutputBreaks(error => {
      asked = true
      resolve(error.code === 'EPIPE' ? undefined : error)
    })
  })
}

function ipAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('give an IPv4 or IPv6 address.')
  return text
}

const collected = (text: string, before: string[]): string[] => [...before, text]

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) throw new InvalidArgumentError('ports are 0 to 65535.')
  return Number(text)
}

function rate(text: string): number {
  const [, number, unit = ''] = /^(\d{1,6}(?:\.\d+)?)([KMG]?)$/i.exec(text) ?? []
  const bytes = Number(number) * ({ '': 1, K: 1000, M: 1e6, G: 1e9 }[unit.toUpperCase()] ?? 1)
  if (number === undefined || bytes < 1) throw new InvalidArgumentError('give bytes a second, such as 50M.')
  return bytes
}
