/**
 * A switch, an origin and N nodes, each in a network namespace of its own. Cables go from namespace to namespace: the
 * machine's own network sees nothing of it. Each cable is shaped each way.
 */
import type { RackSign } from './case.ts'
import { command } from './command.ts'
import { batchOf, racksBehind, staticNeighbours } from './network-batch.ts'
import { labRuns } from './stale.ts'

/** Bits a second that a host may send, and that it may be sent. */
export interface LinkRate {
  up: number
  down: number
}

export interface LabHost {
  /** Its network namespace, below /run/netns. */
  namespace: string
  address: string
  mac: string
  /** Its socket on the switch. */
  port: string
  /** 1 is the origin's; the others are behind an uplink each. */
  rack: number
  /** Length of its network's prefix. */
  prefix: number
  rate: LinkRate
}

/** Bytes on a host's cable, Ethernet headers included, as the switch counts them. */
export interface Traffic {
  sent: number
  received: number
}

export interface LabNetwork {
  origin: LabHost
  nodes: LabHost[]
  traffic(host: LabHost): Traffic
  /** Bytes into and out of each rack that is behind an uplink. */
  uplinks(): Traffic[]
  /** Pulls a host's cable out. */
  cut(host: LabHost): void
  /** Pulls a rack's uplink out, or plugs it in again. */
  setUplink(rack: number, state: 'up' | 'down'): void
  /** Ends what runs in the namespaces, and takes them away. */
  remove(): void
}

export interface NetworkOptions {
  origin: LinkRate
  nodes: LinkRate[]
  /** With it the second half of the nodes are in a rack of their own, behind an uplink with so many bits a second. */
  secondRack?: number
  /** All nodes are in racks, each with such an uplink, and with a prefix of its own unless they know their rack by something else. */
  racks?: { count: number; uplink: number; by?: RackSign }
}

/** What a site would call a host's rack. */
export const rackName = ({ rack }: LabHost): string => `row A, rack ${rack}`

/** The rack of a node, counted from 0: 1 is the origin's. */
export function rackOfNode(
  node: number,
  nodes: number,
  { secondRack, racks }: Pick<NetworkOptions, 'secondRack' | 'racks'>,
): number {
  if (racks !== undefined) return 2 + Math.floor(node / Math.ceil(nodes / racks.count))
  return secondRack !== undefined && node >= Math.ceil(nodes / 2) ? 2 : 1
}

const prefix = 'lab-swarm-'
let made = 0

/** Lays the cables. */
export function createNetwork(options: NetworkOptions): LabNetwork {
  removeStale()
  made += 1
  const own = `${prefix}${process.pid}-${made}-`
  const racked = options.racks !== undefined
  const hosts = [options.origin, ...options.nodes].map((rate, number): LabHost => {
    const low = number % 250
    const high = Math.floor(number / 250)
    const rack = number === 0 ? 1 : rackOfNode(number - 1, options.nodes.length, options)
    // Where all have one prefix their addresses still go by racks, as on most sites.
    const network = racked ? rack : high + (number === 0 ? 0 : 1)
    return {
      namespace: own + (number === 0 ? 'origin' : `node${number}`),
      address: `10.77.${network}.${low + 1}`,
      mac: `02:77:00:00:0${high}:${low.toString(16).padStart(2, '0')}`,
      port: `port${number}`,
      rack,
      prefix: racked && (options.racks?.by ?? 'prefix') === 'prefix' ? 24 : 16,
      rate,
    }
  })
  const [origin, ...nodes] = hosts as [LabHost, ...LabHost[]]
  const inSwitch = `${own}switch`
  const remove = () => removeNamespaces(own)
  // Also after an error, and when the person has enough.
  process.once('exit', remove)
  try {
    layCables(inSwitch, hosts, options.racks?.uplink ?? options.secondRack)
  } catch (error) {
    remove()
    throw error
  }
  return {
    origin,
    nodes,
    traffic: host => trafficOf(inSwitch, host.port),
    uplinks: () => racksBehind(hosts).map(rack => trafficOf(inSwitch, `up${rack}`)),
    cut: host => command('ip', ['-n', inSwitch, 'link', 'set', host.port, 'down']),
    setUplink: (rack, state) => command('ip', ['-n', inSwitch, 'link', 'set', `up${rack}`, state]),
    remove() {
      process.off('exit', remove)
      remove()
    },
  }
}

function layCables(inSwitch: string, hosts: LabHost[], uplink: number | undefined): void {
  const batch = batchOf(inSwitch, hosts, uplink)
  command('ip', ['-batch', '-'], batch.create)
  command('ip', ['-n', inSwitch, '-batch', '-'], batch.switch)
  command('tc', ['-n', inSwitch, '-batch', '-'], batch.switchRates)
  for (const host of hosts) {
    command('ip', ['-n', host.namespace, '-batch', '-'], staticNeighbours(host, hosts))
    command('tc', ['-n', host.namespace, '-batch', '-'], batch.hostRate(host))
  }
}

function trafficOf(inSwitch: string, port: string): Traffic {
  const [link] = JSON.parse(command('ip', ['-n', inSwitch, '-json', '-s', 'link', 'show', port])) as [
    { stats64: { rx: { bytes: number }; tx: { bytes: number } } },
  ]
  return { sent: link.stats64.rx.bytes, received: link.stats64.tx.bytes }
}

function namespaces(): string[] {
  return command('ip', ['netns', 'list'])
    .split('\n')
    .map(line => line.split(' ')[0] ?? '')
    .filter(name => name.startsWith(prefix))
}

/** What labs have left that were killed. A lab that runs is left alone. */
function removeStale(): void {
  const owners = new Set(namespaces().map(name => name.slice(prefix.length).split('-')[0] ?? ''))
  for (const owner of owners) {
    if (!labRuns(owner)) removeNamespaces(`${prefix}${owner}-`)
  }
}

function removeNamespaces(start: string): void {
  const names = namespaces().filter(name => name.startsWith(start))
  for (const name of names)
    for (const pid of command('ip', ['netns', 'pids', name]).split('\n').filter(Boolean))
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {
        // It has ended by itself.
      }
  for (const name of names) command('ip', ['netns', 'delete', name])
}
