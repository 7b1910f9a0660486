import { consistsOf, lines, log, namesIn, readFile, split, withoutFirst, writeFile } from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { addressBits, isHost } from './ipv4.ts'

/** Whether a text is an IPv6 address (RFC 4291) of another machine. */
function isIpv6Host(address: string): boolean {
  return address.includes(':') && consistsOf(address, '0-9a-fA-F.:') && address !== '::' && address !== '::1'
}

/** Writes /etc/resolv.conf: `nameserver=` and those of `ip=` first, one a line, then DHCP's. */
export function writeResolver(servers: string, parameters: Parameters): void {
  let text = ''
  let separate = ''
  for (const group of lines(servers)) {
    for (const server of split(group, ',')) {
      separate = `${separate}${server}\n`
    }
  }
  for (const server of lines(separate)) {
    const bits = addressBits(server)
    if (isHost(bits) || isIpv6Host(server)) {
      text = `${text}\nnameserver ${server}`
    } else {
      log(`name server '${server}' ignored: not a host address`)
    }
  }
  let search = ''
  const state = parameters.peerDns === '0' ? '' : namesIn('/run/aria2-initrd')
  for (const file of lines(state)) {
    if (file.startsWith('resolv.')) {
      const fromDhcp = readFile(`/run/aria2-initrd/${file}`)
      for (const line of lines(fromDhcp)) {
        // A resolver takes the last search list: the first one is left.
        if (search === '' || !line.startsWith('search ')) {
          text = `${text}\n${line}`
        }
        if (line.startsWith('search ')) {
          search = line
        }
      }
    }
  }
  if (text !== '') {
    // Without its first newline.
    writeFile('/etc/resolv.conf', withoutFirst(text))
  }
}
