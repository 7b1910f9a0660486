import { consistsOf, hasContent, lines, log, readFile, withoutFirst, writeFile } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { addressBits, isHost } from './ipv4.ts'
import { fieldOf } from './static-address.ts'

/** Whether a text is an IPv6 address (RFC 4291) of another machine. */
function isIpv6Host(address: string): boolean {
  return address.includes(':') && consistsOf(address, '0-9a-fA-F.:') && address !== '::' && address !== '::1'
}

/** Writes /etc/resolv.conf: `nameserver=` first, then those of a static `ip=`, then DHCP's. */
export function writeResolver(parameters: Parameters): void {
  let servers = parameters.nameserver
  if (parts.staticAddress) {
    for (const ipForm of lines(parameters.ip)) {
      const first = fieldOf(ipForm, 8)
      const second = fieldOf(ipForm, 9)
      // Digits alone in the eighth field are an MTU.
      if (!consistsOf(first, '0-9')) {
        servers = `${servers}${first}\n`
      }
      servers = `${servers}${second}\n`
    }
  }
  let text = ''
  for (const server of lines(servers)) {
    const bits = addressBits(server)
    if (isHost(bits) || isIpv6Host(server)) {
      text = `${text}\nnameserver ${server}`
    } else {
      log(`name server '${server}' ignored: not a host address`)
    }
  }
  if (parameters.peerDns !== '0' && hasContent('/run/aria2-initrd/resolv.conf')) {
    const fromDhcp = readFile('/run/aria2-initrd/resolv.conf')
    text = `${text}\n${fromDhcp}`
  }
  if (text !== '') {
    // Without its first newline.
    writeFile('/etc/resolv.conf', withoutFirst(text))
  }
}
