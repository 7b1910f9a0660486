/** The machine's wired interfaces, and when they can be used. */

import {
  exists,
  fail,
  fileHasLine,
  lines,
  log,
  namesIn,
  readFile,
  sleep,
  uptime,
  withoutFirst,
} from '../api/machine.ts'
import { loadDrivers } from '../start/drivers.ts'

/** The wired interfaces, one a line: those of a device, wireless excluded. */
export function wiredInterfaces(): string {
  let interfaces = ''
  const names = namesIn('/sys/class/net')
  for (const interface_ of lines(names)) {
    if (exists(`/sys/class/net/${interface_}/device`) && !exists(`/sys/class/net/${interface_}/phy80211`)) {
      interfaces = `${interfaces}${interface_}\n`
    }
  }
  return interfaces
}

/** Names the network cards without a driver. PCI class 02 is network controllers. */
function reportCardsWithoutDriver(): void {
  const cards = namesIn('/sys/bus/pci/devices')
  for (const card of lines(cards)) {
    const folder = `/sys/bus/pci/devices/${card}`
    const pciClass = readFile(`${folder}/class`)
    if (pciClass.startsWith('0x02') && !exists(`${folder}/driver`)) {
      const vendor = readFile(`${folder}/vendor`)
      const device = readFile(`${folder}/device`)
      log(`network card ${vendor}:${device} at ${card}: no driver in this initrd`)
    }
  }
}

/** Waits until there is a wired interface: a device may appear seconds after its driver. */
export function waitForInterface(timeout: number): void {
  const started = uptime()
  let now = started
  let interfaces = wiredInterfaces()
  while (interfaces === '' && now - started < timeout) {
    sleep(1)
    loadDrivers()
    interfaces = wiredInterfaces()
    now = uptime()
  }
  if (interfaces === '') {
    reportCardsWithoutDriver()
    fail(`no network interface after ${timeout} s: none present, or no driver for it`)
  }
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

/** The first interface with a link, as soon as there is one. */
export function waitForCarrier(interfaces: string, timeout: number): string {
  const started = uptime()
  let now = started
  while (now - started <= timeout) {
    for (const interface_ of lines(interfaces)) {
      if (hasCarrier(interface_)) {
        return interface_
      }
    }
    sleep(1)
    now = uptime()
  }
  const names = onOneLine(interfaces)
  return fail(`no link after ${timeout} s on ${names}; check cable and switch port`)
}
