import { isIPv6, type Socket } from 'node:net'

/** The address at the other end, an IPv4 one as such also where IPv6 is listened on; empty when it has hung up. */
export const clientAddress = ({ remoteAddress = '' }: Socket): string =>
  remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')

/** What limits count as one client: an IPv4 address, or an IPv6 network of 64 bits, all of which one machine can use. */
export function countedAs(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head.split(':').filter(Boolean)
  const after = tail === undefined ? [] : tail.split(':').filter(Boolean)
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0')
  return `${[...groups, ...zeros, ...after].slice(0, 4).join(':')}::/64`
}
