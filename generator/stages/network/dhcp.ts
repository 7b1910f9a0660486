import { exists, fail, lines, log, readFile, remove, sleep, udhcpc, uptime } from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { hasCarrier, onOneLine, waitForCarrier } from './interfaces.ts'

/** An address that DHCP gave. */
export interface Lease {
  /** The interface that has it. */
  leasedInterface: string
}

/** Seconds for one try. Without an answer udhcpc ends after 9; a server that keeps refusing keeps it going. */
const longestTry = 20
/** Seconds that every try has: until the second packet. */
const shortestTry = 3

/** Shows what the DHCP hook took of a lease: lines like `ip=10.0.0.5/24`. */
function reportLease(interface_: string): void {
  const lease = readFile(`/run/aria2-initrd/lease.${interface_}`)
  const summary = onOneLine(lease)
  log(`${interface_}: DHCP gave ${summary}`)
}

/** What the DHCP hook refused in a try, and why: a line each. */
function notesOf(interface_: string): string {
  const file = `/run/aria2-initrd/notes.${interface_}`
  if (!exists(file)) {
    return ''
  }
  return readFile(file)
}

/**
 * DHCP on each interface with a link, in turn, until one has a lease: the first link may lead to another network, and a
 * switch port may not forward for its first 50 s. With a lease, udhcpc stays in the background and renews it.
 */
export function acquireLease(interfaces: string, parameters: Parameters): Lease {
  const first = waitForCarrier(interfaces, parameters.carrierTimeout)
  log(`${first}: link is up, asking for an address`)
  let now = uptime()
  const deadline = now + parameters.dhcpTimeout
  let missing = 'answer'
  let reported = ''
  while (now <= deadline) {
    for (const interface_ of lines(interfaces)) {
      if (!hasCarrier(interface_)) {
        continue
      }
      let timeout = deadline - now
      if (timeout > longestTry) {
        timeout = longestTry
      }
      if (timeout < shortestTry) {
        timeout = shortestTry
      }
      // Left by an earlier try.
      remove(`/run/aria2-initrd/lease.${interface_}`)
      remove(`/run/aria2-initrd/notes.${interface_}`)
      // Three packets, three seconds apart.
      const pidFile = `/run/udhcpc.${interface_}.pid`
      // udhcpc asks for mask, router, name servers and domain by itself; servers send the rest only where it is asked for.
      const status = udhcpc(
        timeout,
        '-i',
        interface_,
        '-n',
        '-t',
        '3',
        '-T',
        '3',
        '-p',
        pidFile,
        '-O',
        'mtu',
        '-O',
        'search',
        '-O',
        'staticroutes',
        '-O',
        'msstaticroutes',
      )
      const notes = notesOf(interface_)
      if (notes !== '' && notes !== reported) {
        for (const note of lines(notes)) {
          log(`${interface_}: ${note}`)
        }
        reported = notes
        missing = 'lease'
      }
      if (status === 0 && exists(`/run/aria2-initrd/lease.${interface_}`)) {
        reportLease(interface_)
        return { leasedInterface: interface_ }
      }
      now = uptime()
    }
    sleep(1)
    now = uptime()
  }
  const names = onOneLine(interfaces)
  return fail(`no DHCP ${missing} within ${parameters.dhcpTimeout} s on ${names}`)
}
