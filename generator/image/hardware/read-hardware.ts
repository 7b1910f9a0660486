import { readFileSync } from 'node:fs'
import { CommandError } from '../../host/console/command-error.ts'
import { shown } from '../../host/console/foreign-text.ts'
import { reasonOf } from '../../host/files/whole-file.ts'
import { type Device, howMade, isNetworkCard, virtioBehind } from './device.ts'
import { devicesOfLshw } from './lshw.ts'
import { devicesOfLspci } from './lspci.ts'

/** Buses whose devices the drivers of an image may serve. Of others (ACPI, platform, input) no image has drivers. */
const modaliasInLine = /(?:^|\s)((?:pci|usb|virtio|vmbus|xen|mdio|auxiliary):\S+)\s*$/

/** The devices that lines of modalias tell; on a console something stands before them. */
function devicesOfModaliases(lines: string[]): Device[] {
  return lines.flatMap(line => {
    const modalias = modaliasInLine.exec(line)?.[1]
    return modalias === undefined ? [] : [{ modalias, name: modalias, network: isNetworkCard(modalias) }]
  })
}

/** A device, and the one on the virtio bus behind it. */
function withBehind(device: Device): Device[] {
  const behind = device.modalias === undefined ? undefined : virtioBehind(device.modalias)
  if (behind === undefined) return [device]
  // The card is the one behind; what carries it is often built into the kernel, which does not tell its ids.
  return [
    { ...device, network: false },
    { ...device, modalias: behind, network: isNetworkCard(behind) },
  ]
}

/**
 * The devices of one file: lines of modalias (a console's log will do), `lspci -n`, `-nn`, `-nmm`, `-nvmm`, or
 * `lshw -json`. Lines of other kinds are passed over.
 * @throws CommandError where a text tells no device
 */
export function devicesOf(text: string, path: string): Device[] {
  const lines = text.split(/\r?\n/)
  const found = /^\s*(\{|\[\s*\{)/.test(text)
    ? devicesOfLshw(text, path)
    : [...devicesOfModaliases(lines), ...devicesOfLspci(lines)]
  if (found.length === 0) throw new CommandError(`${shown(path)} names no device of a machine`, howMade)
  return found
    .flatMap(withBehind)
    .map(device => ({ ...device, name: `${shown(device.name, 120)} in ${shown(path)}` }))
}

/** The devices of several files, one for each node or model; those that are alike are one. */
export function readHardware(paths: string[]): Device[] {
  const devices = paths.flatMap(path => {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      throw new CommandError(`cannot read ${shown(path)}: ${reasonOf(error)}`, howMade)
    }
    return devicesOf(text, path)
  })
  const alike = new Map<string, Device>()
  for (const device of devices) {
    const key = device.modalias ?? device.driver ?? device.name
    if (!alike.has(key)) alike.set(key, device)
  }
  return [...alike.values()]
}
