/** An address by `ip=`, or by DHCP on all wired interfaces. */

import { lines, log, openEvents } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { acquireLease } from './dhcp.ts'
import { addressEnd } from './hardware-address.ts'
import { ignoreBootif, waitForLink } from './interfaces.ts'
import { parseIpForm } from './ip-form.ts'
import { prepareLinks } from './link.ts'
import { writeResolver } from './resolver.ts'
import { checkStatic, configureStatic } from './static-address.ts'

/** What the network stage gives to those after it. */
export interface Network {
  /** The interface with an address; empty after `ip=off`. */
  bootInterface: string
}

/** Brings interfaces up, gives one an address, writes the resolver's file. */
export function bringUpNetwork(parameters: Parameters): Network {
  let bootInterface = ''
  let nameServers = parameters.nameserver
  let needsLease = ''
  let leased = parameters.bootdev
  let metric = 0
  // `ip=` without a value asks for nothing.
  let ipForms = ''
  for (const given of lines(parameters.ip)) {
    ipForms = `${ipForms}${given}\n`
  }
  if (ipForms === '') {
    ipForms = 'dhcp'
  }
  openEvents()
  const bootAddress = addressEnd(parameters.bootif)
  if (parameters.bootif !== '' && parameters.useBootif !== '0' && bootAddress === '') {
    ignoreBootif('not a hardware address', parameters)
  }
  // All forms are checked before anything is configured.
  for (const step of ['check', 'configure']) {
    for (const ipForm of lines(ipForms)) {
      const form = parseIpForm(ipForm)
      if (step === 'check') {
        if (parts.staticAddress && form.method === 'static') {
          checkStatic(ipForm, form)
        }
        continue
      }
      if (form.method === 'off') {
        log(`ip=${ipForm}: no address configured`)
        continue
      }
      const named = form.formInterface === 'BOOTIF' ? '' : form.formInterface
      if (parts.staticAddress) {
        if (form.mtu !== '' || form.hardwareAddress !== '') {
          prepareLinks(named, form, parameters)
        }
        nameServers = `${nameServers}${form.formServers}`
      }
      if (!parts.staticAddress || form.method === 'dhcp') {
        needsLease = 'yes'
        if (named !== '') {
          leased = `${leased}\n${named}`
        }
      } else {
        const link = waitForLink(named, parameters)
        bootInterface = link.linkedInterface
        configureStatic(bootInterface, form, metric)
        // The gateway of the first one counts.
        metric += 1000
      }
    }
  }
  if (needsLease !== '') {
    const lease = acquireLease(leased, nameServers, parameters)
    bootInterface = lease.leasedInterface
  }
  writeResolver(nameServers, parameters)
  return { bootInterface }
}
