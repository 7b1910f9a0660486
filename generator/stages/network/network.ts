/** An address by `ip=`, or by DHCP on the first interface with a link. */

import { ip, lines, log } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { acquireLease } from './dhcp.ts'
import { interfacesOfBootif } from './hardware-address.ts'
import { waitForCarrier, waitForInterface, wiredInterfaces } from './interfaces.ts'
import { parseIpForm } from './ip-form.ts'
import { prepareLink } from './link.ts'
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
  let usable = ''
  let metric = 0
  // `ip=` without a value asks for nothing.
  let ipForms = ''
  for (const given of lines(parameters.ip)) {
    ipForms = `${ipForms}${given}\n`
  }
  if (ipForms === '') {
    ipForms = 'dhcp'
  }
  // All forms are checked before anything is configured.
  for (const step of ['check', 'configure']) {
    if (step === 'configure') {
      waitForInterface(parameters.interfaceTimeout)
      usable = wiredInterfaces()
      for (const interface_ of lines(usable)) {
        ip('link', 'set', 'dev', interface_, 'up')
      }
      if (parameters.bootif !== '' && parameters.useBootif !== '0') {
        usable = interfacesOfBootif(parameters.bootif, usable)
      }
    }
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
      let candidates = usable
      if (form.formInterface !== '' && form.formInterface !== 'BOOTIF') {
        candidates = form.formInterface
      }
      if (parts.staticAddress) {
        for (const candidate of lines(candidates)) {
          prepareLink(candidate, form)
        }
      }
      if (!parts.staticAddress || form.method === 'dhcp') {
        const lease = acquireLease(candidates, parameters)
        bootInterface = lease.leasedInterface
      } else {
        bootInterface = waitForCarrier(candidates, parameters.carrierTimeout)
        configureStatic(bootInterface, form, metric)
        // The gateway of the first one counts.
        metric += 1000
      }
      if (parts.staticAddress) {
        nameServers = `${nameServers}${form.formServers}`
      }
    }
  }
  writeResolver(nameServers, parameters)
  return { bootInterface }
}
