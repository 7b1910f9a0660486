/** A fixed address from `ip=CLIENT:PEER:GATEWAY:MASK:HOST:DEVICE:AUTOCONF[:DNS1[:DNS2]]` (nfsroot.rst, dracut.cmdline(7)). */

import { consistsOf, fail, ip, log, setHostname, split, withoutSuffix } from '../api/machine.ts'
import { addressBits, hostPart, isHost, maskOnes } from './ipv4.ts'

/** One field of a record with colons, counted from 1; empty where the record ends before. */
export function fieldOf(record: string, wantedField: number): string {
  let fieldNumber = 0
  for (const content of split(record, ':')) {
    fieldNumber += 1
    if (fieldNumber === wantedField) {
      return content
    }
  }
  return ''
}

/** Ends the stage when the gateway is not one, or not in the address's own network. */
function checkGateway(checkedForm: string, router: string, ownBits: string, netOnes: string): void {
  const routerBits = addressBits(router)
  if (!isHost(routerBits)) {
    fail(`ip=${checkedForm}: the gateway '${router}' is no address that a router can have`)
  }
  const ownHost = hostPart(ownBits, netOnes)
  const ownNetwork = withoutSuffix(ownBits, ownHost)
  const routerHost = hostPart(routerBits, netOnes)
  const routerNetwork = withoutSuffix(routerBits, routerHost)
  // Behind a /32 every router is outside: it gets a route of its own.
  if (ownHost !== '' && routerNetwork !== ownNetwork) {
    fail(`ip=${checkedForm}: the gateway ${router} is outside of our network, a /${netOnes.length}`)
  }
  if (routerBits === ownBits) {
    fail(`ip=${checkedForm}: the gateway is the address itself`)
  }
}

/** Ends the stage when a static `ip=` cannot be right, before anything is set up. */
export function checkStatic(askedForm: string): void {
  const askedAddress = fieldOf(askedForm, 1)
  const askedRouter = fieldOf(askedForm, 3)
  const askedMask = fieldOf(askedForm, 4)
  const askedBits = addressBits(askedAddress)
  if (!isHost(askedBits)) {
    fail(`ip=${askedForm}: '${askedAddress}' is no method, and no machine's address`)
  }
  if (askedMask === '') {
    fail(`ip=${askedForm}: the fourth field, the netmask, is missing`)
  }
  const ones = maskOnes(askedMask)
  if (ones === '') {
    fail(`ip=${askedForm}: the netmask '${askedMask}' wants a form like 255.255.255.0 or 24`)
  }
  // In a /31 both addresses are machines' (RFC 3021).
  const own = hostPart(askedBits, ones)
  if (own.length > 1 && consistsOf(own, '0')) {
    fail(`ip=${askedForm}: ${askedAddress} is the address of the network itself, a /${ones.length}`)
  }
  if (own.length > 1 && consistsOf(own, '1')) {
    fail(`ip=${askedForm}: ${askedAddress} is the broadcast address of its network, a /${ones.length}`)
  }
  if (askedRouter !== '') {
    checkGateway(askedForm, askedRouter, askedBits, ones)
  }
}

/** Whether a text can be a host name: letters, digits, dots and hyphens, at most the kernel's 64. */
function isHostname(label: string): boolean {
  return (
    label.length <= 64 &&
    consistsOf(label, 'A-Za-z0-9._-') &&
    !label.startsWith('-') &&
    !label.startsWith('.')
  )
}

/** Gives an interface the address, route and host name of a static `ip=` that was checked. */
export function configureStatic(staticForm: string, staticName: string): void {
  const client = fieldOf(staticForm, 1)
  const gateway = fieldOf(staticForm, 3)
  const mask = fieldOf(staticForm, 4)
  const hostname = fieldOf(staticForm, 5)
  const clientOnes = maskOnes(mask)
  const prefix = clientOnes.length
  ip('addr', 'add', `${client}/${prefix}`, 'dev', staticName)
  if (gateway !== '') {
    if (prefix === 32) {
      ip('route', 'add', `${gateway}/32`, 'dev', staticName)
    }
    ip('route', 'add', 'default', 'via', gateway, 'dev', staticName)
  }
  if (!isHostname(hostname)) {
    log(`ip=: host name '${hostname}' left out: letters, digits, . and -, at most 64`)
  } else if (hostname !== '') {
    setHostname(hostname)
  }
  log(`${staticName}: has ${client}/${prefix}, gateway ${gateway}, as ip= says`)
}
