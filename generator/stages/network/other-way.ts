/** Another lease, where the boot server has fallen silent before it gave anything. */
import {
  exists,
  fileHasLine,
  ip,
  lines,
  log,
  readFile,
  remove,
  stopUdhcpc,
  succeeds,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { acquireLease } from './dhcp.ts'
import { presentInterfaces, wayFile } from './interfaces.ts'
import { bootServers, demote, leadsToServer, serversOfFamily } from './reach.ts'
import { givenFile } from './resolver.ts'

/** The interfaces that ip= names for a lease; there where one was asked for. */
export const wantedFile = '/run/aria2-initrd/wanted'
/** There when nobody has answered aria2: its exit status. */
export const silenceMark = '/run/aria2-initrd/silence'

/** Takes an interface's lease away, and what is known of it, so that it is asked for anew; its link stays as it is. */
function forgetLease(interface_: string): void {
  stopUdhcpc(interface_)
  succeeds(() => ip('-4', 'addr', 'flush', 'dev', interface_))
  for (const state of ['dhcp', 'lease', 'routes', 'resolv', 'judged', 'judged6']) {
    remove(`/run/aria2-initrd/${state}.${interface_}`)
  }
}

/**
 * Asks on the other interfaces, where there are any, for a lease through which the boot server answers. Without one the former
 * is kept, or asked for once more.
 */
export function seekOtherWay(parameters: Parameters): void {
  if (!exists(wantedFile)) {
    return
  }
  const formerWay = readFile(wayFile)
  const wantedNames = readFile(wantedFile)
  const askable = presentInterfaces(wantedNames, parameters)
  const silentServers = bootServers(parameters)
  if (askable === formerWay || silentServers === '') {
    return
  }
  // Status 1 is a refused connection as well: there somebody is.
  const family = exists(`/run/aria2-initrd/lease.${formerWay}`) ? 'IPv4' : 'IPv6'
  const unheard = serversOfFamily(family, silentServers)
  if (fileHasLine(silenceMark, '1') && leadsToServer(formerWay, unheard, family)) {
    return
  }
  log(`${formerWay}: the boot server has fallen silent; the other interfaces are asked`)
  for (const other of lines(askable)) {
    if (other !== formerWay) {
      forgetLease(other)
    }
  }
  if (wantedNames === '') {
    forgetLease(formerWay)
    remove('/run/aria2-initrd/winner')
    writeFile(`/run/aria2-initrd/dhcp.${formerWay}`, '')
  } else {
    demote(formerWay, family)
  }
  const judged = family === 'IPv6' ? 'judged6' : 'judged'
  writeFile(`/run/aria2-initrd/${judged}.${formerWay}`, 'leads nowhere')
  const givenServers = parts.givenServers ? readFile(givenFile) : ''
  succeeds(() => acquireLease(wantedNames, givenServers, formerWay, parameters))
}
