/** An address by `ip=`, or by DHCP on all wired interfaces. */

import { fail, lines, log, openEvents } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { acquireLease } from './dhcp.ts'
import { addressEnd } from './hardware-address.ts'
import { nameInterfaces } from './interface-names.ts'
import { ignoreBootif, waitForInterface, waitForLink, wiredInterfaces } from './interfaces.ts'
import { parseIpForm } from './ip-form.ts'
import { hasIpv6, openIpv6Events, wantMethod } from './ipv6.ts'
import { checkLayers, layerNames, makeLayers, namesBelow } from './layers.ts'
import { prepareLinks } from './link.ts'
import { writeResolver } from './resolver.ts'
import { setRoutes } from './routes.ts'
import { checkStatic, configureStatic, useHostname } from './static-address.ts'
import { checkStaticIpv6, configureStaticIpv6 } from './static-ipv6.ts'
import { isMissing, nameAsUdev } from './udev-names.ts'

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
  /** Those that stand for all where `ip=` names none: bonds and VLANs, or bootdev. */
  let standIn = ''
  let leased = ''
  // The gateway of the first ip= counts, or that of bootdev.
  let nextMetric = 0
  if (parts.staticAddress && parameters.bootDevice !== '') {
    standIn = parameters.bootDevice
    leased = parameters.bootDevice
    nextMetric = 1000
  }
  // `ip=` without a value asks for nothing.
  let ipForms = ''
  for (const given of lines(parameters.ip)) {
    ipForms = `${ipForms}${given}\n`
  }
  if (ipForms === '') {
    ipForms = parts.ipv6 ? 'any' : 'dhcp'
  }
  /** What the command line calls interfaces. */
  let calledNames = ''
  openEvents()
  if (parts.ipv6 && hasIpv6()) {
    openIpv6Events()
  }
  const bootAddress = addressEnd(parameters.bootif)
  if (parameters.bootif !== '' && parameters.useBootif !== '0' && bootAddress === '') {
    ignoreBootif('not a hardware address', parameters)
  }
  if (parts.bond || parts.vlan || parts.infiniband) {
    checkLayers(parameters)
  }
  // All forms are checked before anything is configured.
  for (const step of ['check', 'configure']) {
    if (step === 'configure') {
      if (parts.ifname && parameters.interfaceWishes !== '') {
        waitForInterface(parameters.interfaceTimeout)
        const unnamed = wiredInterfaces()
        nameInterfaces(parameters.interfaceWishes, unnamed)
      }
      if (parts.interfaceNames) {
        const below = namesBelow(parameters)
        calledNames = `${calledNames}${standIn}\n${below}`
        if (isMissing(calledNames)) {
          waitForInterface(parameters.interfaceTimeout)
          nameAsUdev(calledNames)
        }
      }
      if (parts.bond || parts.vlan || parts.infiniband) {
        const layers = layerNames(parameters)
        if (layers !== '') {
          waitForInterface(parameters.interfaceTimeout)
          makeLayers(parameters)
          standIn = standIn === '' ? layers : standIn
        }
      }
    }
    for (const ipForm of lines(ipForms)) {
      const form = parseIpForm(ipForm)
      if (step === 'check') {
        if (parts.interfaceNames && form.formInterface !== 'BOOTIF') {
          calledNames = `${calledNames}${form.formInterface}\n`
        }
        if (parts.staticAddress && form.method === 'static') {
          if (parts.ipv6 && form.client.includes(':')) {
            checkStaticIpv6(ipForm, form)
          } else {
            checkStatic(ipForm, form)
          }
        }
        if (parts.ipv6 && form.method.endsWith('6') && !hasIpv6()) {
          fail(`ip=${ipForm}: this kernel has no IPv6`)
        }
        continue
      }
      if (form.method === 'off') {
        log(`ip=${ipForm}: no address configured`)
        continue
      }
      let named = standIn
      if (form.formInterface !== '' && form.formInterface !== 'BOOTIF') {
        named = form.formInterface
      }
      if (parts.staticAddress) {
        if (form.mtu !== '' || form.hardwareAddress !== '') {
          prepareLinks(named, form, parameters)
        }
        nameServers = `${nameServers}${form.formServers}`
      }
      if (!parts.staticAddress || form.method !== 'static') {
        needsLease = 'yes'
        if (parts.ipv6) {
          wantMethod(named, form.method)
        }
        if (named !== '') {
          leased = `${leased}\n${named}`
        }
      } else {
        const link = waitForLink(named, parameters)
        bootInterface = link.linkedInterface
        let metric = nextMetric
        if (bootInterface === parameters.bootDevice) {
          metric = 0
        } else {
          nextMetric += 1000
        }
        if (parts.ipv6 && form.client.includes(':')) {
          configureStaticIpv6(bootInterface, form, metric, parameters)
        } else {
          configureStatic(bootInterface, form, metric)
        }
      }
    }
  }
  if (needsLease !== '') {
    const lease = acquireLease(leased, nameServers, parameters)
    bootInterface = lease.leasedInterface
  }
  if (parts.staticAddress) {
    setRoutes(parameters.wantedRoutes)
    useHostname(parameters.givenHostname)
  }
  writeResolver(nameServers, parameters)
  return { bootInterface }
}
