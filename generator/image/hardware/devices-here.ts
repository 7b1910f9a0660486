import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError } from '../../host/console/command-error.ts'
import { namesIn } from '../../host/files/folder-names.ts'

/** Buses whose devices the modules of an image serve. */
const buses = ['auxiliary', 'pci', 'usb', 'virtio', 'vmbus', 'xen']

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}

/** The modalias of a PHY, from its id (Linux: include/linux/mod_devicetable.h, MDIO_ID_FMT). */
function mdioAlias(id: string): string[] {
  if (!/^0x[0-9a-f]{1,8}$/i.test(id)) return []
  return [`mdio:${Number(id).toString(2).padStart(32, '0')}`]
}

/**
 * The modalias of each device that a driver in an image could serve, sorted, each once.
 * @param sys where sysfs is mounted
 * @throws CommandError where there is none
 */
export function devicesHere(sys = '/sys'): string[] {
  const devicesOf = (bus: string) => join(sys, 'bus', bus, 'devices')
  const found = buses.flatMap(bus =>
    namesIn(devicesOf(bus)).map(name => textOf(join(devicesOf(bus), name, 'modalias'))),
  )
  const phys = namesIn(devicesOf('mdio_bus')).flatMap(name =>
    mdioAlias(textOf(join(devicesOf('mdio_bus'), name, 'phy_id'))),
  )
  const lines = [...new Set([...found, ...phys])].filter(line => line !== '').sort()
  if (lines.length > 0) return lines
  throw new CommandError(
    `${join(sys, 'bus')} names no device`,
    'run it on a node, on Linux and outside of containers that hide /sys',
  )
}
