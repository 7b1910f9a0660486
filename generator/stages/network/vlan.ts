/** VLANs, from `vlan=NAME:DEV` (dracut.cmdline(7)). */
import {
  after,
  before,
  consistsOf,
  exists,
  fail,
  ip,
  lines,
  log,
  wholeNumber,
  withoutFirst,
} from '../api/machine.ts'
import { isInterfaceName } from './interface-names.ts'

/** The number of a VLAN: the digits at the end of its name, without leading zeros; empty where there are none. */
function vlanNumber(name: string): string {
  let digits = name
  while (!consistsOf(digits, '0-9') || digits.startsWith('0')) {
    digits = withoutFirst(digits)
  }
  return digits
}

/** Refuses a VLAN that cannot be made. */
export function checkVlans(vlans: string): void {
  for (const vlan of lines(vlans)) {
    const name = before(vlan, ':')
    const parent = after(vlan, ':')
    if (name === vlan || !isInterfaceName(name) || !isInterfaceName(parent)) {
      fail(`vlan=${vlan}: expected NAME:DEV, like eth0.5:eth0`)
    }
    const digits = vlanNumber(name)
    let id = 4095
    if (digits !== '' && digits.length <= 4) {
      id = wholeNumber(digits)
    }
    if (id > 4094) {
      fail(`vlan=${vlan}: ${name} does not end in a number from 1 to 4094`)
    }
  }
}

/** Makes the VLANs whose interfaces are there. */
export function makeVlans(vlans: string): void {
  for (const vlan of lines(vlans)) {
    const name = before(vlan, ':')
    const parent = after(vlan, ':')
    if (!exists(`/sys/class/net/${parent}`) || exists(`/sys/class/net/${name}`)) {
      continue
    }
    const id = vlanNumber(name)
    ip('link', 'set', 'dev', parent, 'up')
    ip('link', 'add', 'link', parent, 'name', name, 'type', 'vlan', 'id', id)
    ip('link', 'set', 'dev', name, 'up')
    log(`${name}: VLAN ${id} on ${parent}`)
  }
}
