/** IPv6 addresses as text (RFC 4291). */
import { after, before, consistsOf, split } from '../api/machine.ts'

/** Whether a text is an address: up to 8 groups of up to 4 hex digits, with `::` for zeros once. */
export function isIpv6Address(address: string): boolean {
  const head = before(address, '::')
  const tail = after(address, '::', '')
  if (!consistsOf(address, '0-9a-fA-F:') || head.startsWith(':') || tail.startsWith(':')) {
    return false
  }
  if (address.endsWith(':') && tail !== '') {
    return false
  }
  if (tail.includes('::') || (head === address && address.endsWith(':'))) {
    return false
  }
  let groups = 0
  for (const group of split(address, ':')) {
    if (group.length > 4) {
      return false
    }
    if (group !== '') {
      groups += 1
    }
  }
  return head === address ? groups === 8 : groups < 8
}

/** Whether one machine can have an address: it is not unspecified, loopback, or multicast. */
export function isIpv6Host(address: string): boolean {
  if (address === '::' || address === '::1' || address.startsWith('ff') || address.startsWith('FF')) {
    return false
  }
  return isIpv6Address(address)
}

/** Whether an address means something on its own link alone (fe80::/10). */
export function isLinkLocal(address: string): boolean {
  return (
    address.startsWith('fe8') ||
    address.startsWith('fe9') ||
    address.startsWith('fea') ||
    address.startsWith('feb')
  )
}
