/** `{mac}` and its like in addresses: by what this machine is known, so that a server can give each its own. */
import {
  after,
  attribute,
  before,
  consistsOf,
  exists,
  fail,
  hexAt,
  outputOf,
  readFile,
  withoutFirst,
  withoutSuffix,
} from '../api/machine.ts'
import { wayFile } from '../network/interfaces.ts'
import { addressesIn } from './url-list.ts'

/** The first 128 bytes of a file as an address may hold them (RFC 3986, 2.1): a colon stays, which paths may have. */
function percentEncoded(file: string): string {
  const text = attribute(file)
  if (consistsOf(text, 'A-Za-z0-9._:-')) {
    return text
  }
  let encoded = ''
  const hex = hexAt(file, 0, 128)
  let rest = withoutSuffix(hex, '0a')
  while (rest !== '') {
    const half = withoutFirst(rest)
    const next = withoutFirst(half)
    const byte = withoutSuffix(rest, next)
    encoded = `${encoded}%${byte}`
    rest = next
  }
  return encoded
}

/** The first address of the boot interface; nothing where there is none. */
function ownAddress(way: string): string {
  const shown = outputOf('ip', '-o', 'addr', 'show', 'dev', way, 'scope', 'global')
  const found = after(shown, ' inet', '')
  const address = after(found, ' ')
  return before(address, '/')
}

/** What one name stands for; fails where this machine has nothing of the kind. */
function placeholderValue(placeholder: string): string {
  let value = ''
  let way = ''
  if (exists(wayFile)) {
    way = readFile(wayFile)
  }
  switch (placeholder) {
    case 'mac':
      value = percentEncoded(`/sys/class/net/${way}/address`)
      break
    case 'ip':
      value = ownAddress(way)
      break
    case 'hostname':
      value = percentEncoded('/proc/sys/kernel/hostname')
      break
    case 'uuid':
      value = percentEncoded('/sys/class/dmi/id/product_uuid')
      break
    case 'serial':
      value = percentEncoded('/sys/class/dmi/id/product_serial')
      break
    case 'arch':
      value = percentEncoded('/proc/sys/kernel/arch')
      break
  }
  // A host name that is not set is `(none)`.
  if (value === '' || value === '%28%6e%6f%6e%65%29') {
    fail(`{${placeholder}} in an address: this machine does not have one`)
  }
  return value
}

/** The addresses that a parameter holds, one a line, with what their placeholders stand for. */
export function filledIn(mirrors: string): string {
  let filled = ''
  let unfilled = addressesIn(mirrors)
  while (unfilled.includes('{')) {
    const front = before(unfilled, '{')
    const tail = after(unfilled, '{')
    const placeholder = before(tail, '}')
    const value = placeholderValue(placeholder)
    filled = `${filled}${front}${value}`
    unfilled = after(tail, '}')
  }
  return `${filled}${unfilled}`
}

/** Refuses a placeholder that is not known, or that would name the server. */
export function checkPlaceholders(url: string): void {
  const front = before(url, '{')
  if (front === url) {
    return
  }
  const path = after(front, '://', '')
  if (!path.includes('/')) {
    fail(`'${url}': placeholders can stand only behind the server's name`)
  }
  let unchecked = url
  while (unchecked.includes('{')) {
    const tail = after(unchecked, '{')
    const placeholder = before(tail, '}', '')
    switch (placeholder) {
      case 'mac':
      case 'ip':
      case 'hostname':
      case 'uuid':
      case 'serial':
      case 'arch':
        break
      default:
        fail(`{${placeholder}} in an address is unknown: ${url}`)
    }
    unchecked = after(tail, '}')
  }
}
