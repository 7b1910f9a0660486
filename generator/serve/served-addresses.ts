import { lookup } from 'node:dns/promises'
import { isIP, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostFromGuest } from '../qemu/qemu-words.ts'
import { pathOf } from './request-path.ts'
import type { Torrent } from './torrent-file.ts'

/** Where the origin and the tracker listen. */
export interface Listening {
  /** An address of this machine; 0.0.0.0 is all of IPv4, :: all. */
  bind: string
  port: number
  trackerPort: number
  /** Where nodes reach this machine, when that is none of its own addresses (a port that is forwarded). */
  address?: string
}

/** The addresses that nodes can reach; guests of QEMU's user network have one of their own for the loopback. */
export function reachable({ bind, address }: Listening): string[] {
  const own = bind === '::' || bind === '0.0.0.0' ? ownAddresses(bind === '::') : [bind]
  const forGuests = own.includes('127.0.0.1') ? [hostFromGuest] : []
  return [...own, ...forGuests, ...(address === undefined ? [] : [address])]
}

/** This machine's addresses, without the link-local ones of IPv6, which mean something on one link alone. */
function ownAddresses(withIpv6: boolean): string[] {
  const all = Object.values(networkInterfaces()).flatMap(list => list ?? [])
  return all
    .filter(({ family, address }) => family === 'IPv4' || (withIpv6 && !/^fe[89ab]/.test(address)))
    .map(({ address }) => address)
}

/** An address as a URL, or `address:port`, has it. */
export const inUrl = (address: string): string => (isIPv6(address) ? `[${address}]` : address)

/**
 * The addresses that the seeder gives to nodes: the one that the torrents name as their tracker's, when nodes can reach
 * that, for where they find the tracker they find the seeder; else one of the machine's. Where both families are listened
 * on, one of the other behind it: a node may have that alone.
 */
export async function advertisedAddresses(
  torrents: Torrent[],
  listening: Listening,
): Promise<[string, ...string[]]> {
  if (listening.address !== undefined) return [listening.address]
  const possible = reachable(listening)
  const trackers = await Promise.all(torrents.flatMap(each => each.trackers).map(addressesOf))
  const named = trackers.flat().filter(address => possible.includes(address))
  const first = named[0] ?? ownAddress(listening)
  const isOther = (address: string) => isIPv6(address) !== isIPv6(first)
  const other = named.find(isOther) ?? possible.find(address => isOther(address) && isForOthers(address))
  return other === undefined ? [first] : [first, other]
}

const isForOthers = (address: string): boolean =>
  address !== hostFromGuest && !address.startsWith('127.') && address !== '::1'

/** The machine's first address that others on the network can reach, or else the one that it listens on. */
export function ownAddress(listening: Listening): string {
  return listening.address ?? reachable(listening).find(isForOthers) ?? '127.0.0.1'
}

/** What is wrong with a torrent's trackers, a sentence; undefined when nodes will get here. */
export async function adviceOnTrackers(
  { trackers }: Torrent,
  listening: Listening,
): Promise<string | undefined> {
  const own = `http://${inUrl(ownAddress(listening))}:${listening.trackerPort}/announce`
  if (trackers.length === 0)
    return `it names no tracker: nodes find nobody unless they boot with tracker=${own}`
  const good = await Promise.all(trackers.map(url => leadsHere(url, listening.trackerPort, listening)))
  if (good.includes(true)) return undefined
  return `its tracker ${trackers[0]} is not this one: publish it with --tracker ${own}, or boot nodes with tracker=${own}`
}

/** What is wrong with the address of a published file; undefined when it is served here. */
export async function adviceOnFile(
  url: string,
  listening: Listening,
  isServed: (path: string) => Promise<boolean>,
): Promise<string | undefined> {
  const own = `http://${inUrl(ownAddress(listening))}:${listening.port}`
  if (!(await leadsHere(url, listening.port, listening)))
    return `${url} is not served here: publish it with --base-url ${own}`
  const path = pathOf(url)
  if (path !== undefined && (await isServed(path))) return undefined
  return `${url} is asked of this server, and it has no such file: publish it with --base-url ${own}`
}

/** True when a URL is one of this machine's that is listened on. */
async function leadsHere(url: string, port: number, listening: Listening): Promise<boolean> {
  if (!/^http:/i.test(url) || !URL.canParse(url) || Number(new URL(url).port || 80) !== port) return false
  const possible = reachable(listening)
  return (await addressesOf(url)).some(address => possible.includes(address))
}

/** The addresses that a URL's host stands for; none when it is no URL, or nobody knows the name in time. */
async function addressesOf(url: string): Promise<string[]> {
  if (!URL.canParse(url)) return []
  const hostname = new URL(url).hostname.replace(/^\[|\]$/g, '')
  if (isIP(hostname) !== 0) return [hostname]
  const inTime = new Promise<never[]>(resolve => setTimeout(() => resolve([]), 2000).unref())
  const found = lookup(hostname, { all: true }).then(
    list => list.map(({ address }) => address),
    () => [],
  )
  return await Promise.race([found, inTime])
}
