/** An address by `ip=`, or by DHCP on the first interface with a link. */

import { ip, lines, log } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { acquireLease } from './dhcp.ts'
import { interfacesOfBootif } from './hardware-address.ts'
import { nameInterfaces } from './interface-names.ts'
import { waitForCarrier, waitForInterface, wiredInterfaces } from './interfaces.ts'
import { parseIpForm } from './ip-form.ts'
import { checkLayers, layerNames, makeLayers } from './layers.ts'

import { prepareLink } from './link.ts'
import { writeResolver } from './resolver.ts'
import { setRoutes } from './routes.ts'
import { checkStatic, configureStatic, nameHost } from './static-address.ts'

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
  // The gateway of the first ip= counts, or that of bootdev.
  let nextMetric = 0
  if (parts.staticAddress && parameters.bootDevice !== '') {
    nextMetric = 1000
  }
  // `ip=` without a value asks for nothing.
  let ipForms = ''
  for (const given of lines(parameters.ip)) {
    ipForms = `${ipForms}${given}\n`
  }
  if (ipForms === '') {
    ipForms = 'dhcp'
  }
  if (parts.bond || parts.vlan) {
    checkLayers(parameters)
  }
  // All forms are checked before anything is configured.
  for (const step of ['check', 'configure']) {
    if (step === 'configure') {
      waitForInterface(parameters.interfaceTimeout)
      if (parts.ifname) {
        const unnamed = wiredInterfaces()
        nameInterfaces(parameters.interfaceWishes, unnamed)
      }
      usable = wiredInterfaces()
      for (const interface_ of lines(usable)) {
        ip('link', 'set', 'dev', interface_, 'up')
      }
      if (parameters.bootif !== '' && parameters.useBootif !== '0') {
        usable = interfacesOfBootif(parameters.bootif, usable)
      }
      if (parts.staticAddress && parameters.bootDevice !== '') {
        usable = parameters.bootDevice
      }
      if (parts.bond || parts.vlan) {
        makeLayers(parameters)
        const made = layerNames(parameters)
        if (made !== '') {
          usable = made
        }
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
        if (bootInterface === parameters.bootDevice) {
          configureStatic(bootInterface, form, 0)
        } else {
          configureStatic(bootInterface, form, nextMetric)
          nextMetric += 1000
        }
      }
      if (parts.staticAddress) {
        nameServers = `${nameServers}${form.formServers}`
      }
    }
  }
  if (parts.staticAddress) {
    setRoutes(parameters.wantedRoutes)
    nameHost(parameters.givenHostname)
  }
  writeResolver(nameServers, parameters)
  return { bootInterface }
}
