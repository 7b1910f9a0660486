/** A fixed address from `ip=`. */

import { consistsOf, fail, ip, log, setHostname, withoutSuffix } from '../api/machine.ts'
import type { IpForm } from './ip-form.ts'
import { addressBits, hostPart, isHost, maskOnes } from './ipv4.ts'

/** Refuses a gateway that is none, or outside the address's network. */
function checkGateway(ipForm: string, form: IpForm, clientBits: string, ones: string): void {
  const gatewayBits = addressBits(form.gateway)
  if (!isHost(gatewayBits)) {
    fail(`ip=${ipForm}: gateway '${form.gateway}' is not a host address`)
  }
  const clientHost = hostPart(clientBits, ones)
  const clientNetwork = withoutSuffix(clientBits, clientHost)
  const gatewayHost = hostPart(gatewayBits, ones)
  const gatewayNetwork = withoutSuffix(gatewayBits, gatewayHost)
  // Every gateway is outside a /32: it gets a route of its own.
  if (clientHost !== '' && gatewayNetwork !== clientNetwork) {
    fail(`ip=${ipForm}: gateway ${form.gateway} is outside the /${ones.length} of the address`)
  }
  if (gatewayBits === clientBits) {
    fail(`ip=${ipForm}: the gateway is the address itself`)
  }
}

/** The mask of a form: that of a single address where only the other end of the line is given. */
function maskOf(form: IpForm): string {
  if (form.netmask === '' && form.peer !== '') {
    return '32'
  }
  return form.netmask
}

/** Refuses a static `ip=` that cannot be right, before anything is configured. */
export function checkStatic(ipForm: string, form: IpForm): void {
  const clientBits = addressBits(form.client)
  if (!isHost(clientBits)) {
    fail(`ip=${ipForm}: '${form.client}' is neither a method nor a host address`)
  }
  const peerBits = addressBits(form.peer)
  if (form.peer !== '' && !isHost(peerBits)) {
    fail(`ip=${ipForm}: peer '${form.peer}' is not a host address`)
  }
  const mask = maskOf(form)
  if (mask === '') {
    fail(`ip=${ipForm}: no netmask (fourth field)`)
  }
  const ones = maskOnes(mask)
  if (ones === '') {
    fail(`ip=${ipForm}: '${form.netmask}' is not a netmask; use one like 255.255.255.0 or 24`)
  }
  // In a /31 both are host addresses (RFC 3021).
  const hostBits = hostPart(clientBits, ones)
  if (hostBits.length > 1) {
    if (!hostBits.includes('1')) {
      fail(`ip=${ipForm}: ${form.client} is the network address of a /${ones.length}`)
    }
    if (!hostBits.includes('0')) {
      fail(`ip=${ipForm}: ${form.client} is the broadcast address of a /${ones.length}`)
    }
  }
  if (form.gateway !== '') {
    checkGateway(ipForm, form, clientBits, ones)
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

/** Sets the host name; what is none is said. */
export function useHostname(hostname: string): void {
  if (!isHostname(hostname)) {
    log(`host name '${hostname}' ignored: letters, digits, dots, hyphens, at most 64`)
  } else if (hostname !== '') {
    setHostname(hostname)
  }
}

/** Configures the address, route and host name of a checked static `ip=`. */
export function configureStatic(interface_: string, form: IpForm, metric: number): void {
  const ones = maskOnes(maskOf(form))
  const prefix = ones.length
  // In a network the second field is a boot server.
  if (prefix === 32 && form.peer !== '') {
    ip('addr', 'replace', form.client, 'peer', form.peer, 'dev', interface_)
  } else {
    ip('addr', 'replace', `${form.client}/${prefix}`, 'dev', interface_)
  }
  if (form.gateway !== '') {
    if (prefix === 32) {
      ip('route', 'replace', `${form.gateway}/32`, 'dev', interface_)
    }
    ip('route', 'replace', 'default', 'via', form.gateway, 'dev', interface_, 'metric', `${metric}`)
  }
  useHostname(form.clientName)
  const wayOut = form.gateway === '' ? 'no gateway' : `gateway ${form.gateway}`
  log(`${interface_}: ${form.client}/${prefix}, ${wayOut}, from ip=`)
}
