/** Where nodes stand: a site's own file, a line each of `MAC-or-address-prefix NAME`. */
import { readFileSync } from 'node:fs'
import { CommandError } from '../host/console/command-error.ts'
import { reasonOf } from '../host/files/whole-file.ts'
import { longestRackName } from '../serve/announce-query.ts'

/** Prefixes of hardware addresses and of addresses, in small letters, and their racks. */
export type RackMap = ReadonlyMap<string, string>

/** Reads the file. Empty lines and those that begin with # say nothing. */
export function readRacks(path: string): RackMap {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new CommandError(
      `cannot read the racks from ${path}: ${reasonOf(error)}`,
      'name a file with lines such as: 10.0.3. rack-3',
    )
  }
  const racks = new Map<string, string>()
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, prefix, name] = /^\s*([\da-f.:-]+)\s+(\S.{0,63}?)\s*$/i.exec(line) ?? []
    if (prefix === undefined || name === undefined || Buffer.byteLength(name) > longestRackName)
      throw new CommandError(
        `${path}, line ${index + 1}: not an address and a rack`,
        'write lines such as: 52:54:00:12 rack-1, or: 10.0.3. rack-3; names have up to 64 bytes',
        2,
      )
    racks.set(spelled(prefix), name)
  }
  return racks
}

/** The rack of the longest prefix that fits, of the hardware address or else of the address; empty where none does. */
export function rackOf(racks: RackMap, mac: string, address: string): string {
  for (const text of [spelled(mac), spelled(address)])
    for (let length = text.length; length > 0; length--) {
      const rack = racks.get(text.slice(0, length))
      if (rack !== undefined) return rack
    }
  return ''
}

/** Boot loaders write hardware addresses with dashes. */
const spelled = (address: string): string => address.toLowerCase().replaceAll('-', ':')
