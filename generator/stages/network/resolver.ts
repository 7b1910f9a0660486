import {
  before,
  exists,
  lines,
  log,
  namesIn,
  readFile,
  split,
  withoutFirst,
  withoutPrefix,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { wayFile } from './interfaces.ts'
import { addressBits, isHost } from './ipv4.ts'
import { isIpv6Host } from './ipv6-address.ts'

/** The address of a name server: without the brackets that an IPv6 one may stand in, nor the link that a link-local one is on. */
function serverAddress(server: string): string {
  const opened = withoutPrefix(server, '[')
  const closed = before(opened, ']')
  return before(closed, '%')
}

/** The name servers of the command line that are host addresses, one a line. */
export const givenFile = '/run/aria2-initrd/name-servers'

/** Writes /etc/resolv.conf: {@part name-servers `nameserver=` and those of `ip=` first, one a line, then }the name servers that DHCP gives now. */
export function writeResolver(nameServers: string, parameters: Parameters): void {
  let text = ''
  let good = ''
  if (parts.givenServers) {
    for (const group of lines(nameServers)) {
      for (const server of split(group, ',')) {
        const bits = addressBits(server)
        if (isHost(bits)) {
          text = `${text}\nnameserver ${server}`
          if (parts.leaseCheck) {
            good = `${good}${server}\n`
          }
        } else if (parts.ipv6 && isIpv6Host(serverAddress(server))) {
          const opened = withoutPrefix(server, '[')
          text = `${text}\nnameserver ${before(opened, ']')}`
          if (parts.leaseCheck) {
            good = `${good}${server}\n`
          }
        } else {
          log(`name server '${server}' ignored: not a host address`)
        }
      }
    }
  }
  if (parts.leaseCheck && parts.givenServers) {
    writeFile(givenFile, good)
  }
  if (parts.furtherLeases) {
    let search = ''
    const state = parts.nameServers && parameters.peerDns === '0' ? '' : namesIn('/run/aria2-initrd')
    for (const file of lines(state)) {
      if (file.startsWith('resolv.')) {
        const fromDhcp = readFile(`/run/aria2-initrd/${file}`)
        for (const line of lines(fromDhcp)) {
          // A resolver takes the last list: the first is left.
          if (search === '' || !line.startsWith('search ')) {
            text = `${text}\n${line}`
          }
          if (line.startsWith('search ')) {
            search = line
          }
        }
      }
    }
  } else if (!parts.nameServers || parameters.peerDns !== '0') {
    const way = readFile(wayFile)
    const file = `/run/aria2-initrd/resolv.${way}`
    if (exists(file)) {
      const fromDhcp = readFile(file)
      text = `${text}\n${fromDhcp}`
    }
  }
  if (text !== '') {
    writeFile('/etc/resolv.conf', withoutFirst(text))
  }
}
