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

/** Names interfaces as `ifname=` says; what cannot be followed is said, and no failure. */
export function nameInterfaces(wishes: string, interfaces: string): void {
  for (const wish of lines(wishes)) {
    const name = before(wish, ':')
    const address = after(wish, ':')
    const wanted = addressEnd(address)
    if (!isInterfaceName(name) || wanted === '') {
      log(`ifname=${wish}: ignored; expected NAME:ADDRESS, like net0:52:54:00:be:ef:01`)
      continue
    }
    const found = interfaceAt(wanted, interfaces)
    if (found === '') {
      log(`ifname=${wish}: no interface has hardware address ${wanted}`)
    } else if (found !== name && !succeeds(() => rename(found, name))) {
      log(`ifname=${wish}: the kernel does not rename ${found}`)
    }
  }
}
