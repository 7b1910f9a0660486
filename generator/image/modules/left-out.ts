/** Which drivers of network cards the kernel has and the image has not: what /init says of a card without a driver. */
import { isNetworkDriver, usbHosts } from '../hardware/needed-modules.ts'
import type { ModuleTree } from './module-tree.ts'

/** Where the table lies in the image. */
export const leftOutFile = 'lib/modules/left-out'

const lower = (text = ''): string => text.toLowerCase()

/** What /init finds in /sys of the devices that an alias is for: ids, or the class of a USB function; undefined for others. */
function keyOf(alias: string): string | undefined {
  const pci = /^pci:v0000([0-9A-F]{4})d0000([0-9A-F]{4})/.exec(alias)
  if (pci !== null) return `0x${lower(pci[1])}:0x${lower(pci[2])}`
  const usb = /^usb:v([0-9A-F]{4})p([0-9A-F]{4})/.exec(alias)
  if (usb !== null) return `${lower(usb[1])}:${lower(usb[2])}`
  const ofClass = /^usb:v\*p\*d\*dc\*dsc\*dp\*ic([0-9A-F]{2})isc([0-9A-F]{2})ip([0-9A-F]{2})/.exec(alias)
  if (ofClass !== null) return `${lower(ofClass[1])}.${lower(ofClass[2])}.${lower(ofClass[3])}`
  // USB's host controllers go by PCI's class.
  const host = /^pci:v\*d\*sv\*sd\*bc0Csc03i([0-9A-F]{2})/.exec(alias)
  return host === null ? undefined : `0x0c03${lower(host[1])}`
}

/** `KEY DRIVER` in lines, sorted; empty where nothing is left out, or the tree's modules tell nothing. */
export async function leftOutTable(tree: ModuleTree, packed: ReadonlySet<string>): Promise<string> {
  const names = tree.names.filter(
    name => !packed.has(name) && (isNetworkDriver(tree.pathOf(name)) || usbHosts.includes(name)),
  )
  const tables = await Promise.all(
    names.map(async name => {
      // One that cannot be read is none that anybody has asked for.
      const aliases = await tree.aliasesOf(name).catch(() => [])
      return aliases.flatMap(alias => {
        const key = keyOf(alias)
        return key === undefined ? [] : [`${key} ${name}\n`]
      })
    }),
  )
  return [...new Set(tables.flat())].sort().join('')
}
