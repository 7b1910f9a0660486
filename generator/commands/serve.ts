import { isIP } from 'node:net'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { CommandError } from '../host/console/command-error.ts'
import { terminalProgress } from '../host/console/progress.ts'
import { whenOutputBreaks } from '../host/console/standard-output.ts'
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
