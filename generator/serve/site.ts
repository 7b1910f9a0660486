import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Fleet } from '../fleet/fleet-nodes.ts'
import { type FleetWatchOptions, startFleetWatch } from '../fleet/fleet-watch.ts'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { EventLines } from './event-lines.ts'
import { FolderWatch } from './folder-watch.ts'
import { freePort } from './free-port.ts'
import { type LiveSeeder, startLiveSeeder } from './live-seeder.ts'
import { type Origin, startOrigin } from './origin.ts'
import { reportPath } from './report-answer.ts'
import { ReportedNodes } from './reported-nodes.ts'
import { advertisedAddresses, inUrl, type Listening } from './served-addresses.ts'
import { Tally } from './tally.ts'
import { TorrentFolder } from './torrent-folder.ts'
import { type Catalogue, TorrentKeeper } from './torrent-keeper.ts'
import { type Announce, type OwnSeeder, startTracker, type Tracker } from './tracker.ts'
import { mayUse, unprivilegedUser } from './unprivileged-user.ts'

export interface SiteOptions {
  folder: string
  /** An address of this machine; 0.0.0.0 is all of IPv4, :: all. */
  bind: string
  /** Ports; 0 is any free one. */
  port: number
  trackerPort: number
  seederPort: number
  /** Where nodes reach this machine, when that is none of its own addresses. */
  address?: string
  /** What HTTP and BitTorrent may use, each. */
  bytesPerSecond?: number
  /** Path of the program. */
  aria2c: string
  /** Shows the nodes; without it what they report is written alone. */
  fleet?: FleetWatchOptions
  /** Takes what happens, line by line. */
  write: (line: string) => void
}

export interface Site {
  /** Without a slash at its end. */
  readonly url: string
  readonly trackerUrl: string
  /** `address:port` of the seeder, as nodes are told. */
  readonly seederPeer: string
  readonly seeder: LiveSeeder
  /** Ends everything; the lines of the closing summary. */
  close(): Promise<string[]>
}

