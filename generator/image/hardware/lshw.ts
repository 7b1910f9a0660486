import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { type Device, pciModalias, usbModalias } from './device.ts'

/** What of a node of lshw(1) is looked at; all of it may lack. */
interface LshwNode {
  class?: unknown
  vendor?: unknown
  product?: unknown
  description?: unknown
  businfo?: unknown
  configuration?: { driver?: unknown }
  children?: unknown
}

const isNode = (value: unknown): value is LshwNode => typeof value === 'object' && value !== null

/** A tree that is deeper is none of lshw's. */
const deepest = 100

function* nodesIn(value: unknown, depth = 0): Generator<LshwNode> {
  if (depth > deepest) return
  if (Array.isArray(value)) for (const each of value) yield* nodesIn(each, depth + 1)
  else if (isNode(value)) {
    yield value
    yield* nodesIn(value.children, depth + 1)
  }
}

/** lshw before 02.19 wrote what `-class` chose as objects one after the other, some with commas between them. */
function parsed(text: string, path: string): unknown {
  const joined = `[${text
    .trim()
    .replace(/,\s*$/, '')
    .replace(/\}\s*\{/g, '},{')}]`
  for (const attempt of [text, joined]) {
    try {
      return JSON.parse(attempt)
    } catch {}
  }
  throw new CommandError(
    `${shown(path)} is not JSON to its end`,
    'write it again: lshw -json -numeric > node.json',
  )
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')

/** PCI's base classes by the words of lshw's; what it calls otherwise has a class that no driver asks for alone. */
const baseClasses: Record<string, string> = {
  storage: '01',
  network: '02',
  display: '03',
  multimedia: '04',
  bridge: '06',
  communication: '07',
  bus: '0C',
}

/** The class of a node, in hex; of a wireless card with its second half. */
function classOf(node: LshwNode): string {
  const base = baseClasses[text(node.class)] ?? 'FF'
  return node.class === 'network' && /wireless/i.test(text(node.description)) ? '0280' : base
}

function deviceOf(node: LshwNode): Device[] {
  const bus = /^(pci|usb|virtio|vmbus|xen)@/.exec(text(node.businfo))?.[1]
  if (bus === undefined) return []
  const network = classOf(node) === baseClasses.network
  const name = `${text(node.product) || text(node.description) || 'a device'} at ${text(node.businfo)}`
  const [, vendor, device] = /\[([0-9A-F]{1,4}):([0-9A-F]{1,4})\]$/i.exec(text(node.product)) ?? []
  if (bus === 'pci' && vendor !== undefined && device !== undefined) {
    return [{ modalias: pciModalias({ vendor, device, class: classOf(node) }), name, network }]
  }
  // Several drivers stand in one field for a card with more than one. What virtio-pci carries has a node of its own.
  const drivers = text(node.configuration?.driver)
    .split(/[\s,]+/)
    .filter(Boolean)
  if (drivers.length > 0) {
    return drivers.map(driver => ({
      driver: driver.replaceAll('-', '_'),
      name,
      network: network && driver !== 'virtio-pci',
    }))
  }
  // lshw tells no classes of USB devices: of one that nothing drives, only a network card is worth a guess.
  if (bus === 'usb' && network && vendor !== undefined && device !== undefined)
    return [{ modalias: usbModalias(vendor, device), name, network }]
  return [{ name, network }]
}

/** The devices that `lshw -json` tells: by their ids with `-numeric`, else by the driver that each has. */
export function devicesOfLshw(json: string, path: string): Device[] {
  return [...nodesIn(parsed(json, path))].flatMap(deviceOf)
}
