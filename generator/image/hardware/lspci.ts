import { type Device, isNetworkCard, type PciIds, pciModalias } from './device.ts'

/** `00:1f.2`, with a domain of four digits or more before it. */
const slot = /^(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\s/i

/** A number at the end of a word, alone or as `Ethernet controller [0200]`. */
const numberOf = (word = '') =>
  /^([0-9a-f]{4})$|\[([0-9a-f]{4})\]$/i.exec(word.trim())?.slice(1).find(Boolean)

/** `00:03.0 "0200" "8086" "100e" -r03 -p00 "1af4" "1100"`: lspci -nmm, and -nnmm. */
function inQuotes(line: string): PciIds | undefined {
  const words = [...line.matchAll(/"([^"]*)"/g)].map(([, word]) => numberOf(word))
  const [pciClass, vendor, device, subvendor, subdevice] = words
  if (vendor === undefined || device === undefined) return undefined
  return {
    class: pciClass,
    vendor,
    device,
    subvendor,
    subdevice,
    interface: / -p([0-9a-f]{2})\b/i.exec(line)?.[1],
  }
}

/** `00:03.0 0200: 8086:100e (rev 03)`: lspci -n, and -nn with names around the numbers. */
function plain(line: string): PciIds | undefined {
  const [, pciClass] = /\s(?:Class )?([0-9a-f]{4}): |\[([0-9a-f]{4})\]: /i.exec(line)?.filter(Boolean) ?? []
  const [, vendor, device] = /(?::\s|\[)([0-9a-f]{4}):([0-9a-f]{4})(?:\]|\s|$)/i.exec(line) ?? []
  if (vendor === undefined || device === undefined) return undefined
  return { class: pciClass, vendor, device, interface: /\(prog-if ([0-9a-f]{2})\b/i.exec(line)?.[1] }
}

/** A record of `lspci -nvmm`: `Class:\t0200`, a line for each field. */
function ofRecord(fields: Map<string, string>): PciIds | undefined {
  const [vendor, device] = [numberOf(fields.get('Vendor')), numberOf(fields.get('Device'))]
  if (vendor === undefined || device === undefined) return undefined
  return {
    class: numberOf(fields.get('Class')),
    vendor,
    device,
    subvendor: numberOf(fields.get('SVendor')),
    subdevice: numberOf(fields.get('SDevice')),
    interface: fields.get('ProgIf'),
  }
}

function deviceWith(ids: PciIds, at: string): Device {
  const modalias = pciModalias(ids)
  return { modalias, name: `${ids.vendor}:${ids.device} at ${at}`, network: isNetworkCard(modalias) }
}

/** What lspci(8) lists, in any of its forms that has numbers. */
export function devicesOfLspci(lines: string[]): Device[] {
  const found: { ids: PciIds; at: string }[] = []
  let record = new Map<string, string>()
  for (const line of lines) {
    const field = /^(Slot|Class|Vendor|Device|SVendor|SDevice|ProgIf):\t(.*)$/.exec(line)
    const subsystem = /^\s+Subsystem: .*?([0-9a-f]{4}):([0-9a-f]{4})\]?\s*$/i.exec(line)
    const last = found.at(-1)
    if (slot.test(line)) {
      const ids = line.includes('"') ? inQuotes(line) : plain(line)
      if (ids !== undefined) found.push({ ids, at: line.slice(0, line.search(/\s/)) })
    } else if (field !== null) {
      const [, name = '', value = ''] = field
      if (name === 'Slot') record = new Map()
      record.set(name, value)
      const ids = ofRecord(record)
      const at = record.get('Slot') ?? ''
      if (ids === undefined) continue
      if (last?.at === at) last.ids = ids
      else found.push({ ids, at })
    } else if (subsystem !== null && last !== undefined) {
      last.ids.subvendor = subsystem[1]
      last.ids.subdevice = subsystem[2]
    }
  }
  return found.map(({ ids, at }) => deviceWith(ids, at))
}