/** Serves a folder to nodes: HTTP, a tracker for the torrents in it, and a seeder for them. */
export async function startSite(options: SiteOptions): Promise<Site> {
  const { bind } = options
  const folder = resolve(options.folder)
  await requireFolder(folder)
  const lines = new EventLines(options.write)
  const say = (line: string) => lines.say(line)
  const tally = new Tally(lines)
  const catalogue: Catalogue = new Map()
  // The last that was started is the first to end.
  const closers: (() => Promise<unknown>)[] = []
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  let ownSeeder: (OwnSeeder & { seeder: LiveSeeder }) | undefined
  try {
    const sentBytes = () => ({ http: tally.httpBytes, seeder: ownSeeder?.seeder.given ?? 0 })
    const watch =
      options.fleet === undefined
        ? undefined
        : await startFleetWatch(options.fleet, sentBytes, say, (peer, reason) =>
            lines.about(peer, `fleet: ${reason}`),
          )
    if (watch !== undefined) closers.push(() => watch.close())
    const fleet = watch?.fleet ?? new Fleet()
    const nodes = new ReportedNodes(options.write, fleet)
    const origin = await startOrigin({
      folder,
      host: bind,
      port: options.port,
      ...rateOf(options),
      onAnswer: request => {
        tally.answered(request)
        if (request.method === 'GET') fleet.answered(request.peer, request)
      },
      onReport: (peer, event) => nodes.took(peer, event),
      onRefusal: (peer, reason) => lines.about(peer, `HTTP: ${reason}`),
    })
    closers.push(() => origin.close())
    const tracker = await startTracker({
      infoHashes: catalogue,
      seeder: infoHash => (ownSeeder?.seeder.seeds(infoHash) ? ownSeeder : undefined),
      rackOf: address => fleet.rackAt(address),
      host: bind,
      port: options.trackerPort,
      onAnnounce: announce => {
        tally.announced(announce, catalogue.get(announce.infoHash))
        const { host, port } = peerOf(announce)
        const isSeeder = ownSeeder?.hosts.includes(host) === true && port === ownSeeder.port
        if (!isSeeder) fleet.announced(host, announce)
      },
      onRefusal: (peer, reason) => lines.about(peer, `tracker: ${reason}`),
    })
    closers.push(() => tracker.close())

    const listening = listeningOf(options, origin, tracker)
    const torrents = new TorrentFolder(folder)
    const { found } = await torrents.read()
    const hosts = await advertisedAddresses(
      found.map(({ torrent }) => torrent),
      listening,
    )
    const port = await seederPort(bind, options.seederPort)
    const seeder = await startLiveSeeder({
      aria2c: options.aria2c,
      bind,
      port,
      folder,
      // The tracker takes a peer's word for its address from the loopback only.
      tracker: `http://${inUrl(loopbackOf(bind))}:${tracker.port}/announce`,
      address: hosts[0],
      ...rateOf(options),
      say,
    })
    closers.push(() => seeder.close())
    ownSeeder = { hosts, port, seeder }
    const peers = hosts.map(host => `${inUrl(host)}:${port}`)

    say(`serving ${folder}`)
    say(`  HTTP     http://${inUrl(bind)}:${origin.port}/`)
    say(`  tracker  http://${inUrl(bind)}:${tracker.port}/announce`)
    say(`  reports  of nodes with report=http://${inUrl(hosts[0] ?? bind)}:${origin.port}${reportPath}`)
    say(`  seeder   ${inUrl(bind)}:${port}, which nodes are told to reach at ${peers.join(' and ')}`)
    const user = unprivilegedUser()
    const closed = user !== undefined && !mayUse(user, 'folder', folder)
    if (user !== undefined) say(`           it runs as ${user.name}${closed ? readsAll : ''}`)
    if (watch !== undefined) say(`  fleet    ${watch.url}`)
    const folderWatch = new FolderWatch(
      torrents,
      new TorrentKeeper(folder, catalogue, seeder, say, user === undefined || closed ? undefined : user),
      listening,
      say,
    )
    closers.push(() => folderWatch.close())
    await folderWatch.start()
    return {
      url: origin.url,
      trackerUrl: tracker.url,
      seederPeer: peers[0] ?? '',
      seeder,
      async close() {
        await closeAll()
        lines.flush()
        nodes.flush()
        return [...tally.summary(seeder.given), ...nodes.summary()]
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** The address and the port of `address:port`. */
function peerOf({ peer }: Announce): { host: string; port: number } {
  const [, host = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(peer) ?? []
  return { host, port: Number(port) }
}

/** Where this machine itself reaches what listens on all of its addresses. */
const loopbackOf = (bind: string): string => ({ '0.0.0.0': '127.0.0.1', '::': '::1' })[bind] ?? bind

const readsAll =
  ' but may read all files of this machine, as others cannot read the folder: chmod o+rx it and those above it'

async function requireFolder(folder: string): Promise<void> {
  try {
    await readdir(folder)
  } catch (error) {
    throw new CommandError(
      `cannot serve ${folder}: ${reasonOf(error)}`,
      'name the folder that holds the files, such as the one that publish wrote',
    )
  }
}

async function seederPort(bind: string, wished: number): Promise<number> {
  const port = await freePort(bind, wished)
  if (port !== undefined) return port
  throw new CommandError(
    `cannot listen on ${bind}:${wished}: another program uses it`,
    'choose another port with --seeder-port, or stop the program that uses this one',
  )
}

function listeningOf({ bind, address }: SiteOptions, origin: Origin, tracker: Tracker): Listening {
  return {
    bind,
    port: origin.port,
    trackerPort: tracker.port,
    ...(address === undefined ? {} : { address }),
  }
}

const rateOf = ({ bytesPerSecond }: SiteOptions) => (bytesPerSecond === undefined ? {} : { bytesPerSecond })
