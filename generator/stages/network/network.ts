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
import { acquireLease, askOnNew } from './dhcp.ts'
import { systemUuid } from './dhcp-identity.ts'
import { addressEnd } from './hardware-address.ts'
import { isPartition } from './infiniband.ts'
import { isInterfaceName } from './interface-names.ts'
import { checkHardware, ignoreBootif, presentInterfaces, wayFile } from './interfaces.ts'
import { type IpForm, parseIpForm } from './ip-form.ts'
import { hasIpv6, openIpv6Events, wantMethod } from './ipv6.ts'
import { calledFile, checkLayers, layerNames, reportUnmade } from './layers.ts'
import { linkedIn, prepareLink, prepareLinks, setUpNew } from './link.ts'
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
function configureFixed(interface_: string, form: IpForm, position: number, parameters: Parameters): void {
  prepareLink(interface_, form)
  // The gateway of the first ip= counts, or that of bootdev.
  let metric = position * 1000
  if (interface_ === parameters.bootDevice) {
    metric = 0
  } else if (parameters.bootDevice === '') {
    metric -= 1000
  }
  if (parts.ipv6 && form.client.includes(':')) {
    configureStaticIpv6(interface_, form, metric, parameters)
    writeFile(`/run/aria2-initrd/lease6.${interface_}`, `router=${form.gateway}`)
  } else {
    configureStatic(interface_, form, metric)
    writeFile(`/run/aria2-initrd/lease.${interface_}`, `router=${form.gateway}`)
  }
}

