/** What a DHCP server is told about this machine, so that it can tell /init from the firmware. */

import {
  consistsOf,
  exists,
  hexAt,
  lowerCase,
  readFile,
  sizeOf,
  split,
  withoutFirst,
  withoutSuffix,
} from '../api/machine.ts'

/** Holds a client identifier that is text, and a newline. */
export const clientIdFile = '/run/aria2-initrd/client-id'

/** Bytes in hex, the last one first. */
function reversed(bytes: string): string {
  let result = ''
  let rest = bytes
  while (rest !== '') {
    const half = withoutFirst(rest)
    const next = withoutFirst(half)
    const byte = withoutSuffix(rest, next)
    result = `${byte}${result}`
    rest = next
  }
  return result
}

/**
 * The system's UUID as option 97 has it (RFC 4578): a type byte, then the bytes of SMBIOS, whose first three fields are
 * little-endian. Empty where there is none.
 */
export function systemUuid(): string {
  if (!exists('/sys/class/dmi/id/product_uuid')) {
    return ''
  }
  const uuid = readFile('/sys/class/dmi/id/product_uuid')
  const lowerCased = lowerCase(uuid)
  let bytes = ''
  let number = 0
  for (const field of split(lowerCased, '-')) {
    number += 1
    if (number <= 3) {
      const turned = reversed(field)
      bytes += turned
    } else {
      bytes += field
    }
  }
  return bytes.length === 32 && consistsOf(bytes, '0-9a-f') ? `00${bytes}` : ''
}

/** rd.net.dhcp.client-id as option 61 has it (RFC 2132): bytes such as 01:52:54:00:12:34:56, or a text of type 0. */
export function clientIdentifier(given: string): string {
  let bytes = ''
  if (given.includes(':') && consistsOf(given, '0-9a-fA-F:')) {
    for (const byte of split(given, ':')) {
      bytes += byte.length === 1 ? `0${byte}` : byte
    }
    return bytes
  }
  const size = sizeOf(clientIdFile)
  const hex = hexAt(clientIdFile, 0, size - 1)
  return `00${hex}`
}
