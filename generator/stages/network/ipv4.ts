/** IPv4 addresses and masks, judged before anybody acts on them. Bits are a text of ones and zeros. */
import { before, consistsOf, split, wholeNumber, withoutFirst, withoutPrefix } from '../api/machine.ts'

/** One of the four numbers of an address, but for its size. */
function isOctet(octet: string): boolean {
  return (
    octet !== '' && octet.length <= 3 && consistsOf(octet, '0-9') && (octet === '0' || !octet.startsWith('0'))
  )
}

/** The 32 bits of an address; empty for what is none. */
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
  if (bits.length !== 32) {
    return ''
  }
  return bits
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

/** The ones of a mask like 255.255.255.0 or 24; empty for what is none, as 0, 33 and 255.0.255.0 are. */
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

/** The bits of an address behind its network's. */
export function hostPart(bits: string, ones: string): string {
  let hostBits = bits
  let onesLeft = ones
  while (onesLeft !== '') {
    hostBits = withoutFirst(hostBits)
    onesLeft = withoutFirst(onesLeft)
  }
  return hostBits
}
