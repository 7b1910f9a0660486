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

/** The links of a bond that are there and not yet in one, one a line. */
function freeLinks(bond: string): string {
  let free = ''
  const wanted = linksOf(bond)
  for (const link of split(wanted, ',')) {
    if (exists(`/sys/class/net/${link}`) && !exists(`/sys/class/net/${link}/master`)) {
      free = `${free}${link}\n`
    }
  }
  return free
}

/** Sets what bonding.rst lists, in the order given: a mode comes first, and several addresses have semicolons. */
function setBondOption(name: string, option: string): void {
  const key = before(option, '=')
  const setting = after(option, '=')
  if (!succeeds(() => writeFile(`/sys/class/net/${name}/bonding/${key}`, setting))) {
    log(`${name}: ${option}: the kernel does not take it`)
  }
}

/** Makes one bond, without links yet. */
function makeBond(bond: string): void {
  const [name, , options, bondMtu] = fields(bond, ':')
  ip('link', 'add', 'name', name, 'type', 'bond')
  for (const option of split(options, ',')) {
    setBondOption(name, option)
  }
  if (bondMtu !== '' && !succeeds(() => ip('link', 'set', 'dev', name, 'mtu', bondMtu))) {
    log(`${name}: MTU ${bondMtu} refused`)
  }
  ip('link', 'set', 'dev', name, 'up')
  log(`${name}: a bond of ${linksOf(bond)}`)
}

/** Makes the bonds of which a link is there, and lets links join that have appeared. */
export function makeBonds(bonds: string): void {
  for (const bond of lines(bonds)) {
    const bondName = before(bond, ':')
    const free = freeLinks(bond)
    if (free !== '' && !exists(`/sys/class/net/${bondName}`)) {
      makeBond(bond)
    }
    for (const link of lines(free)) {
      // Only a link that is down can join.
      ip('link', 'set', 'dev', link, 'down')
      ip('link', 'set', 'dev', link, 'master', bondName)
      log(`${link}: joined ${bondName}`)
    }
  }
}
