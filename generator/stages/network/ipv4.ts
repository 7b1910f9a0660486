/** IPv4 addresses and masks. Bits are a text of ones and zeros. */
import { before, consistsOf, split, wholeNumber, withoutFirst, withoutPrefix } from '../api/machine.ts'

/** Whether a text is a number as in an address: up to 3 digits, no leading zero. */
function isOctet(octet: string): boolean {
  if (octet === '0') {
    return true
  }
  return octet.length <= 3 && octet !== '' && consistsOf(octet, '0-9') && !octet.startsWith('0')
}

/** The 32 bits of an address; empty for anything else. */
export function addressBits(address: string): string {
  if (address.endsWith('.')) {
    return ''
  }
  let bits = ''
  for (const octet of split(address, '.')) {
    if (!isOctet(octet)) {
      return ''
    }
    let rest = wholeNumber(octet)
    if (rest > 255) {
      return ''
    }
    let weight = 128
    while (weight > 0) {
      if (rest >= weight) {
        bits += '1'
        rest -= weight
      } else {
        bits += '0'
      }
      weight = Math.trunc(weight / 2)
    }
  }
  if (bits.length === 32) {
    return bits
  }
  return ''
}

/**
 * Whether one machine can have an address: it is not "this network", loopback, multicast, reserved or broadcast
 * (RFC 6890).
 */
export function isHost(bits: string): boolean {
  return (
    bits !== '' && !bits.startsWith('00000000') && !bits.startsWith('01111111') && !bits.startsWith('111')
  )
}

/** The ones of a mask like 255.255.255.0 or 24; empty for anything else, 0, 33 and 255.0.255.0 among it. */
export function maskOnes(mask: string): string {
  if (isOctet(mask)) {
    const length = wholeNumber(mask)
    if (length > 32) {
      return ''
    }
    let ones = ''
    while (ones.length < length) {
      ones += '1'
    }
    return ones
  }
  const bits = addressBits(mask)
  const ones = before(bits, '0')
  const zeros = withoutPrefix(bits, ones)
  if (consistsOf(zeros, '0')) {
    return ones
  }
  return ''
}

/** The bits of an address that are not its network's. */
export function hostPart(bits: string, ones: string): string {
  let hostBits = bits
  let onesLeft = ones
  while (onesLeft !== '') {
    hostBits = withoutFirst(hostBits)
    onesLeft = withoutFirst(onesLeft)
  }
  return hostBits
}
