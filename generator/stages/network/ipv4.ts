/** IPv4 addresses and masks, judged before anybody acts on them. Bits are a text of ones and zeros. */
import { before, consistsOf, split, wholeNumber, withoutFirst, withoutPrefix } from '../api/machine.ts'

/** One of the four numbers of an address, but for its size. */
function isOctet(octet: string): boolean {
  return (
    octet !== '' && octet.length <= 3 && consistsOf(octet, '0-9') && (octet === '0' || !octet.startsWith('0'))
  )
}

/** The 32 bits of an address; empty for what is none. */
export function addressBits(dotted: string): string {
  if (dotted.endsWith('.')) {
    return ''
  }
  let addressSoFar = ''
  for (const part of split(dotted, '.')) {
    if (!isOctet(part)) {
      return ''
    }
    let amount = wholeNumber(part)
    if (amount > 255) {
      return ''
    }
    let place = 128
    while (place > 0) {
      if (amount >= place) {
        addressSoFar += '1'
        amount -= place
      } else {
        addressSoFar += '0'
      }
      place = Math.trunc(place / 2)
    }
  }
  if (addressSoFar.length !== 32) {
    return ''
  }
  return addressSoFar
}

/**
 * Whether one machine can have an address: it is not "this network", loopback, multicast, reserved or broadcast
 * (RFC 6890).
 */
export function isHost(hostBits: string): boolean {
  return (
    hostBits !== '' &&
    !hostBits.startsWith('00000000') &&
    !hostBits.startsWith('01111111') &&
    !hostBits.startsWith('111')
  )
}

/** The ones of a mask like 255.255.255.0 or 24; empty for what is none, as 0, 33 and 255.0.255.0 are. */
export function maskOnes(maskText: string): string {
  if (isOctet(maskText)) {
    const length = wholeNumber(maskText)
    if (length > 32) {
      return ''
    }
    let counted = ''
    while (counted.length < length) {
      counted += '1'
    }
    return counted
  }
  const maskBits = addressBits(maskText)
  const leading = before(maskBits, '0')
  const zeros = withoutPrefix(maskBits, leading)
  if (consistsOf(zeros, '0')) {
    return leading
  }
  return ''
}

/** The bits of an address behind its network's. */
export function hostPart(wholeBits: string, networkOnes: string): string {
  let behind = wholeBits
  let onesLeft = networkOnes
  while (onesLeft !== '') {
    behind = withoutFirst(behind)
    onesLeft = withoutFirst(onesLeft)
  }
  return behind
}
