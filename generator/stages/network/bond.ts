/** Several links as one, from `bond=NAME[:LINK,LINK[:OPTIONS[:MTU]]]` (dracut.cmdline(7), bonding.rst). */
import {
  after,
  before,
  consistsOf,
  exists,
  fail,
  fields,
  ip,
  lines,
  log,
  split,
  succeeds,
  writeFile,
} from '../api/machine.ts'
import { isInterfaceName } from './interface-names.ts'

/** Refuses a bond that cannot be made. */
export function checkBonds(bonds: string): void {
  for (const bond of lines(bonds)) {
    const [name, links, options, bondMtu] = fields(bond, ':')
    if (!isInterfaceName(name)) {
      fail(`bond=${bond}: '${name}' cannot be the name of an interface`)
    }
    for (const link of split(links, ',')) {
      if (!isInterfaceName(link)) {
        fail(`bond=${bond}: '${link}' cannot be the name of an interface`)
      }
    }
    for (const option of split(options, ',')) {
      const key = before(option, '=')
      if (key === option || key === '' || !consistsOf(key, 'a-z0-9_')) {
        fail(`bond=${bond}: '${option}' is not an option; write name=value`)
      }
    }
    if (!consistsOf(bondMtu, '0-9')) {
      fail(`bond=${bond}: '${bondMtu}' is not an MTU`)
    }
  }
}

/** The links of a bond, commas between them. */
export function linksOf(bond: string): string {
  const [, links] = fields(bond, ':')
  return links === '' ? 'eth0,eth1' : links
}

/** The first link of a bond that is not there; empty where all are. */
function missingLink(bond: string): string {
  for (const link of split(linksOf(bond), ',')) {
    if (!exists(`/sys/class/net/${link}`)) {
      return link
    }
  }
  return ''
}

/** Sets what bonding.rst lists, in the order given: a mode comes first, and several addresses have semicolons. */
function setBondOption(name: string, option: string): void {
  const key = before(option, '=')
  const setting = after(option, '=')
  if (!succeeds(() => writeFile(`/sys/class/net/${name}/bonding/${key}`, setting))) {
    log(`${name}: ${option}: the kernel does not take it`)
  }
}

/** Makes one bond of links that are there. */
function makeBond(bond: string): void {
  const [name, , options, bondMtu] = fields(bond, ':')
  ip('link', 'add', 'name', name, 'type', 'bond')
  for (const option of split(options, ',')) {
    setBondOption(name, option)
  }
  const links = linksOf(bond)
  for (const link of split(links, ',')) {
    ip('link', 'set', 'dev', link, 'down')
    ip('link', 'set', 'dev', link, 'master', name)
  }
  if (bondMtu !== '' && !succeeds(() => ip('link', 'set', 'dev', name, 'mtu', bondMtu))) {
    log(`${name}: MTU ${bondMtu} refused`)
  }
  ip('link', 'set', 'dev', name, 'up')
  log(`${name}: a bond of ${links}`)
}

/** Makes the bonds whose links are there. */
export function makeBonds(bonds: string): void {
  for (const bond of lines(bonds)) {
    const name = before(bond, ':')
    const missing = missingLink(bond)
    if (missing === '' && !exists(`/sys/class/net/${name}`)) {
      makeBond(bond)
    }
  }
}
