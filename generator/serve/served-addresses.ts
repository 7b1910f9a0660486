import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostFromGuest } from '../qemu/command-line.ts'
import type { Torrent } from './torrent-file.ts'

/** Where the origin and the tracker listen. */
export interface Listening {
  /** An IPv4 address of this machine; 0.0.0.0 is all of them. */
  bind: string
  port: number
  trackerPort: number
  /** Where nodes reach this machine, when that is none of its own addresses (a port that is forwarded). */
  address?: string
}

/** The addresses that nodes can reach; guests of QEMU's user network have one of their own for the loopback. */
export function reachable({ bind, address }: Listening): string[] {
  const own = bind === '0.0.0.0' ? ipv4Addresses() : [bind]
  const forGuests = own.includes('127.0.0.1') ? [hostFromGuest] : []
  return [...own, ...forGuests, ...(address === undefined ? [] : [address])]
}

function ipv4Addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap(list =>
    (list ?? []).filter(({ family }) => family === 'IPv4').map(({ address }) => address),
  )
}

/**
 * The address that the seeder gives to nodes: the one that the torrents name as their tracker's, when nodes can reach
 * that, for where they find the tracker they find the seeder; else one of the machine's.
 */
export async function advertisedAddress(torrents: Torrent[], listening: Listening): Promise<string> {
  if (listening.address !== undefined) return listening.address
  const possible = reachable(listening)
  for (const url of torrents.flatMap(({ trackers }) => trackers)) {
    const named = (await addressesOf(url)).find(address => possible.includes(address))
    if (named !== undefined) return named
  }
  return ownAddress(listening)
}

/** The machine's first address that others on the network can reach, or else the one that it listens on. */
export function ownAddress(listening: Listening): string {
  const forOthers = (address: string) => address !== hostFromGuest && !address.startsWith('127.')
  return listening.address ?? reachable(listening).find(forOthers) ?? '127.0.0.1'
}

/** What is wrong with the addresses in a torrent, a sentence each. Nothing, when nodes will get here. */
export async function adviceOn(torrent: Torrent, listening: Listening): Promise<string[]> {
  const { trackers, webSeeds } = torrent
  const possible = reachable(listening)
  const advice: string[] = []
  const reaches = async (url: string, port: number) =>
    /^http:/i.test(url) &&
    URL.canParse(url) &&
    Number(new URL(url).port || 80) === port &&
    (await addressesOf(url)).some(address => possible.includes(address))

  const good = await Promise.all(trackers.map(async url => reaches(url, listening.trackerPort)))
  const here = (port: number, path: string) => `http://${ownAddress(listening)}:${port}/${path}`
  const tracker = here(listening.trackerPort, 'announce')
  if (trackers.length === 0)
    advice.push(`it names no tracker: nodes find nobody unless they boot with tracker=${tracker}`)
  else if (!good.includes(true))
    advice.push(
      `its tracker ${trackers[0]} is not this one: publish it with --tracker ${tracker}, or boot nodes with ` +
        `tracker=${tracker}`,
    )
  for (const url of webSeeds) {
    if (!(await reaches(url, listening.port)))
      advice.push(`its web seed ${url} is not served here, but ${here(listening.port, '')} is`)
  }
  return advice
}

/** The IPv4 addresses that a URL's host stands for; none when it is no URL, or nobody knows the name in time. */
async function addressesOf(url: string): Promise<string[]> {
  if (!URL.canParse(url)) return []
  const { hostname } = new URL(url)
  if (isIP(hostname) === 4) return [hostname]
  const inTime = new Promise<never[]>(resolve => setTimeout(() => resolve([]), 2000).unref())
  const found = lookup(hostname, { all: true, family: 4 }).then(
    list => list.map(({ address }) => address),
    () => [],
  )
  return await Promise.race([found, inTime])
}
