/** A fixed address from `ip=CLIENT:PEER:GATEWAY:MASK:HOST:DEVICE:AUTOCONF[:DNS1[:DNS2]]` (nfsroot.rst, dracut.cmdline(7)). */

import { consistsOf, fail, ip, log, setHostname, split, withoutSuffix } from '../api/machine.ts'
import { addressBits, hostPart, isHost, maskOnes } from './ipv4.ts'

/** One field of a record with colons, counted from 1; empty where the record ends before. */
export function fieldOf(ipForm: string, wanted: number): string {
  let count = 0
  for (const field of split(ipForm, ':')) {
    count += 1
    if (count === wanted) {
      return field
    }
  }
  return ''
}

/** Ends the stage when the gateway is not one, or not in the address's own network. */
function checkGateway(ipForm: string, gateway: string, clientBits: string, ones: string): void {
  const gatewayBits = addressBits(gateway)
  if (!isHost(gatewayBits)) {
    fail(`ip=${ipForm}: the gateway '${gateway}' is no address that a router can have`)
  }
  const clientHost = hostPart(clientBits, ones)
  const clientNetwork = withoutSuffix(clientBits, clientHost)
  const gatewayHost = hostPart(gatewayBits, ones)
  const gatewayNetwork = withoutSuffix(gatewayBits, gatewayHost)
  // Behind a /32 every router is outside: it gets a route of its own.
  if (clientHost !== '' && gatewayNetwork !== clientNetwork) {
    fail(`ip=${ipForm}: the gateway ${gateway} is outside of our network, a /${ones.length}`)
  }
  if (gatewayBits === clientBits) {
    fail(`ip=${ipForm}: the gateway is the address itself`)
  }
}

/** Ends the stage when a static `ip=` cannot be right, before anything is set up. */
export function checkStatic(ipForm: string): void {
  const client = fieldOf(ipForm, 1)
  const gateway = fieldOf(ipForm, 3)
  const mask = fieldOf(ipForm, 4)
  const clientBits = addressBits(client)
  if (!isHost(clientBits)) {
    fail(`ip=${ipForm}: '${client}' is no method, and no machine's address`)
  }
  if (mask === '') {
    fail(`ip=${ipForm}: the fourth field, the netmask, is missing`)
  }
  const ones = maskOnes(mask)
  if (ones === '') {
    fail(`ip=${ipForm}: the netmask '${mask}' wants a form like 255.255.255.0 or 24`)
  }
  // In a /31 both addresses are machines' (RFC 3021).
  const hostBits = hostPart(clientBits, ones)
  if (hostBits.length > 1 && consistsOf(hostBits, '0')) {
    fail(`ip=${ipForm}: ${client} is the address of the network itself, a /${ones.length}`)
  }
  if (hostBits.length > 1 && consistsOf(hostBits, '1')) {
    fail(`ip=${ipForm}: ${client} is the broadcast address of its network, a /${ones.length}`)
  }
  if (gateway !== '') {
    checkGateway(ipForm, gateway, clientBits, ones)
  }
}

/** Whether a text can be a host name: letters, digits, dots and hyphens, at most the kernel's 64. */
function isHostname(hostname: string): boolean {
  return (
    hostname.length <= 64 &&
    consistsOf(hostname, 'A-Za-z0-9._-') &&
    !hostname.startsWith('-') &&
    !hostname.startsWith('.')
  )
}

/** Gives an interface the address, route and host name of a static `ip=` that was checked. */
export function configureStatic(ipForm: string, interface_: string): void {
  const client = fieldOf(ipForm, 1)
  const gateway = fieldOf(ipForm, 3)
  const mask = fieldOf(ipForm, 4)
  const hostname = fieldOf(ipForm, 5)
  const ones = maskOnes(mask)
  const prefix = ones.length
  ip('addr', 'add', `${client}/${prefix}`, 'dev', interface_)
  if (gateway !== '') {
    if (prefix === 32) {
      ip('route', 'add', `${gateway}/32`, 'dev', interface_)
    }
    ip('route', 'add', 'default', 'via', gateway, 'dev', interface_)
  }
  if (!isHostname(hostname)) {
    log(`ip=: host name '${hostname}' left out: letters, digits, . and -, at most 64`)
  } else if (hostname !== '') {
    setHostname(hostname)
  }
  log(`${interface_}: has ${client}/${prefix}, gateway ${gateway}, as ip= says`)
}
