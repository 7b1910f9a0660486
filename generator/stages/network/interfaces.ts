/** The machine's wired interfaces, and when they can be used. */

import {
  after,
  entries,
  exists,
  fail,
  fileHasLine,
  lines,
  log,
  lowerCase,
  readFile,
  sleep,
  split,
  uptime,
  withoutFirst,
} from '../api/machine.ts'
import { loadDrivers } from '../start/drivers.ts'

/** The wired interfaces, one a line: those that a device stands behind, radio left out. */
function wiredInterfaces(): string {
  let wired = ''
  const names = entries('/sys/class/net')
  for (const candidate of lines(names)) {
    if (exists(`/sys/class/net/${candidate}/device`) && !exists(`/sys/class/net/${candidate}/phy80211`)) {
      wired = `${wired}${candidate}\n`
    }
  }
  return wired
}

/** Names the network cards that have no driver here. PCI class 02 is the network controllers'. */
function reportCardsWithoutDriver(): void {
  const cards = entries('/sys/bus/pci/devices')
  for (const card of lines(cards)) {
    const cardPath = `/sys/bus/pci/devices/${card}`
    const cardClass = readFile(`${cardPath}/class`)
    if (cardClass.startsWith('0x02') && !exists(`${cardPath}/driver`)) {
      const vendor = readFile(`${cardPath}/vendor`)
      const model = readFile(`${cardPath}/device`)
      log(`network card ${vendor}:${model} at ${card} has no driver in this initrd`)
    }
  }
}

/** The wired interfaces, as soon as there is one; a device may come up to `limit` seconds after its driver. */
export function waitForInterface(limit: number): string {
  const startedAt = uptime()
  let checkedAt = startedAt
  let found = wiredInterfaces()
  while (found === '' && checkedAt - startedAt < limit) {
    sleep(1)
    loadDrivers()
    found = wiredInterfaces()
    checkedAt = uptime()
  }
  if (found === '') {
    reportCardsWithoutDriver()
    fail(`no network interface after ${limit} s: none here, or its driver is not packed`)
  }
  return found
}

/** Names one a line, on one line for the console. */
export function listed(several: string): string {
  let row = ''
  for (const single of lines(several)) {
    row = `${row} ${single}`
  }
  return withoutFirst(row)
}

/** Whether an interface has a link. The kernel lets nobody read this while the interface is down. */
export function hasCarrier(linkName: string): boolean {
  return fileHasLine(`/sys/class/net/${linkName}/carrier`, '1')
}

/** The first of the interfaces that has a link, as soon as one has; waits up to `patience` seconds. */
export function waitForCarrier(unlinked: string, patience: number): string {
  const plannedAt = uptime()
  let triedAt = plannedAt
  while (triedAt - plannedAt <= patience) {
    for (const linkCandidate of lines(unlinked)) {
      if (hasCarrier(linkCandidate)) {
        return linkCandidate
      }
    }
    sleep(1)
    triedAt = uptime()
  }
  const unlinkedNames = listed(unlinked)
  return fail(`no link after ${patience} s on ${unlinkedNames}: is the cable in, is the switch port up?`)
}

/** The interface that BOOTIF means, like `01-52-54-00-be-ef-01`: type byte first, then the hardware address. */
export function interfaceWithAddress(bootAddress: string, all: string): string {
  const lowered = lowerCase(bootAddress)
  let address = ''
  for (const byte of split(lowered, '-')) {
    address = `${address}:${byte}`
  }
  // ':01:52:...' loses ':01:'.
  address = after(address, ':')
  address = after(address, ':')
  for (const owner of lines(all)) {
    if (fileHasLine(`/sys/class/net/${owner}/address`, address)) {
      return owner
    }
  }
  return fail(`BOOTIF=${bootAddress}: no interface has the hardware address ${address}`)
}
