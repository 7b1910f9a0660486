/** Which network cards an image can drive, by the modules that are packed in it. */

import { shown } from '../../host/console/foreign-text.ts'
import { type Device, drives } from '../hardware/device.ts'
import { isNetworkDriver } from '../hardware/needed-modules.ts'
import { type ModuleInfo, readModuleInfo } from '../modules/modinfo.ts'
import { decompressed, moduleName, moduleSuffix } from '../modules/module-file.ts'
import type { ImageFile } from './image-file.ts'
import { contentsAt, type ImagePart, unpackedEntries } from './image-reader.ts'
import type { Limits } from './limits.ts'
import { isFile } from './listing.ts'

/** A network driver in an image. */
export interface PackedDriver {
  name: string
  /** What .modinfo says; undefined for a module that cannot be read. */
  info: ModuleInfo | undefined
}

/** The network drivers of an image, sorted by name. */
export async function driversIn(
  file: ImageFile,
  parts: ImagePart[],
  limits: Limits,
): Promise<PackedDriver[]> {
  const modules = unpackedEntries(parts).filter(
    entry => isFile(entry) && moduleSuffix.test(entry.path) && isNetworkDriver(entry.path),
  )
  const paths = new Map(modules.map(({ path, file: { at } }) => [`${at.part} ${at.index}`, path]))
  const places = modules.map(({ file: { at } }) => at)
  const found: PackedDriver[] = []
  for await (const { place, content } of contentsAt(file, places, limits)) {
    const path = paths.get(`${place.part} ${place.index}`) ?? ''
    const pieces: Buffer[] = []
    for await (const piece of content) pieces.push(piece)
    const info = await decompressed(path, Buffer.concat(pieces))
      .then(plain => readModuleInfo(plain, path))
      .catch(() => undefined)
    if (info === undefined || info.aliases.length > 0) found.push({ name: moduleName(path), info })
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** `PCI: 85 ids`, for each bus. */
function idsOf({ aliases }: ModuleInfo): string {
  const buses = new Map<string, number>()
  for (const alias of aliases) {
    const bus = alias.slice(0, alias.indexOf(':'))
    if (/^(pci|usb|virtio|vmbus|xen|auxiliary)$/.test(bus)) buses.set(bus, (buses.get(bus) ?? 0) + 1)
  }
  const name = (bus: string) => (bus.length === 3 && bus !== 'xen' ? bus.toUpperCase() : bus)
  return [...buses].map(([bus, count]) => `${name(bus)}: ${count} ${count === 1 ? 'id' : 'ids'}`).join(', ')
}

/** The drivers, a line each: name, what it drives in its author's words, and by how many ids. */
export function* driverLines(drivers: PackedDriver[]): Generator<string> {
  if (drivers.length === 0) {
    yield 'no network drivers in this image: it can drive the cards alone whose drivers the kernel has built in\n'
    return
  }
  yield 'network cards that this image can drive, beside those whose drivers the kernel has built in:\n'
  const width = Math.max(...drivers.map(({ name }) => shown(name, 64).length))
  for (const { name, info } of drivers) {
    const words = info === undefined ? 'damaged: it cannot be read' : shown(info.description, 120)
    const ids = info === undefined ? '' : idsOf(info)
    yield `  ${shown(name, 64).padEnd(width)}  ${words}${ids === '' ? '' : ` (${ids})`}\n`
  }
}

/** For each network card of some machines, the drivers in the image; @returns how many have none. */
export function cardLines(
  drivers: PackedDriver[],
  devices: Device[],
): { lines: string[]; withoutDriver: number } {
  const cards = devices
    .map(device => {
      const serving = drivers.filter(({ name, info }) => drives(name, info?.aliases ?? [], device))
      return { device, serving }
    })
    .filter(({ device, serving }) => device.network || serving.length > 0)
  const lines = cards.map(
    ({ device, serving }) =>
      `${device.name}: ${serving.map(({ name }) => name).join(' or ') || 'no driver in this image'}\n`,
  )
  return { lines, withoutDriver: cards.filter(({ serving }) => serving.length === 0).length }
}
