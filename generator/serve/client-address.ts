import { isIPv6, type Socket } from 'node:net'

/** The address at the other end, an IPv4 one as such also where IPv6 is listened on; empty when it has hung up. */
export const clientAddress = ({ remoteAddress = '' }: Socket): string =>
  remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

/** What limits count as one client: an IPv4 address, or an IPv6 network of 64 bits, all of which one machine can use. */
export function countedAs(address: string): string {
  if (!isIPv6(address)) return address
  return `${ipv6Groups(address).slice(0, 4).join(':')}::/64`
}

/** The eight groups of an IPv6 address, in hex without leading zeros. */
export function ipv6Groups(address: string): string[] {
  // The URL parser writes an IPv4 address at the end as hex.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  const [head = '', tail] = canonical.split('::')
  const groups = head.split(':').filter(Boolean)
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean)
  return [...groups, ...Array<string>(8 - groups.length - after.length).fill('0'), ...after]
}
