import { exists, fail, lines, log, readFile, remove, sleep, udhcpc, uptime } from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { hasCarrier, listed, waitForCarrier } from './interfaces.ts'

/** Seconds that one try has. Without an answer udhcpc ends after 9; a server that refuses again and again keeps it on. */
const longestTry = 20
/** Seconds that a try has at the least: until the second packet. */
const shortestTry = 3

/** Shows what the DHCP hook has taken of a lease: lines like `ip=10.0.0.5/24`. */
function reportLease(leased: string): void {
  const lease = readFile(`/run/aria2-initrd/lease.${leased}`)
  let summary = ''
  for (const leaseLine of lines(lease)) {
    summary = `${summary} ${leaseLine}`
  }
  log(`${leased}: DHCP gave${summary}`)
}

/** What the hook had to say of a try: what it did not take, and why; a line each. */
function notesOf(noted: string): string {
  const notesFile = `/run/aria2-initrd/notes.${noted}`
  if (!exists(notesFile)) {
    return ''
  }
  return readFile(notesFile)
}

/**
 * Three discover packets, three seconds apart; gives udhcpc's status. With a lease udhcpc stays in the background and
 * renews it.
 */
function askOnce(asked: string, tryLimit: number): number {
  // What lies there is of an earlier try.
  remove(`/run/aria2-initrd/lease.${asked}`)
  remove(`/run/aria2-initrd/notes.${asked}`)
  const askStatus = udhcpc(
    tryLimit,
    '-i',
    asked,
    '-n',
    '-t',
    '3',
    '-T',
    '3',
    '-p',
    `/run/udhcpc.${asked}.pid`,
  )
  return askStatus
}

/**
 * DHCP on each interface that has a link, in turn, until one gets a lease: the first link need not be on the right
 * network, and a switch port may forward nothing for its first 50 s.
 */
export function acquireLease(dhcpNames: string, parameters: Parameters): string {
  const firstLink = waitForCarrier(dhcpNames, parameters.carrierTimeout)
  log(`${firstLink}: link is up, asking for an address`)
  let checkedTime = uptime()
  const giveUpAt = checkedTime + parameters.dhcpTimeout
  let outcome = 'answer'
  let told = ''
  while (checkedTime <= giveUpAt) {
    for (const dhcpName of lines(dhcpNames)) {
      if (hasCarrier(dhcpName)) {
        let tryTime = giveUpAt - checkedTime
        if (tryTime > longestTry) {
          tryTime = longestTry
        }
        if (tryTime < shortestTry) {
          tryTime = shortestTry
        }
        const dhcpStatus = askOnce(dhcpName, tryTime)
        const notes = notesOf(dhcpName)
        if (notes !== '' && notes !== told) {
          for (const note of lines(notes)) {
            log(`${dhcpName}: ${note}`)
          }
          told = notes
          outcome = 'lease'
        }
        if (exists(`/run/aria2-initrd/lease.${dhcpName}`) && dhcpStatus === 0) {
          reportLease(dhcpName)
          return dhcpName
        }
        checkedTime = uptime()
      }
    }
    sleep(1)
    checkedTime = uptime()
  }
  const askedNames = listed(dhcpNames)
  return fail(`no DHCP ${outcome} within ${parameters.dhcpTimeout} s on ${askedNames}`)
}
