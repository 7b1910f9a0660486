/**
 * Interfaces by the names that udev gives them in the next system (systemd.net-naming-scheme(7)): an admin writes
 * `ip=enp1s0:dhcp`, and this kernel says eth0.
 */
import {
  after,
  afterLast,
  attribute,
  before,
  beforeLast,
  consistsOf,
  exists,
  fileHasLine,
  hexAt,
  hexNumber,
  interfaceFolders,
  ip,
  lastLineWith,
  lines,
  log,
  namesIn,
  split,
  succeeds,
  withoutPrefix,
} from '../api/machine.ts'

/** Whether a device's name is an address on PCI: `0000:01:00.0`. */
function isPciAddress(name: string): boolean {
  return name.includes(':') && consistsOf(name, '0-9a-f:.') && name.includes('.')
}

/** Which port of its card an interface is: `np0` by the card's own name, `d1` by number, `r3` for that of a guest. */
function portOf(folder: string): string {
  const label = attribute(`${folder}/phys_port_name`)
  if (label.startsWith('pf') && label.includes('vf')) {
    const guest = after(label, 'vf')
    return `r${guest}`
  }
  const number = attribute(`${folder}/dev_port`)
  if (label === '' && (number === '' || number === '0')) {
    return ''
  }
  return label === '' ? `d${number}` : `n${label}`
}

/** `f1`: the function of a PCI device; empty where it has one alone. */
function functionOf(device: string): string {
  const behind = afterLast(device, ':')
  const slot = before(behind, '.')
  const digit = after(behind, '.')
  let number = hexNumber(digit)
  if (fileHasLine(`${device}/ari_enabled`, '1')) {
    // What is a slot elsewhere are more bits of the function's number.
    const bits = hexNumber(slot)
    number += bits * 8
  }
  // The first bit of the header type.
  const header = exists(`${device}/config`) ? hexAt(`${device}/config`, 14, 1) : ''
  if (number === 0 && (header === '' || header.startsWith('0'))) {
    return ''
  }
  return `f${number}`
}

/** `P2`: the domain of a PCI address; empty for the first. */
function domainOf(address: string): string {
  const digits = before(address, ':')
  const number = hexNumber(digits)
  return number === 0 ? '' : `P${number}`
}

/** `p1s0`: bus and slot of a PCI address. */
function placeOf(address: string): string {
  const rest = after(address, ':')
  const busDigits = before(rest, ':')
  const slotDigits = after(rest, ':')
  const bus = hexNumber(busDigits)
  const slot = hexNumber(before(slotDigits, '.'))
  return `p${bus}s${slot}`
}

/** The number of the hotplug slot that a PCI device sits in, itself or with the bridge above it; empty without one. */
function hotplugSlot(device: string): string {
  let above = device
  let address = afterLast(above, '/')
  while (isPciAddress(address)) {
    const slots = namesIn('/sys/bus/pci/slots')
    for (const slot of lines(slots)) {
      const slotAddress = attribute(`/sys/bus/pci/slots/${slot}/address`)
      if (slotAddress !== '' && consistsOf(slot, '0-9')) {
        const rest = withoutPrefix(address, slotAddress)
        if (rest !== address) {
          return slot
        }
      }
    }
    above = beforeLast(above, '/')
    address = afterLast(above, '/')
  }
  return ''
}

/** `u1u3c2i1`: the way to a USB function: ports, configuration and interface, where those are not the common ones. */
function usbWay(name: string): string {
  const rest = after(name, '-')
  const ports = before(rest, ':')
  const setting = after(rest, ':')
  const configuration = before(setting, '.')
  const number = after(setting, '.')
  let way = ''
  for (const port of split(ports, '.')) {
    way = `${way}u${port}`
  }
  if (configuration !== '1') {
    way = `${way}c${configuration}`
  }
  return number === '0' ? way : `${way}i${number}`
}

/** The folder of an interface's device: of a virtio one that of the card. */
function deviceOf(folder: string): string {
  const device = beforeLast(folder, '/net/')
  const name = afterLast(device, '/')
  return name.startsWith('virtio') ? beforeLast(device, '/') : device
}

