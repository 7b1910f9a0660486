import { hasCarrier, listed, waitForCarrier } from './interfaces.ts'
import { fail, lines, log, readFile, sleep, succeeds, udhcpc, uptime } from './machine.ts'
import type { Parameters } from './parameters.ts'

/** Shows what the DHCP hook has set up: lines like `ip=10.0.0.5`. */
function reportLease(leased: string): void {
  const lease = readFile('/run/aria2-initrd/lease')
  let summary = ''
  for (const leaseLine of lines(lease)) {
    summary = `${summary} ${leaseLine}`
  }
  log(`${leased}: DHCP gave${summary}`)
}

/** Three discover packets, three seconds apart. With a lease udhcpc stays in the background and renews it. */
function askOnce(asked: string): void {
  udhcpc('-i', asked, '-n', '-t', '3', '-T', '3', '-p', `/run/udhcpc.${asked}.pid`)
}

/**
 * DHCP on each interface that has a link, in turn, until one gets a lease: the first link need not be on the right
 * network, and a switch port may forward nothing for its first 50 s.
 */
export function acquireLease(dhcpNames: string, parameters: Parameters): string {
  const firstLink = waitForCarrier(dhcpNames, parameters.carrierTimeout)
  log(`${firstLink}: link is up, asking for an address`)
  const askedAt = uptime()
  let giveUpCheck = askedAt
  while (giveUpCheck - askedAt <= parameters.dhcpTimeout) {
    for (const dhcpName of lines(dhcpNames)) {
      if (hasCarrier(dhcpName) && succeeds(() => askOnce(dhcpName))) {
        reportLease(dhcpName)
        return dhcpName
      }
    }
    sleep(1)
    giveUpCheck = uptime()
  }
  const askedNames = listed(dhcpNames)
  return fail(`no DHCP answer within ${parameters.dhcpTimeout} s on ${askedNames}`)
}
