/** An address by `ip=`, or by DHCP on the first interface with a link. */

import { fail, lines, log, openEvents } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { refuseWithout } from '../start/check-parameters.ts'
import { acquireLease } from './dhcp.ts'
import { waitForLink } from './interfaces.ts'
import { writeResolver } from './resolver.ts'
import { checkStatic, configureStatic, fieldOf } from './static-address.ts'

/** What the network stage gives to those after it. */
export interface Network {
  /** The interface with an address; empty after `ip=off`. */
  bootInterface: string
}

/**
 * `dhcp`, `static` or `off`: what one `ip=` asks for. With an address it is static, whatever its seventh field says:
 * sites write it that way.
 */
function methodOf(ipForm: string): string {
  switch (ipForm) {
    case 'dhcp':
    case 'on':
    case 'any':
    case 'single-dhcp':
      return 'dhcp'
    case 'off':
    case 'none':
      return 'off'
  }
  const autoconf = fieldOf(ipForm, 2)
  switch (autoconf) {
    case 'dhcp':
    case 'on':
    case 'any':
    case 'single-dhcp':
      return 'dhcp'
    case 'dhcp6':
    case 'auto6':
    case 'either6':
    case 'link6':
      return fail(`ip=${ipForm}: IPv6 is not supported yet`)
  }
  if (ipForm.startsWith('[')) {
    return fail(`ip=${ipForm}: IPv6 is not supported yet`)
  }
  const client = fieldOf(ipForm, 1)
  if (client === '') {
    return 'dhcp'
  }
  return 'static'
}

/** The interface that an `ip=` names: first in `DEV:dhcp`, sixth in the long form; empty where it names none. */
function interfaceNamedBy(ipForm: string): string {
  const autoconf = fieldOf(ipForm, 2)
  switch (autoconf) {
    case 'dhcp':
    case 'on':
    case 'any':
    case 'single-dhcp':
      return fieldOf(ipForm, 1)
  }
  return fieldOf(ipForm, 6)
}

/** Every `ip=`, checked; DHCP without one. */
function checkedForms(given: string): string {
  let ipForms = ''
  for (const ipForm of lines(given)) {
    const method = methodOf(ipForm)
    if (method === 'static') {
      if (parts.staticAddress) {
        checkStatic(ipForm)
      } else {
        refuseWithout(`ip=${ipForm}`, 'static-address')
      }
    }
    ipForms = `${ipForms}${ipForm}\n`
  }
  if (ipForms === '') {
    return 'dhcp'
  }
  return ipForms
}

/** Brings interfaces up, gives one an address, writes the resolver's file. */
export function bringUpNetwork(parameters: Parameters): Network {
  let bootInterface = ''
  let needsLease = ''
  let leased = ''
  const ipForms = checkedForms(parameters.ip)
  openEvents()
  for (const ipForm of lines(ipForms)) {
    const method = methodOf(ipForm)
    const named = interfaceNamedBy(ipForm)
    if (method === 'off') {
      log(`ip=${ipForm}: no address configured`)
    } else if (!parts.staticAddress || method === 'dhcp') {
      needsLease = 'yes'
      leased = `${leased}${named}\n`
    } else {
      const link = waitForLink(named, parameters)
      bootInterface = link.linkedInterface
      configureStatic(ipForm, bootInterface)
    }
  }
  if (needsLease !== '') {
    if (leased === '\n') {
      leased = ''
    }
    const lease = acquireLease(leased, parameters)
    bootInterface = lease.leasedInterface
  }
  writeResolver(parameters)
  return { bootInterface }
}
