/** A fixed address from `ip=CLIENT:PEER:GATEWAY:MASK:HOST:DEVICE:AUTOCONF[:DNS1[:DNS2]]` (nfsroot.rst, dracut.cmdline(7)). */

import { consistsOf, fail, ip, log, setHostname, split, withoutSuffix } from '../api/machine.ts'
import { addressBits, hostPart, isHost, maskOnes } from './ipv4.ts'

/** One field between colons, counted from 1; empty where there are fewer. */
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

/** Refuses a gateway that is none, or outside the address's network. */
function checkGateway(ipForm: string, gateway: string, clientBits: string, ones: string): void {
  const gatewayBits = addressBits(gateway)
  if (!isHost(gatewayBits)) {
    fail(`ip=${ipForm}: gateway '${gateway}' is not a host address`)
  }
  const clientHost = hostPart(clientBits, ones)
  const clientNetwork = withoutSuffix(clientBits, clientHost)
  const gatewayHost = hostPart(gatewayBits, ones)
  const gatewayNetwork = withoutSuffix(gatewayBits, gatewayHost)
  // Every gateway is outside a /32: it gets a route of its own.
  if (clientHost !== '' && gatewayNetwork !== clientNetwork) {
    fail(`ip=${ipForm}: gateway ${gateway} is outside the /${ones.length} of the address`)
  }
  if (gatewayBits === clientBits) {
    fail(`ip=${ipForm}: the gateway is the address itself`)
  }
}

/** Refuses a static `ip=` that cannot be right, before anything is configured. */
export function checkStatic(ipForm: string): void {
  const client = fieldOf(ipForm, 1)
  const gateway = fieldOf(ipForm, 3)
  const mask = fieldOf(ipForm, 4)
  const clientBits = addressBits(client)
  if (!isHost(clientBits)) {
    fail(`ip=${ipForm}: '${client}' is neither a method nor a host address`)
  }
  if (mask === '') {
    fail(`ip=${ipForm}: no netmask (fourth field)`)
  }
  const ones = maskOnes(mask)
  if (ones === '') {
    fail(`ip=${ipForm}: '${mask}' is not a netmask; use one like 255.255.255.0 or 24`)
  }
  // In a /31 both are host addresses (RFC 3021).
  const hostBits = hostPart(clientBits, ones)
  if (hostBits.length > 1) {
    if (!hostBits.includes('1')) {
      fail(`ip=${ipForm}: ${client} is the network address of a /${ones.length}`)
    }
    if (!hostBits.includes('0')) {
      fail(`ip=${ipForm}: ${client} is the broadcast address of a /${ones.length}`)
    }
  }
  if (gateway !== '') {
    checkGateway(ipForm, gateway, clientBits, ones)
  }
}

/** Whether a text is a host name, or none: letters, digits, dots and hyphens, at most the kernel's 64. */
function isHostname(hostname: string): boolean {
  return (
    hostname.length <= 64 &&
    consistsOf(hostname, 'A-Za-z0-9._-') &&
    !hostname.startsWith('-') &&
    !hostname.startsWith('.')
  )
}

/** Configures the address, route and host name of a checked static `ip=`. */
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
    log(`ip=: host name '${hostname}' ignored: use at most 64 letters, digits, dots and hyphens`)
  } else if (hostname !== '') {
    setHostname(hostname)
  }
  log(`${interface_}: ${client}/${prefix}, gateway ${gateway}, from ip=`)
}
