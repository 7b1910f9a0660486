/** Names for interfaces, from `ifname=NAME:ADDRESS`. */
import { after, before, consistsOf, exists, ip, lines, log, succeeds } from '../api/machine.ts'
import { addressEnd, interfaceAt } from './hardware-address.ts'

/** Whether the kernel takes a text for the name of an interface (dev_valid_name), and a shell or a file system, too. */
export function isInterfaceName(text: string): boolean {
  return (
    text !== '' &&
    text.length <= 15 &&
    consistsOf(text, 'A-Za-z0-9._-') &&
    !text.startsWith('-') &&
    !text.startsWith('.')
  )
}

/** Where a name changes hands for a moment. */
const nameBetween = 'was-renamed'

/** Gives an interface another name. The one that has it now takes the old one. */
function rename(oldName: string, newName: string): void {
  const isTaken = exists(`/sys/class/net/${newName}`) ? 'yes' : ''
  // Only an interface that is down can be renamed: none is up yet.
  if (isTaken !== '') {
    ip('link', 'set', 'dev', newName, 'name', nameBetween)
  }
  ip('link', 'set', 'dev', oldName, 'name', newName)
  if (isTaken !== '') {
    ip('link', 'set', 'dev', nameBetween, 'name', oldName)
  }
  log(`${oldName} is called ${newName} (ifname)`)
}

/** Frees a name that another card has: until the one that it is for appears, nobody may be taken for that. */
function freeName(name: string): void {
  const otherName = `was-${name}`
  if (otherName.length <= 15 && succeeds(() => ip('link', 'set', 'dev', name, 'name', otherName))) {
    log(`${name} is called ${otherName}: another card is to have its name (ifname)`)
  }
}

/**
 * Names interfaces as `ifname=` says; what cannot be followed is said at the first look, and no failure.
 * @param isFirst empty at later looks, for cards that have appeared since
 */
export function nameInterfaces(wishes: string, interfaces: string, isFirst: string): void {
  for (const wish of lines(wishes)) {
    const name = before(wish, ':')
    const address = after(wish, ':')
    const wishedAddress = addressEnd(address)
    if (!isInterfaceName(name) || wishedAddress === '') {
      if (isFirst !== '') {
        log(`ifname=${wish}: ignored; expected NAME:ADDRESS, like net0:52:54:00:be:ef:01`)
      }
      continue
    }
    const found = interfaceAt(wishedAddress, interfaces)
    if (found === '') {
      if (isFirst !== '') {
        log(`ifname=${wish}: no interface has hardware address ${wishedAddress}`)
      }
      if (exists(`/sys/class/net/${name}`)) {
        freeName(name)
      }
    } else if (found !== name && !succeeds(() => rename(found, name))) {
      log(`ifname=${wish}: the kernel does not rename ${found}`)
    }
  }
}
