/** Cards as they appear, also late: their names, and what stands on them. */
import { exists, namesIn, readFile, writeFile } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { nameInterfaces } from './interface-names.ts'
import { wiredInterfaces } from './interfaces.ts'
import { calledNames, makeLayers, namesBelow } from './layers.ts'
import { isMissing, nameAsUdev } from './udev-names.ts'

/** The names of all interfaces when they were last looked at. */
const interfacesFile = '/run/aria2-initrd/interfaces'

/** Names the cards that have appeared since the last time, and makes what stands on them. */
export function takeCards(parameters: Parameters): void {
  const namesNow = namesIn('/sys/class/net')
  let seen = ''
  if (exists(interfacesFile)) {
    seen = readFile(interfacesFile)
  }
  if (namesNow === seen) {
    return
  }
  if (parts.ifname) {
    const wired = wiredInterfaces()
    nameInterfaces(parameters.interfaceWishes, wired, seen === '' ? 'yes' : '')
  }
  if (parts.interfaceNames) {
    const below = namesBelow(parameters)
    const given = calledNames()
    const expectedNames = `${given}\n${below}`
    if (isMissing(expectedNames)) {
      nameAsUdev(expectedNames)
    }
  }
  if (parts.layers) {
    makeLayers(parameters)
  }
  writeFile(interfacesFile, namesIn('/sys/class/net'))
}
