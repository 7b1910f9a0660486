import { exists, fail, lines, log, readFile, remove, sleep, udhcpc, uptime } from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { hasCarrier, onOneLine, waitForCarrier } from './interfaces.ts'

/** Seconds that one try has. Without an answer udhcpc ends after 9; a server that refuses again and again keeps it on. */
const longestTry = 20
/** Seconds that a try has at the least: until the second packet. */
const shortestTry = 3

/** Shows what the DHCP hook has taken of a lease: lines like `ip=10.0.0.5/24`. */
function reportLease(interface_: string): void {
  const lease = readFile(`/run/aria2-initrd/lease.${interface_}`)
  let summary = ''
  for (const line of lines(lease)) {
    summary = `${summary} ${line}`
  }
  log(`${interface_}: DHCP gave${summary}`)
}

/** What the hook had to say of a try: what it did not take, and why; a line each. */
function notesOf(interface_: string): string {
  const file = `/run/aria2-initrd/notes.${interface_}`
  if (!exists(file)) {
    return ''
  }
  return readFile(file)
}

/**
 * Three discover packets, three seconds apart; gives udhcpc's status. With a lease udhcpc stays in the background and
 * renews it.
 */
function askOnce(interface_: string, timeout: number): number {
  // What lies there is of an earlier try.
  remove(`/run/aria2-initrd/lease.${interface_}`)
  remove(`/run/aria2-initrd/notes.${interface_}`)
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
    `/run/udhcpc.${interface_}.pid`,
  )
  return status
}

/**
 * DHCP on each interface that has a link, in turn, until one gets a lease: the first link need not be on the right
 * network, and a switch port may forward nothing for its first 50 s.
 */
export function acquireLease(interfaces: string, parameters: Parameters): string {
  const first = waitForCarrier(interfaces, parameters.carrierTimeout)
  log(`${first}: link is up, asking for an address`)
  let now = uptime()
  const deadline = now + parameters.dhcpTimeout
  let missing = 'answer'
  let reported = ''
  while (now <= deadline) {
    for (const interface_ of lines(interfaces)) {
      if (hasCarrier(interface_)) {
        let timeout = deadline - now
        if (timeout > longestTry) {
          timeout = longestTry
        }
        if (timeout < shortestTry) {
          timeout = shortestTry
        }
        const status = askOnce(interface_, timeout)
        const notes = notesOf(interface_)
        if (notes !== '' && notes !== reported) {
          for (const note of lines(notes)) {
            log(`${interface_}: ${note}`)
          }
          reported = notes
          missing = 'lease'
        }
        if (exists(`/run/aria2-initrd/lease.${interface_}`) && status === 0) {
          reportLease(interface_)
          return interface_
        }
        now = uptime()
      }
    }
    sleep(1)
    now = uptime()
  }
  const names = onOneLine(interfaces)
  return fail(`no DHCP ${missing} within ${parameters.dhcpTimeout} s on ${names}`)
}
