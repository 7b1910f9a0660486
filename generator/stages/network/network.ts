/** An address by `ip=`, or by DHCP on all wired interfaces. */

import {
  before,
  exists,
  fail,
  lines,
  log,
  nextEvent,
  openEvents,
  readFile,
  uptime,
  watchDevices,
  wholeNumber,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { loadDrivers } from '../start/drivers.ts'
import { takeCards } from './cards.ts'
import { acquireLease, askOnNew } from './dhcp.ts'
import { systemUuid } from './dhcp-identity.ts'
import { addressEnd } from './hardware-address.ts'
import { isPartition } from './infiniband.ts'
import { isInterfaceName } from './interface-names.ts'
import { checkHardware, ignoreBootif, presentInterfaces } from './interfaces.ts'
import { type IpForm, parseIpForm } from './ip-form.ts'
import { hasIpv6, openIpv6Events, wantMethod } from './ipv6.ts'
import { calledFile, checkLayers, layerNames, reportUnmade } from './layers.ts'
import { findLink, prepareLink, prepareLinks } from './link.ts'
import { wantedFile } from './other-way.ts'
import { bootServers, demote, leadsToServer, reportSilence, serversOfFamily } from './reach.ts'
import { writeResolver } from './resolver.ts'
import { setRoutes } from './routes.ts'
import { checkStatic, configureStatic, useHostname } from './static-address.ts'
import { checkStaticIpv6, configureStaticIpv6 } from './static-ipv6.ts'

/** What the network stage gives to those after it. */
export interface Network {
  /** The interface with an address; empty after `ip=off`. */
  bootInterface: string
}

/** When the wait for links of fixed addresses began. */
const sinceFile = '/run/aria2-initrd/fixed-since'

/** Waits for an interface or a link for fixed addresses; ends the boot where that takes too long. */
function waitForFixed(wanted: string, present: string, parameters: Parameters): void {
  if (!exists(sinceFile)) {
    writeFile(sinceFile, `${uptime()}`)
  }
  const sinceText = readFile(sinceFile)
  const since = wholeNumber(sinceText)
  checkHardware(wanted, present, since, parameters)
  const event = nextEvent(1)
  if (event === 'device') {
    loadDrivers()
  }
}

/** Refuses an `ip=` that cannot be right here. */
function checkForm(ipForm: string, form: IpForm): void {
  if (parts.ipv6 && form.method.endsWith('6') && !hasIpv6()) {
    fail(`ip=${ipForm}: this kernel has no IPv6`)
  }
  if (parts.staticAddress && form.method === 'static') {
    if (parts.ipv6 && form.client.includes(':')) {
      checkStaticIpv6(ipForm, form)
    } else {
      checkStatic(ipForm, form)
    }
  }
}

/** Brings interfaces up, gives one an address, writes the resolver's file. */
export function bringUpNetwork(parameters: Parameters): Network {
  let bootInterface = ''
  let nameServers = parameters.nameserver
  let needsLease = ''
  /** Those that stand for all: bonds and VLANs, or bootdev. */
  let standIn = ''
  let leased = ''
  if (parts.staticAddress && parameters.bootDevice !== '') {
    if (!isInterfaceName(parameters.bootDevice)) {
      fail(`bootdev=${parameters.bootDevice}: not the name of an interface`)
    }
    standIn = parameters.bootDevice
    leased = parameters.bootDevice
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
  let called = ''
  openEvents()
  watchDevices()
  if (parts.ipv6 && hasIpv6()) {
    openIpv6Events()
  }
  const booted = addressEnd(parameters.bootif)
  if (parameters.bootif !== '' && parameters.useBootif !== '0' && booted === '') {
    ignoreBootif('not a hardware address', parameters)
  }
  if (parts.layers) {
    checkLayers(parameters)
  }
  /** The first fixed address whose interface does not lead to the boot server. */
  let firstFixed = ''
  let step = 'check'
  // All forms are checked before anything is configured.
  while (step !== 'over') {
    if (step === 'configure') {
      if (parts.interfaceNames || parts.infiniband) {
        writeFile(calledFile, `${called}${standIn}`)
      }
      if (parts.layers) {
        const layers = layerNames(parameters)
        standIn = standIn === '' ? layers : standIn
      }
    }
    if (step !== 'check' && parts.cardWork) {
      takeCards(parameters)
    }
    let position = 0
    let pending = ''
    let pendingOn = ''
    let pendingHere = ''
    for (const ipForm of lines(ipForms)) {
      const form = parseIpForm(ipForm)
      if (step === 'check') {
        if ((parts.interfaceNames || parts.infiniband) && form.formInterface !== 'BOOTIF') {
          called = `${called}${form.formInterface}\n`
        }
        if (parts.infiniband && isPartition(form.formInterface)) {
          // The card that it stands on has a name as well.
          called = `${called}${before(form.formInterface, '.')}\n`
        }
        if (parts.staticAddress) {
          nameServers = `${nameServers}${form.formServers}`
        }
        if (parts.staticAddress || parts.ipv6) {
          checkForm(ipForm, form)
        }
        continue
      }
      let named = standIn
      if (form.formInterface !== '' && form.formInterface !== 'BOOTIF') {
        named = form.formInterface
      }
      if (parts.staticAddress && form.method === 'static') {
        position += 1
        const doneFile = `/run/aria2-initrd/fixed.${position}`
        if (exists(doneFile)) {
          continue
        }
        const candidates = presentInterfaces(named, parameters)
        const link = findLink(candidates)
        let linked = link.linkedInterface
        if (linked === '' && step === 'rest') {
          // Its address is there when its link is.
          linked = before(candidates, '\n')
        }
        if (linked === '') {
          pending = 'yes'
          pendingOn = `${pendingOn}${named}\n`
          pendingHere = `${pendingHere}${candidates}`
          continue
        }
        writeFile(doneFile, linked)
        prepareLink(linked, form)
        // The gateway of the first ip= counts, or that of bootdev.
        let metric = position * 1000
        if (linked === parameters.bootDevice) {
          metric = 0
        } else if (parameters.bootDevice === '') {
          metric -= 1000
        }
        let family = 'IPv4'
        if (parts.ipv6 && form.client.includes(':')) {
          family = 'IPv6'
          configureStaticIpv6(linked, form, metric, parameters)
          writeFile(`/run/aria2-initrd/lease6.${linked}`, `router=${form.gateway}`)
        } else {
          configureStatic(linked, form, metric)
          writeFile(`/run/aria2-initrd/lease.${linked}`, `router=${form.gateway}`)
        }
        if (!parts.leaseCheck) {
          bootInterface = bootInterface === '' ? linked : bootInterface
        } else if (bootInterface === '' && step !== 'rest') {
          writeResolver(nameServers, parameters)
          const all = bootServers(parameters)
          const servers = parts.ipv6 ? serversOfFamily(family, all) : all
          if ((servers !== '' || all === '') && leadsToServer(linked, servers, family)) {
            bootInterface = linked
          } else {
            if (servers !== '') {
              // An address of the other family is no way to them, and nobody's fault.
              reportSilence(linked, servers, family)
              demote(linked, family)
            }
            firstFixed = firstFixed === '' ? linked : firstFixed
          }
        }
        continue
      }
      if (parts.staticAddress && step !== 'configure') {
        continue
      }
      if (form.method === 'off') {
        log(`ip=${ipForm}: no address configured`)
        continue
      }
      if (parts.staticAddress && (form.mtu !== '' || form.hardwareAddress !== '')) {
        prepareLinks(named, form, parameters)
      }
      needsLease = 'yes'
      if (parts.ipv6) {
        wantMethod(named, form.method)
      }
      if (named !== '') {
        leased = `${leased}\n${named}`
      }
    }
    if (step === 'check') {
      step = 'configure'
    } else if (!parts.staticAddress || pending === '' || step === 'rest') {
      step = 'over'
    } else if (bootInterface !== '' || needsLease !== '' || firstFixed !== '') {
      // Something else may lead on.
      step = 'rest'
    } else {
      step = 'again'
      waitForFixed(pendingOn, pendingHere, parameters)
    }
  }
  if (needsLease !== '' && bootInterface === '') {
    acquireLease(leased, nameServers, '', parameters)
    bootInterface = readFile('/run/aria2-initrd/way')
  } else if (parts.staticAddress && needsLease !== '') {
    log(`${bootInterface} leads on; nobody waits for DHCP`)
    const others = presentInterfaces(leased, parameters)
    const uuid = parts.dhcpIdentity ? systemUuid() : ''
    askOnNew(leased, others, uuid, parameters)
  }
  if (parts.staticAddress && bootInterface === '' && firstFixed !== '') {
    log(`no interface leads to the boot server; ${firstFixed} is kept`)
    bootInterface = firstFixed
  }
  if (parts.layers) {
    reportUnmade(parameters)
  }
  if (parts.staticAddress) {
    setRoutes(parameters.wantedRoutes)
    useHostname(parameters.givenHostname)
  }
  if (parts.leaseCheck && needsLease !== '') {
    writeFile(wantedFile, leased)
  }
  if (parts.staticAddress) {
    writeFile('/run/aria2-initrd/way', bootInterface)
  }
  writeResolver(nameServers, parameters)
  return { bootInterface }
}
