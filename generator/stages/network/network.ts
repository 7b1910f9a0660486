/** From bare interfaces to an address: as `ip=` says, or by DHCP on the first interface with a link. */

import { fail, ip, lines, log } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { refuseWithout } from '../start/check-parameters.ts'
import { acquireLease } from './dhcp.ts'
import { interfaceWithAddress, waitForCarrier, waitForInterface } from './interfaces.ts'
import { writeResolver } from './resolver.ts'
import { checkStatic, configureStatic, fieldOf } from './static-address.ts'

/** What the network stage gives to those after it. */
export interface Network {
  /** The interface that has an address; empty when `ip=off` forbids one. */
  iface: string
}

/**
 * What one `ip=` asks for: `dhcp`, `static`, `off` or `ipv6`. With an address it is static, whatever its seventh field says:
 * that is how sites write it.
 */
function methodOf(request: string): string {
  switch (request) {
    case 'dhcp':
    case 'on':
    case 'any':
    case 'single-dhcp':
      return 'dhcp'
    case 'off':
    case 'none':
      return 'off'
  }
  const second = fieldOf(request, 2)
  switch (second) {
    case 'dhcp':
    case 'on':
    case 'any':
    case 'single-dhcp':
      return 'dhcp'
    case 'dhcp6':
    case 'auto6':
    case 'either6':
    case 'link6':
      return 'ipv6'
  }
  if (request.startsWith('[')) {
    return 'ipv6'
  }
  const requestedAddress = fieldOf(request, 1)
  if (requestedAddress === '') {
    return 'dhcp'
  }
  return 'static'
}

/** The device that an `ip=` names: first in `DEV:dhcp`, sixth in the long form. Empty where it names none. */
function deviceOf(request: string): string {
  const autoconf = fieldOf(request, 2)
  switch (autoconf) {
    case 'dhcp':
    case 'on':
    case 'any':
    case 'single-dhcp':
      return fieldOf(request, 1)
  }
  return fieldOf(request, 6)
}

/** Ends the stage when an `ip=` asks for what cannot be done, before anything is set up. */
function checkRequest(asking: string): void {
  const kind = methodOf(asking)
  switch (kind) {
    case 'ipv6':
      fail(`ip=${asking}: IPv6 is not supported yet`)
      break
    case 'static':
      if (parts.staticAddress) {
        checkStatic(asking)
      } else {
        refuseWithout(`ip=${asking}`, 'static-address')
      }
      break
  }
}

/** All that `ip=` asks for, DHCP where it asks for nothing; one that cannot be done ends the stage. */
function checkedRequests(given: string): string {
  let asked = ''
  for (const givenForm of lines(given)) {
    checkRequest(givenForm)
    asked = `${asked}${givenForm}\n`
  }
  if (asked === '') {
    return 'dhcp'
  }
  return asked
}

/** Interfaces up, an address on one, the resolver written. */
export function bringUpNetwork(parameters: Parameters): Network {
  let iface = ''
  const requests = checkedRequests(parameters.ip)
  const present = waitForInterface(parameters.interfaceTimeout)
  for (const wiredName of lines(present)) {
    ip('link', 'set', 'dev', wiredName, 'up')
  }
  let usable = present
  if (parameters.bootif !== '' && parameters.useBootif !== '0') {
    usable = interfaceWithAddress(parameters.bootif, present)
  }
  for (const form of lines(requests)) {
    const method = methodOf(form)
    if (method === 'off') {
      log(`ip=${form}: no address is set up`)
    } else {
      let offered = usable
      const device = deviceOf(form)
      if (device !== '') {
        offered = device
      }
      if (!parts.staticAddress || method === 'dhcp') {
        iface = acquireLease(offered, parameters)
      } else {
        iface = waitForCarrier(offered, parameters.carrierTimeout)
        configureStatic(form, iface)
      }
    }
  }
  writeResolver(parameters)
  return { iface }
}