/** Lets the boot go by a fixed address through which the boot server answers; else says why not. */
function judgeFixed(interface_: string, form: IpForm, nameServers: string, parameters: Parameters): void {
  let family = 'IPv4'
  if (parts.ipv6 && form.client.includes(':')) {
    family = 'IPv6'
  }
  writeResolver(nameServers, parameters)
  const all = bootServers(parameters)
  const servers = parts.ipv6 ? serversOfFamily(family, all) : all
  if ((servers !== '' || all === '') && leadsToServer(interface_, servers, family)) {
    writeFile(wayFile, interface_)
    return
  }
  if (servers !== '') {
    // An address of the other family is no way to them, and nobody's fault.
    reportSilence(interface_, servers, family)
    demote(interface_, family)
  }
  if (!exists(firstFixedFile)) {
    writeFile(firstFixedFile, interface_)
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

/** Gives an interface of a form its fixed address, and keeps its name in a file. @param step `rest` takes one without a link, too */
function configureForm(
  form: IpForm,
  named: string,
  position: number,
  step: string,
  nameServers: string,
  parameters: Parameters,
): void {
  const candidates = presentInterfaces(named, parameters)
  setUpNew(candidates)
  let linked = linkedIn(candidates)
  if (linked === '' && step === 'rest') {
    // Its address is there when its link is.
    linked = before(candidates, '\n')
  }
  if (linked === '') {
    return
  }
  writeFile(`/run/aria2-initrd/fixed.${position}`, linked)
  configureFixed(linked, form, position, parameters)
  if (!parts.leaseCheck && !exists(wayFile)) {
    writeFile(wayFile, linked)
  }
  if (parts.leaseCheck && !exists(wayFile) && step !== 'rest') {
    judgeFixed(linked, form, nameServers, parameters)
  }
}

/** Prepares the interfaces of a form that asks for a lease. */
function prepareLease(form: IpForm, named: string, parameters: Parameters): void {
  if (parts.staticAddress && (form.mtu !== '' || form.hardwareAddress !== '')) {
    prepareLinks(named, form, parameters)
  }
  if (parts.ipv6) {
    wantMethod(named, form.method)
  }
}

/** The forms of `ip=`, one a line. Without a value it asks for nothing. */
function givenForms(given: string): string {
  for (const ipForm of lines(given)) {
    if (ipForm !== '') {
      return given
    }
  }
  return parts.ipv6 ? 'any' : 'dhcp'
}

/** The interfaces that a form is for, one a line; nothing for all wired ones. @param standIn those of a form without a name */
function namedIn(form: IpForm, standIn: string): string {
  return form.formInterface === '' || form.formInterface === 'BOOTIF' ? standIn : form.formInterface
}

/** What is done with the forms next: `rest` gives addresses to interfaces without a link, too. */
function stepAfter(step: string, pendingOn: string, asksLease: string): string {
  if (parts.checkedForms && step === 'check') {
    return 'configure'
  }
  if (!parts.staticAddress || pendingOn === '' || step === 'rest') {
    return 'over'
  }
  // Something else may lead on.
  return asksLease !== '' || exists(wayFile) || exists(firstFixedFile) ? 'rest' : 'again'
}

/** Makes and names what stands on cards, and the cards that have appeared. @param called what `ip=` and bootdev call interfaces */
function openInterfaces(called: string, parameters: Parameters): void {
  if (parts.interfaceNames || parts.infiniband) {
    writeFile(calledFile, called)
  }
  takeCards(parameters)
}

/** What the forms of `ip=` have left to do. */
interface FormsOutcome {
  /** The interfaces that ask for a lease, one a line; nothing for all wired ones. */
  leased: string
  /** Empty where none is asked for. */
  needsLease: string
  /** The name servers of the command line, one a line. */
  formsServers: string
}

/** Does what `ip=` says: checks all forms, then prepares interfaces and gives them their fixed addresses. */
function takeForms(standIn: string, parameters: Parameters): FormsOutcome {
  const ipForms = givenForms(parameters.ip)
  let formsServers = parts.nameServers ? parameters.nameserver : ''
  let called = parts.staticAddress ? `${parameters.bootDevice}\n` : ''
  let leased = parts.staticAddress ? parameters.bootDevice : ''
  let needsLease = ''
  let step = parts.checkedForms ? 'check' : 'configure'
  while (step !== 'over') {
    if (parts.cardWork && step !== 'check') {
      openInterfaces(called, parameters)
    }
    let position = 0
    let pendingOn = ''
    let pendingHere = ''
    for (const ipForm of lines(ipForms)) {
      const form = parseIpForm(ipForm)
      const named = namedIn(form, standIn)
      if (parts.checkedForms && step === 'check') {
        if (parts.staticAddress || parts.ipv6) {
          checkForm(ipForm, form)
        }
        if (parts.interfaceNames || parts.infiniband) {
          called = `${called}${calledIn(form)}\n`
        }
        if (parts.staticAddress) {
          formsServers = `${formsServers}${form.formServers}`
        }
      } else if (parts.staticAddress && form.method === 'static') {
        position += 1
        const doneFile = `/run/aria2-initrd/fixed.${position}`
        if (!exists(doneFile)) {
          configureForm(form, named, position, step, formsServers, parameters)
        }
        if (!exists(doneFile)) {
          const here = presentInterfaces(named, parameters)
          pendingOn = `${pendingOn}${named}\n`
          pendingHere = `${pendingHere}${here}`
        }
      } else if (step === 'configure' && form.method === 'off') {
        log(`ip=${ipForm}: no address configured`)
      } else if (step === 'configure') {
        prepareLease(form, named, parameters)
        needsLease = 'yes'
        if (named !== '') {
          leased = `${leased}\n${named}`
        }
      }
    }
    step = stepAfter(step, pendingOn, needsLease)
    if (parts.staticAddress && step === 'again') {
      waitForFixed(pendingOn, pendingHere, parameters)
    }
  }
  return { leased, needsLease, formsServers }
}

/** Asks for a lease{@part static-address ; without waiting for it where a fixed address reaches the boot server}. */
function askForLease(wanted: string, nameServers: string, parameters: Parameters): void {
  if (parts.staticAddress && exists(wayFile)) {
    const fixedWay = readFile(wayFile)
    log(`${fixedWay} reaches the boot server; not waiting for DHCP`)
    const present = presentInterfaces(wanted, parameters)
    const uuid = parts.dhcpIdentity ? systemUuid() : ''
    askOnNew(wanted, present, uuid, parameters)
  } else {
    acquireLease(wanted, nameServers, '', parameters)
  }
  if (parts.leaseCheck) {
    writeFile(wantedFile, wanted)
  }
}

/** Keeps the first fixed address where no interface reaches the boot server. */
function keepFirstFixed(): void {
  if (!exists(wayFile) && exists(firstFixedFile)) {
    const kept = readFile(firstFixedFile)
    log(`no interface reaches the boot server; keeping ${kept}`)
    writeFile(wayFile, kept)
  }
}

/** The interfaces of an `ip=` that names none, one a line: bootdev, or bonds and VLANs; nothing for all wired ones. */
function standInFor(parameters: Parameters): string {
  if (parts.staticAddress && parameters.bootDevice !== '') {
    return parameters.bootDevice
  }
  return parts.layers ? layerNames(parameters) : ''
}

/** Brings interfaces up, gives one an address, writes the resolver's file. */
export function bringUpNetwork(parameters: Parameters): Network {
  if (parts.staticAddress && parameters.bootDevice !== '' && !isInterfaceName(parameters.bootDevice)) {
    fail(`bootdev=${parameters.bootDevice}: not the name of an interface`)
  }
  openNetwork(parameters)
  const standIn = parts.namedInterfaces ? standInFor(parameters) : ''
  let nameServers = parts.nameServers ? parameters.nameserver : ''
  if (parts.ipForms) {
    const outcome = takeForms(standIn, parameters)
    nameServers = outcome.formsServers
    if (outcome.needsLease !== '') {
      askForLease(outcome.leased, nameServers, parameters)
    }
    if (parts.staticAddress && parts.leaseCheck) {
      keepFirstFixed()
    }
  } else {
    if (parts.cardWork) {
      openInterfaces(parts.staticAddress ? parameters.bootDevice : '', parameters)
    }
    if (parts.leaseCheck) {
      askForLease(standIn, nameServers, parameters)
    } else {
      acquireLease(standIn, nameServers, '', parameters)
    }
  }
  if (parts.layers) {
    reportUnmade(parameters)
  }
  if (parts.staticAddress) {
    setRoutes(parameters.wantedRoutes)
    useHostname(parameters.givenHostname)
  }
  writeResolver(nameServers, parameters)
  return { bootInterface: attribute(wayFile) }
}
