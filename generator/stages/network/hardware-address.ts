/** Interfaces by their hardware addresses. */
import { after, consistsOf, exists, lines, lowerCase, readFile, split, withoutFirst } from '../api/machine.ts'

/**
 * What a hardware address ends in: an Ethernet one whole, of InfiniBand's 20 bytes the last eight, the port's (RFC 4391);
 * empty where the text is none. PXELINUX has the type of hardware before it: `01-52-54-00-be-ef-01`.
 */
export function addressEnd(given: string): string {
  const lowerCased = lowerCase(given)
  let address = ''
  for (const byte of split(lowerCased, '-')) {
    address = `${address}:${byte}`
  }
  address = withoutFirst(address)
  if (!consistsOf(address, '0-9a-f:')) {
    return ''
  }
  // In front of six or eight bytes.
  while (address.length === 20 || address.length > 23) {
    const rest = after(address, ':')
    if (rest === address) {
      return ''
    }
    address = rest
  }
  let count = 0
  for (const byte of split(address, ':')) {
    if (byte.length !== 2) {
      return ''
    }
    count += 1
  }
  if (count === 6 || count === 8) {
    return address
  }
  return ''
}

/** The interface with a hardware address, by its end; empty without one. */
export function interfaceAt(addressEnding: string, interfaces: string): string {
  for (const interface_ of lines(interfaces)) {
    const addressFile = `/sys/class/net/${interface_}/address`
    if (exists(addressFile)) {
      const present = readFile(addressFile)
      if (present.endsWith(addressEnding)) {
        return interface_
      }
    }
  }
  return ''
}
