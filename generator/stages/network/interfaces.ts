/** The machine's wired interfaces, and when they can be used. */

import {
  after,
  attribute,
  before,
  exists,
  fail,
  fileHasLine,
  ip,
  kernelLogLine,
  lastLineWith,
  lines,
  log,
  namesIn,
  succeeds,
  uptime,
  withoutFirst,
  words,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { exclusionFile } from '../start/driver-choice.ts'
import { addressEnd, interfaceAt } from './hardware-address.ts'
import { reportUnmade } from './layers.ts'

/** The interface that the boot goes by, once it has one. */
export const wayFile = '/run/aria2-initrd/way'

/** The wired interfaces, one a line: those of a device, wireless excluded. */
export function wiredInterfaces(): string {
  let interfaces = ''
  for (const interface_ of lines(namesIn('/sys/class/net'))) {
    if (exists(`/sys/class/net/${interface_}/device`) && !exists(`/sys/class/net/${interface_}/phy80211`)) {
      interfaces = `${interfaces}${interface_}\n`
    }
  }
  return interfaces
}

/** Lines as one, for the console. */
export function onOneLine(text: string): string {
  let row = ''
  for (const line of lines(text)) {
    row = `${row} ${line}`
  }
  return withoutFirst(row)
}

/** Whether an interface has a link. Nobody can read this while the interface is down. */
export function hasCarrier(interface_: string): boolean {
  return fileHasLine(`/sys/class/net/${interface_}/carrier`, '1')
}

/** Whether one of the interfaces has a link. */
export function hasLink(interfaces: string): boolean {
  for (const interface_ of lines(interfaces)) {
    if (hasCarrier(interface_)) {
      return true
    }
  }
  return false
}

/** Interfaces, each with the state of its link: `eth0 (link up), eth1 (no link)`. */
export function withLinks(interfaces: string): string {
  let row = ''
  for (const interface_ of lines(interfaces)) {
    const link = hasCarrier(interface_) ? 'link up' : 'no link'
    row = `${row}, ${interface_} (${link})`
  }
  return after(row, ', ')
}

/** Is there where BOOTIF is not looked at any more. */
const ignoredBootif = '/run/aria2-initrd/bootif-ignored'

/** Says that a BOOTIF is useless; all interfaces are used then. */
export function ignoreBootif(reason: string, parameters: Parameters): void {
  log(`BOOTIF=${parameters.bootif}: ignored: ${reason}`)
  writeFile(ignoredBootif, reason)
}

/** The interfaces to use that are here, one a line: {@part ip-forms the wanted ones; where none is named, }{@part bootif that of BOOTIF, or }all wired ones. */
export function presentInterfaces(wanted: string, parameters: Parameters): string {
  if (parts.namedInterfaces && wanted !== '') {
    let present = ''
    for (const interface_ of lines(wanted)) {
      if (exists(`/sys/class/net/${interface_}`)) {
        present = `${present}${interface_}\n`
      }
    }
    return present
  }
  if (parts.bootif && parameters.bootif !== '' && parameters.useBootif !== '0' && !exists(ignoredBootif)) {
    const ending = addressEnd(parameters.bootif)
    const wired = wiredInterfaces()
    return interfaceAt(ending, wired)
  }
  return wiredInterfaces()
}

/** What the kernel says of firmware for a device, by its address or its interface's name; empty where it says nothing. */
function firmwareLine(device: string): string {
  const line = kernelLogLine(device, 'firmware')
  return after(line, '] ')
}

/** What the kernel would have for cards that this initrd has no driver for: `KEY DRIVER`, one a line. */
const leftOutFile = '/lib/modules/left-out'

/** The drivers that the kernel has for the keys of a device, and this initrd has not: ` (e1000)`; empty without one. */
function knownDrivers(keys: string): string {
  let drivers = ''
  if (exists(leftOutFile)) {
    for (const key of words(keys)) {
      const line = lastLineWith(leftOutFile, `${key} `)
      const driver = after(line, ' ', '')
      if (driver !== '') {
        drivers = `${drivers}, ${driver}`
      }
    }
  }
  const row = after(drivers, ', ')
  return row === '' ? '' : ` (${row})`
}

/** Why a device has no driver, as far as this can be told. */
function whyNoDriver(keys: string): string {
  if (parts.driverChoice && exists(exclusionFile)) {
    return 'no driver in this initrd, or the command line excludes it'
  }
  const refusal = kernelLogLine('Lockdown: ', 'unsigned module loading')
  if (refusal !== '') {
    return 'no driver: under lockdown this kernel loads modules with its signature alone'
  }
  return `no driver in this initrd${knownDrivers(keys)}`
}

/**
 * Names the network cards on PCI that have no driver, or one that lacks its firmware; and the controllers without a driver
 * behind which USB cards may be. Class 02 is network controllers, 0c03 those of USB.
 */
function reportPciCards(): void {
  const cards = namesIn('/sys/bus/pci/devices')
  for (const card of lines(cards)) {
    const folder = `/sys/bus/pci/devices/${card}`
    if (exists(`${folder}/class`)) {
      const pciClass = lastLineWith(`${folder}/class`, '0x')
      const vendor = lastLineWith(`${folder}/vendor`, '0x')
      const device = lastLineWith(`${folder}/device`, '0x')
      const firmware = firmwareLine(card)
      const keys = `${vendor}:${device} ${pciClass}`
      if (pciClass.startsWith('0x02')) {
        if (firmware !== '') {
          log(`network card ${vendor}:${device} at ${card}: ${firmware}`)
        } else if (!exists(`${folder}/driver`)) {
          log(`network card ${vendor}:${device} at ${card}: ${whyNoDriver(keys)}`)
        }
      } else if (pciClass.startsWith('0x0c03') && !exists(`${folder}/driver`)) {
        const why = whyNoDriver(keys)
        log(`USB controller ${vendor}:${device} at ${card}: ${why}`)
      }
    }
  }
}

/** Names the USB devices without a driver that may be network cards: of class 02, e0, or a vendor's own. */
function reportUsbCards(): void {
  const functions = namesIn('/sys/bus/usb/devices')
  for (const name of lines(functions)) {
    const folder = `/sys/bus/usb/devices/${name}`
    if (exists(`${folder}/bInterfaceClass`) && !exists(`${folder}/driver`)) {
      const device = before(name, ':')
      const usbClass = lastLineWith(`${folder}/bInterfaceClass`, '')
      const subclass = attribute(`${folder}/bInterfaceSubClass`)
      const protocol = attribute(`${folder}/bInterfaceProtocol`)
      const vendor = lastLineWith(`/sys/bus/usb/devices/${device}/idVendor`, '')
      const product = lastLineWith(`/sys/bus/usb/devices/${device}/idProduct`, '')
      const keys = `${vendor}:${product} ${usbClass}.${subclass}.${protocol}`
      switch (usbClass) {
        case '02':
        case 'e0':
        case 'ff':
          log(`USB device ${vendor}:${product} at ${device}: ${whyNoDriver(keys)}`)
      }
    }
  }
}

/** An interface for people: name, hardware address, driver, link. */
function described(interface_: string): string {
  const address = lastLineWith(`/sys/class/net/${interface_}/address`, ':')
  let link = 'down'
  if (hasCarrier(interface_)) {
    link = 'link up'
  } else if (fileHasLine(`/sys/class/net/${interface_}/carrier`, '0')) {
    link = 'no link'
  }
  let driver = 'unknown driver'
  if (exists(`/sys/class/net/${interface_}/device/uevent`)) {
    const line = lastLineWith(`/sys/class/net/${interface_}/device/uevent`, 'DRIVER=')
    driver = after(line, '=')
  }
  return `${interface_} (${address}, ${driver}, ${link})`
}

/** An interface has not appeared: says{@part card-reports  which there are}.{@part bootif  Without that of BOOTIF the boot goes on.} */
function reportMissing(wanted: string, seconds: number, parameters: Parameters): void {
  const interfaces = parts.cardReports || parts.chosenInterfaces ? wiredInterfaces() : ''
  let here = parts.cardReports || !parts.chosenInterfaces ? '' : onOneLine(interfaces)
  if (parts.layers) {
    reportUnmade(parameters)
  }
  if (parts.cardReports) {
    let descriptions = ''
    for (const interface_ of lines(interfaces)) {
      const description = described(interface_)
      descriptions = `${descriptions}, ${description}`
    }
    here = after(descriptions, ', ', '')
    reportPciCards()
    reportUsbCards()
  }
  if ((!parts.cardReports && !parts.chosenInterfaces) || here === '') {
    fail(`no network interface after ${seconds} s: none present, or no driver for it`)
  }
  if (parts.namedInterfaces && wanted !== '') {
    const names = onOneLine(wanted)
    if (parts.interfaceNames) {
      fail(`no interface ${names} after ${seconds} s; here are: ${here}`)
    }
    fail(`no ${names} after ${seconds} s (built --without interface-names); here: ${here}`)
  }
  if (parts.bootif) {
    ignoreBootif(`no interface has this address after ${seconds} s; here are: ${here}`, parameters)
  }
}

/** Ends the boot where an interface or a link has been waited for long enough. */
export function checkHardware(
  wanted: string,
  present: string,
  started: number,
  parameters: Parameters,
): void {
  const waited = uptime() - started
  if (present === '' && waited >= parameters.interfaceTimeout) {
    reportMissing(wanted, waited, parameters)
  }
  if (present !== '' && waited >= parameters.carrierTimeout && parameters.retries !== 0) {
    fail(`no link after ${waited} s on ${onOneLine(present)}; check cable and switch port`)
  }
}

/** Sets an interface up; says so where that fails. */
export function isSetUp(interface_: string): boolean {
  if (succeeds(() => ip('link', 'set', 'dev', interface_, 'up'))) {
    return true
  }
  if (parts.cardReports) {
    const reason = firmwareLine(interface_)
    log(`${interface_}: skipped: cannot be set up${reason === '' ? '' : `: ${reason}`}`)
  } else {
    log(`${interface_}: skipped: cannot be set up`)
  }
  return false
}
