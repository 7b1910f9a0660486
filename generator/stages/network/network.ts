/** An address by {@part ip-forms `ip=`, or by }DHCP on all wired interfaces. */

import {
  attribute,
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
import { acquireLease, askOnNew, wayFile } from './dhcp.ts'
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

/** The first fixed address whose interface does not lead to the boot server. */
const firstFixedFile = '/run/aria2-initrd/first-fixed'
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

/** What a form calls interfaces, one a line: its own, and the one that a partition stands on. */
function calledIn(form: IpForm): string {
  let calledNames = ''
  if (form.formInterface !== 'BOOTIF') {
    calledNames = `${form.formInterface}\n`
  }
  if (parts.infiniband && isPartition(form.formInterface)) {
    calledNames = `${calledNames}${before(form.formInterface, '.')}\n`
  }
  return calledNames
}

/** Configures a fixed address, the first of all, the second and so on, and takes its router down for whoever judges it. */
function configureFixed(linked: string, form: IpForm, position: number, parameters: Parameters): void {
  prepareLink(linked, form)
  // The gateway of the first ip= counts, or that of bootdev.
  let metric = position * 1000
  if (linked === parameters.bootDevice) {
    metric = 0
  } else if (parameters.bootDevice === '') {
    metric -= 1000
  }
  if (parts.ipv6 && form.client.includes(':')) {
    configureStaticIpv6(linked, form, metric, parameters)
    writeFile(`/run/aria2-initrd/lease6.${linked}`, `router=${form.gateway}`)
  } else {
    configureStatic(linked, form, metric)
    writeFile(`/run/aria2-initrd/lease.${linked}`, `router=${form.gateway}`)
  }
}

/** Lets the boot go by a fixed address through which the boot server answers; else says why not. */
function judgeFixed(linked: string, form: IpForm, nameServers: string, parameters: Parameters): void {
  let family = 'IPv4'
  if (parts.ipv6 && form.client.includes(':')) {
    family = 'IPv6'
  }
  writeResolver(nameServers, parameters)
  const all = bootServers(parameters)
  const servers = parts.ipv6 ? serversOfFamily(family, all) : all
  if ((servers !== '' || all === '') && leadsToServer(linked, servers, family)) {
    writeFile(wayFile, linked)
    return
  }
  if (servers !== '') {
    // An address of the other family is no way to them, and nobody's fault.
    reportSilence(linked, servers, family)
    demote(linked, family)
  }
  if (!exists(firstFixedFile)) {
    writeFile(firstFixedFile, linked)
  }
}

/** Starts what tells of devices and links{@part ipv6 , and of IPv6}.{@part bootif  Judges what needs none of them.} */
function openNetwork(parameters: Parameters): void {
  openEvents()
  watchDevices()
  if (parts.ipv6 && hasIpv6()) {
    openIpv6Events()
  }
  if (
    parts.bootif &&
    parameters.bootif !== '' &&
    parameters.useBootif !== '0' &&
    addressEnd(parameters.bootif) === ''
  ) {
    ignoreBootif('not a hardware address', parameters)
  }
  if (parts.layers) {
    checkLayers(parameters)
  }
}

/** Brings interfaces up, gives one an address, writes the resolver's file. */
export function bringUpNetwork(parameters: Parameters): Network {
  let nameServers = parts.nameServers ? parameters.nameserver : ''
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
  openNetwork(parameters)
  if (parts.ipForms) {
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
    let step = parts.checkedForms ? 'check' : 'configure'
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
        if (parts.checkedForms && step === 'check') {
          // All of them, before anything is configured.
          if (parts.interfaceNames || parts.infiniband) {
            called = `${called}${calledIn(form)}\n`
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
          configureFixed(linked, form, position, parameters)
          if (!parts.leaseCheck && !exists(wayFile)) {
            writeFile(wayFile, linked)
          }
          if (parts.leaseCheck && !exists(wayFile) && step !== 'rest') {
            judgeFixed(linked, form, nameServers, parameters)
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
      if (parts.checkedForms && step === 'check') {
        step = 'configure'
      } else if (!parts.staticAddress || pending === '' || step === 'rest') {
        step = 'over'
      } else if (needsLease !== '' || exists(wayFile) || exists(firstFixedFile)) {
        // Something else may lead on.
        step = 'rest'
      } else {
        step = 'again'
        waitForFixed(pendingOn, pendingHere, parameters)
      }
    }
  } else {
    if (parts.interfaceNames || parts.infiniband) {
      writeFile(calledFile, standIn)
    }
    if (parts.layers) {
      const layers = layerNames(parameters)
      standIn = standIn === '' ? layers : standIn
    }
    if (parts.cardWork) {
      takeCards(parameters)
    }
    leased = standIn
  }
  if (!parts.ipForms || (needsLease !== '' && (!parts.staticAddress || !exists(wayFile)))) {
    acquireLease(leased, nameServers, '', parameters)
  } else if (parts.ipForms && parts.staticAddress && needsLease !== '') {
    const fixedWay = readFile(wayFile)
    log(`${fixedWay} reaches the boot server; not waiting for DHCP`)
    const others = presentInterfaces(leased, parameters)
    const uuid = parts.dhcpIdentity ? systemUuid() : ''
    askOnNew(leased, others, uuid, parameters)
  }
  if (
    parts.ipForms &&
    parts.staticAddress &&
    parts.leaseCheck &&
    !exists(wayFile) &&
    exists(firstFixedFile)
  ) {
    const kept = readFile(firstFixedFile)
    log(`no interface reaches the boot server; keeping ${kept}`)
    writeFile(wayFile, kept)
  }
  if (parts.layers) {
    reportUnmade(parameters)
  }
  if (parts.staticAddress) {
    setRoutes(parameters.wantedRoutes)
    useHostname(parameters.givenHostname)
  }
  if (parts.leaseCheck && (!parts.ipForms || needsLease !== '')) {
    writeFile(wantedFile, leased)
  }
  writeResolver(nameServers, parameters)
  return { bootInterface: attribute(wayFile) }
}