/** The names that udev may give to an interface, one a line, by its folder in /sys/devices. */
export function udevNames(folder: string): string {
  const prefix = fileHasLine(`${folder}/type`, '32') ? 'ib' : 'en'
  const hardware = attribute(`${folder}/address`)
  const port = portOf(folder)
  let device = deviceOf(folder)
  let name = afterLast(device, '/')
  let way = ''
  let digits = ''
  for (const byte of split(hardware, ':')) {
    digits = `${digits}${byte}`
  }
  let names = `${prefix}x${digits}\n`
  if (exists(`${device}/bInterfaceNumber`)) {
    way = usbWay(name)
    // Its host controller.
    device = before(device, '/usb')
  }
  const virtual = afterLast(device, '/')
  if (exists(`${device}/physfn/uevent`)) {
    // One of a card's virtual functions is called after the card.
    const line = lastLineWith(`${device}/physfn/uevent`, 'PCI_SLOT_NAME=')
    const card = after(line, '=')
    device = beforeLast(device, '/')
    device = `${device}/${card}`
    const links = namesIn(device)
    for (const link of lines(links)) {
      if (fileHasLine(`${device}/${link}/uevent`, `PCI_SLOT_NAME=${virtual}`)) {
        const number = withoutPrefix(link, 'virtfn')
        way = `v${number}`
      }
    }
  }
  name = afterLast(device, '/')
  if (!isPciAddress(name)) {
    return names
  }
  const domain = domainOf(name)
  const place = placeOf(name)
  const part = functionOf(device)
  names = `${names}${prefix}${domain}${place}${part}${port}${way}\n`
  const slot = hotplugSlot(device)
  if (slot !== '') {
    names = `${names}${prefix}${domain}s${slot}${part}${port}${way}\n`
  }
  // What the firmware calls the sockets on the board: ACPI, or SMBIOS.
  for (const origin of ['acpi_index', 'index']) {
    const index = attribute(`${device}/${origin}`)
    if (index !== '') {
      names = `${names}${prefix}o${index}${port}${way}\n`
    }
  }
  return names
}

/** `NAME INTERFACE DEVICE` for each name of each interface, one a line. */
function nameTable(): string {
  let table = ''
  const folders = interfaceFolders()
  for (const folder of lines(folders)) {
    const interface_ = afterLast(folder, '/')
    const device = deviceOf(folder)
    const place = afterLast(device, '/')
    const names = udevNames(folder)
    for (const name of lines(names)) {
      table = `${table}${name} ${interface_} ${place}\n`
    }
  }
  return table
}

/** Whether a line is one of several. */
function isAmong(expected: string, former: string): boolean {
  for (const each of lines(expected)) {
    if (each === former) {
      return true
    }
  }
  return false
}

/** Whether one of the names is that of no interface. */
export function isMissing(expected: string): boolean {
  for (const name of lines(expected)) {
    if (!exists(`/sys/class/net/${name}`)) {
      return true
    }
  }
  return false
}

/**
 * Calls interfaces as the command line does, where udev would call them so. What several could be is said, and an
 * interface that the command line names by its present name keeps it.
 */
export function nameAsUdev(expected: string): void {
  const table = nameTable()
  for (const name of lines(expected)) {
    if (exists(`/sys/class/net/${name}`)) {
      continue
    }
    let found = ''
    let candidates = ''
    for (const entry of lines(table)) {
      if (entry.startsWith(`${name} `)) {
        found = after(entry, ' ')
        candidates = `${candidates} ${before(found, ' ')}`
      }
    }
    const interface_ = before(found, ' ')
    const place = after(found, ' ')
    if (found === '' || isAmong(expected, interface_)) {
      continue
    }
    if (candidates !== ` ${interface_}`) {
      log(`${name} could be any of:${candidates}; name one by its hardware address`)
    } else if (succeeds(() => ip('link', 'set', 'dev', interface_, 'name', name))) {
      log(`${name} is ${interface_} here (${place}): renamed`)
    } else {
      log(`${name} is ${interface_} here (${place}), which the kernel does not rename`)
    }
  }
}
