/** What a file told of one device of a machine. */
export interface Device {
  /**
   * As the kernel writes it below /sys/bus/BUS/devices/DEVICE/modalias, such as `pci:v00008086d0000100Esv…`. What the file
   * does not tell of a PCI or USB device is `*`.
   */
  modalias?: string
  /** The driver that it has where the file was written, for files that tell no ids. */
  driver?: string
  /** For people: what the file calls it, and where it stands. */
  name: string
  /** Whether it is a wired network card, or one that may be; a file of USB ids does not tell. */
  network: boolean
}

/** How a file of devices is made; it stands in errors. */
export const howMade = 'write one on the node: cat /sys/bus/*/devices/*/modalias | sort -u > node.hardware'

/** PCI's class of network controllers, and in it those that have no name of their own, which are wireless ones. */
const [networkClass, otherNetwork] = ['02', '80']

/** Hyper-V's network card on the VM bus (Linux: include/linux/hyperv.h, HV_NIC_GUID). */
const hyperVNetwork = 'f8615163df3e46c5913ff2d2f965ed0e'

/** Whether a modalias is that of a wired network card. */
export function isNetworkCard(modalias: string): boolean {
  const pciClass = /^pci:.*bc(..)sc(..|\*)i/.exec(modalias)
  if (pciClass !== null) return pciClass[1] === networkClass && pciClass[2] !== otherNetwork
  return (
    modalias.startsWith('virtio:d00000001v') ||
    modalias === `vmbus:${hyperVNetwork}` ||
    modalias === 'xen:vif'
  )
}

/** A PCI device of which a list tells these numbers, in hex; those that it does not tell are undefined. */
export interface PciIds {
  vendor: string
  device: string
  class?: string | undefined
  subvendor?: string | undefined
  subdevice?: string | undefined
  interface?: string | undefined
}

const hex = (digits: string | undefined, width: number) =>
  digits === undefined || digits === '' ? '*' : digits.toUpperCase().padStart(width, '0')

/** The modalias of a PCI device (Linux: drivers/pci/pci-sysfs.c, modalias_show). */
export function pciModalias(ids: PciIds): string {
  const [base, sub] = [ids.class?.slice(0, 2), ids.class?.slice(2, 4)]
  return (
    `pci:v${hex(ids.vendor, 8)}d${hex(ids.device, 8)}sv${hex(ids.subvendor, 8)}sd${hex(ids.subdevice, 8)}` +
    `bc${hex(base, 2)}sc${hex(sub, 2)}i${hex(ids.interface, 2)}`
  )
}

/** The modalias of a USB device of which only the ids are known. */
export const usbModalias = (vendor: string, product: string) =>
  `usb:v${hex(vendor, 4)}p${hex(product, 4)}d*dc*dsc*dp*ic*isc*ip*in*`

/** Types of virtio devices by the PCI ids of before virtio 1.0 (virtio 1.2, 4.1.2.1). */
const transitional: Record<string, number> = {
  '1000': 1,
  '1001': 2,
  '1002': 5,
  '1003': 3,
  '1004': 8,
  '1005': 4,
  '1009': 9,
}

/**
 * The device on the virtio bus behind a PCI device of virtio's: a list of PCI devices does not have it, and it is the one
 * that the network driver serves.
 */
export function virtioBehind(modalias: string): string | undefined {
  const id = /^pci:v00001AF4d0000(10[0-9A-F]{2})/.exec(modalias)?.[1]
  if (id === undefined) return undefined
  const type = transitional[id] ?? Number.parseInt(id, 16) - 0x1040
  return type > 0 ? `virtio:d${hex(type.toString(16), 8)}v00001AF4` : undefined
}

const globs = new Map<string, RegExp>()

/** What a pattern of modules.alias matches, as fnmatch(3) does it: `*`, `?`, `[0-9a-f]`. */
function glob(pattern: string): RegExp {
  const known = globs.get(pattern)
  if (known !== undefined) return known
  const source = pattern.replace(/\[!?[^\]]+\]|[*?]|[^*?[]+|\[/g, piece => {
    if (piece === '*') return '.*'
    if (piece === '?') return '.'
    if (/^\[.+\]$/.test(piece)) return piece.replace('[!', '[^').replaceAll('\\', '\\\\')
    return piece.replace(/[\\^$.|+(){}[\]]/g, '\\$&')
  })
  const made = new RegExp(`^${source}$`, 's')
  globs.set(pattern, made)
  return made
}

/** `v8086d100E…` after the bus, cut at the names of its fields, which are the lower-case letters. */
const fieldsOf = (alias: string) => [...alias.slice(4).matchAll(/([a-z]+)([^a-z]*)/g)]

/** Whether a module with that alias serves a device, or may: what is not known of the device speaks for the module. */
export function serves(alias: string, modalias: string): boolean {
  const bus = modalias.slice(0, 4)
  if (bus !== 'pci:' && bus !== 'usb:') return glob(alias).test(modalias)
  if (!alias.startsWith(bus)) return false
  const wanted = new Map(fieldsOf(modalias).map(([, name, value]) => [name, value]))
  return fieldsOf(alias).every(([, name, value = '']) => {
    const known = wanted.get(name)
    return known === undefined || known === '*' || glob(value).test(known)
  })
}

/** Whether a driver is the one of a device, or may be: by its aliases, or by its name where the device has no ids. */
export const drives = (name: string, aliases: readonly string[], { modalias, driver }: Device): boolean =>
  modalias === undefined ? driver === name : aliases.some(alias => serves(alias, modalias))
