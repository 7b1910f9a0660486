import { consistsOf, exists, lines, log, readFile, writeFile } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { addressBits, isHost } from './ipv4.ts'
import { fieldOf } from './static-address.ts'

/** A line of resolv.conf for an address; empty, with a word on the console, for what is none. */
function nameserverLine(server: string): string {
  if (server === '') {
    return ''
  }
  const serverBits = addressBits(server)
  if (isHost(serverBits)) {
    return `nameserver ${server}`
  }
  // IPv6 (RFC 4291), but for "unspecified" and loopback.
  if (server.includes(':')) {
    if (consistsOf(server, '0-9a-fA-F.:') && server !== '::' && server !== '::1') {
      return `nameserver ${server}`
    }
  }
  log(`name server '${server}' is no machine's address: left out`)
  return ''
}

/** Writes /etc/resolv.conf: `nameserver=` first, then those of a static `ip=`, then DHCP's. */
export function writeResolver(parameters: Parameters): void {
  let resolver = ''
  for (const given of lines(parameters.nameserver)) {
    const givenLine = nameserverLine(given)
    resolver = `${resolver}${givenLine}\n`
  }
  if (parts.staticAddress) {
    for (const ipForm of lines(parameters.ip)) {
      // The eighth and ninth field of the long form; digits alone in the eighth are an MTU.
      const firstServer = fieldOf(ipForm, 8)
      if (!consistsOf(firstServer, '0-9')) {
        const firstLine = nameserverLine(firstServer)
        resolver = `${resolver}${firstLine}\n`
      }
      const secondServer = fieldOf(ipForm, 9)
      const secondLine = nameserverLine(secondServer)
      resolver = `${resolver}${secondLine}\n`
    }
  }
  if (parameters.peerDns !== '0' && exists('/run/aria2-initrd/resolv.conf')) {
    const fromDhcp = readFile('/run/aria2-initrd/resolv.conf')
    resolver = `${resolver}${fromDhcp}`
  }
  writeFile('/etc/resolv.conf', resolver)
}
