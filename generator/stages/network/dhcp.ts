/**
 * DHCP on several interfaces at once. udhcpc goes on by itself on each; its hook
 * (rootfs-skel/usr/share/udhcpc/default.script) announces what comes.
 */

import {
  after,
  before,
  exists,
  fail,
  fileHasLine,
  ip,
  lines,
  log,
  nextEvent,
  readFile,
  remove,
  renewLease,
  stopUdhcpc,
  succeeds,
  udhcpc,
  uptime,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { loadDrivers } from '../start/drivers.ts'
import { takeCards } from './cards.ts'
import { clientIdentifier, clientIdFile, systemUuid } from './dhcp-identity.ts'
import {
  checkHardware,
  hasCarrier,
  hasLink,
  isSetUp,
  onOneLine,
  presentInterfaces,
  wayFile,
  wiredInterfaces,
  withLinks,
} from './interfaces.ts'
import {
  asksDhcp,
  asksIpv4,
  followIpv6,
  forgetIpv6,
  giveUpIpv6,
  ipv6Patience,
  isKeptIpv6,
  mayHaveIpv6,
  newIpv6,
  reportIpv6,
  reportNoIpv6,
} from './ipv6.ts'
import { bootServers, demote, leadsToServer, reportSilence, serversOfFamily } from './reach.ts'
import { writeResolver } from './resolver.ts'

/** Seconds between two lines that tell what is waited for. */
const reportEvery = 5
/** Seconds that other interfaces have after a lease that leads nowhere. */
const secondChance = 15

/** Starts udhcpc on an interface: what it asks for, and what it tells. */
function startUdhcpc(interface_: string, uuid: string, parameters: Parameters): void {
  const words: string[] = ['-i', interface_, '-p', `/run/udhcpc.${interface_}.pid`]
  // It asks for mask, router, name servers and domain by itself; servers send the rest only where it is asked for.
  words.push('-O', 'mtu', '-O', 'search', '-O', 'staticroutes', '-O', 'msstaticroutes')
  if (parts.clock) {
    words.push('-O', 'ntpsrv')
  }
  if (parts.dhcpIdentity) {
    // The user class `aria2-initrd` behind its length (RFC 3004), the architecture (RFC 4578: 0 is BIOS, 7 is UEFI).
    words.push('-x', '0x4d:0c61726961322d696e69747264')
    words.push('-x', exists('/sys/firmware/efi') ? '0x5d:0007' : '0x5d:0000')
    if (uuid !== '') {
      words.push('-x', `0x61:${uuid}`)
    }
    if (parameters.vendorClass !== '') {
      words.push('-V', parameters.vendorClass)
    }
    if (parameters.clientId !== '') {
      writeFile(clientIdFile, parameters.clientId)
      const identifier = clientIdentifier(parameters.clientId)
      words.push('-x', `0x3d:${identifier}`)
    }
  }
  const status = udhcpc(...words)
  if (status !== 0) {
    log(`${interface_}: udhcpc ended with status ${status}`)
  }
}

/**
 * Asks on the interfaces that have appeared; each gets a file dhcp.INTERFACE.{@part ip-forms  The hook finds the metric of the first
 * route there: 100 for what ip= names first, 200 for the next, nothing where the first lease of all counts.}
 */
export function askOnNew(wanted: string, present: string, uuid: string, parameters: Parameters): void {
  let metric = 0
  const candidates = !parts.namedInterfaces || wanted === '' ? present : wanted
  for (const interface_ of lines(candidates)) {
    if (parts.namedInterfaces) {
      metric += 100
    }
    if (
      (parts.namedInterfaces && !exists(`/sys/class/net/${interface_}`)) ||
      exists(`/run/aria2-initrd/dhcp.${interface_}`)
    ) {
      continue
    }
    writeFile(
      `/run/aria2-initrd/dhcp.${interface_}`,
      !parts.namedInterfaces || wanted === '' ? '' : `${metric}`,
    )
    if (isSetUp(interface_)) {
      log(`${interface_}: asking for an address`)
      if (!parts.ipv6 || asksIpv4(interface_)) {
        startUdhcpc(interface_, uuid, parameters)
      }
    }
  }
}

/** Says what is waited for, and for how many seconds still. */
function reportWaiting(
  wanted: string,
  present: string,
  waited: number,
  left: number,
  parameters: Parameters,
): void {
  if (present === '') {
    if (parts.namedInterfaces) {
      const names = onOneLine(wanted)
      log(
        `waiting for ${names === '' ? 'a network card' : names}; ${parameters.interfaceTimeout - waited} s left`,
      )
    } else {
      log(`waiting for a network card; ${parameters.interfaceTimeout - waited} s left`)
    }
  } else if (hasLink(present)) {
    const links = withLinks(present)
    if (parts.ipv6 && !asksDhcp(wanted)) {
      log(`waiting for IPv6 on ${links}; ${left} s left`)
    } else {
      log(`waiting for DHCP on ${links}; ${left} s left`)
    }
  } else {
    const names = onOneLine(present)
    log(`waiting for a link on ${names}; ${parameters.carrierTimeout - waited} s left`)
  }
}

/** Shows what the hook took of a lease: lines like `ip=10.0.0.5/24`. */
function reportLease(interface_: string): void {
  const lease = readFile(`/run/aria2-initrd/lease.${interface_}`)
  const summary = onOneLine(lease)
  log(`${interface_}: DHCP gave ${summary}`)
}

/** Says once what the hook did not take, and why. */
function reportNotes(interface_: string): void {
  const file = `/run/aria2-initrd/notes.${interface_}`
  if (exists(file)) {
    const notes = readFile(file)
    const toldFile = `/run/aria2-initrd/told.${interface_}`
    for (const note of lines(notes)) {
      if (!fileHasLine(toldFile, note)) {
        log(`${interface_}: ${note}`)
      }
    }
    writeFile(toldFile, notes)
  }
}

/** Whether another interface, or the other family on the same, may still have a lease. */
function isOther(taken: string, family: string, interfaces: string): boolean {
  for (const other of lines(interfaces)) {
    if (
      (other !== taken || family !== 'IPv4') &&
      hasCarrier(other) &&
      exists(`/run/udhcpc.${other}.pid`) &&
      !exists(`/run/aria2-initrd/judged.${other}`)
    ) {
      return true
    }
    if (parts.ipv6 && (other !== taken || family === 'IPv4') && mayHaveIpv6(other)) {
      return true
    }
  }
  return false
}

/** Gives a lease up, so that that of another interface counts. */
function giveUp(interface_: string, interfaces: string): void {
  stopUdhcpc(interface_)
  succeeds(() => ip('-4', 'addr', 'flush', 'dev', interface_))
  remove('/run/aria2-initrd/winner')
  remove(`/run/aria2-initrd/resolv.${interface_}`)
  for (const other of lines(interfaces)) {
    if (other !== interface_) {
      renewLease(other)
    }
  }
}

/** Leaves the interfaces as they were that are not needed{@part ip-forms ; those that ip= names go on}. */
function endOthers(taken: string, wanted: string, interfaces: string): void {
  for (const other of lines(interfaces)) {
    if (other === taken) {
      continue
    }
    if (!parts.namedInterfaces || wanted === '') {
      stopUdhcpc(other)
      if (parts.ipv6) {
        forgetIpv6(other)
      }
      succeeds(() => ip('link', 'set', 'dev', other, 'down'))
    } else if (
      !exists(`/run/aria2-initrd/lease.${other}`) &&
      (!parts.ipv6 || !exists(`/run/aria2-initrd/ipv6.${other}`))
    ) {
      log(`${other}: no lease yet; the boot goes on with ${taken}`)
    }
  }
}

/**
 * Asks on all {@part ip-forms wanted }interfaces at once, also on those that appear later, until there is a lease{@part lease-check  through which the
 * boot server answers. One that leads nowhere is given up for another; where all do, the first is kept}.{@part ipv6  An IPv6
 * address is a lease, too.}
 * @param wanted the interfaces that ip= names, one a line; all wired ones where it names none
 * @param nameServers those of the command line, one a line
 * @param silentWay an interface that is known to lead nowhere, or nothing
 */
export function acquireLease(
  wanted: string,
  nameServers: string,
  silentWay: string,
  parameters: Parameters,
): void {
  let firstLeased = silentWay
  let keptInterface = ''
  let missing = 'DHCP answer'
  const uuid = parts.dhcpIdentity ? systemUuid() : ''
  const started = uptime()
  let asking = started
  let reported = started
  let patience = parameters.dhcpTimeout * parameters.dhcpRetry
  if (parts.ipv6 && !asksDhcp(wanted)) {
    missing = 'IPv6 address'
    patience = ipv6Patience(wanted, parameters)
  }
  if (parts.leaseCheck && silentWay !== '') {
    patience = secondChance
  }
  while (true) {
    const present = parts.chosenInterfaces ? presentInterfaces(wanted, parameters) : wiredInterfaces()
    askOnNew(wanted, present, uuid, parameters)
    // A link that comes or goes is udhcpc's matter.
    let event = nextEvent(1)
    if (event === 'link') {
      event = nextEvent(1)
    }
    const kind = before(event, ' ')
    const source = after(event, ' ', '')
    const now = uptime()
    let taken = ''
    let family = 'IPv4'
    if (event === 'device') {
      loadDrivers()
      if (parts.cardWork) {
        takeCards(parameters)
      }
    } else if (source !== '') {
      reportNotes(source)
    }
    if (kind === 'refused' || (parts.ipv6 && exists(`/run/aria2-initrd/refused6.${source}`))) {
      missing = 'DHCP lease'
    }
    if (kind === 'lease' && exists(`/run/aria2-initrd/lease.${source}`)) {
      reportLease(source)
      taken = source
    } else if (parts.ipv6 && event !== 'device' && event !== 'link') {
      // What no event is of is looked at when there are none.
      const touched = source === '' ? present : source
      followIpv6(touched)
      taken = newIpv6(touched)
      if (taken !== '') {
        reportIpv6(taken)
        writeFile(`/run/aria2-initrd/judged6.${taken}`, '')
        family = 'IPv6'
      }
    }
    let servers = ''
    if (taken !== '' && (parts.leaseCheck || parts.ipv6)) {
      servers = bootServers(parameters)
      if (parts.ipv6 && servers !== '') {
        servers = serversOfFamily(family, servers)
        if (servers === '') {
          // This family leads to none of them.
          taken = ''
        }
      }
    }
    if (taken !== '') {
      writeFile(wayFile, taken)
      if (!parts.leaseCheck) {
        endOthers(taken, wanted, present)
        break
      }
      writeResolver(nameServers, parameters)
      if (taken === keptInterface || leadsToServer(taken, servers, family)) {
        endOthers(taken, wanted, present)
        break
      }
      reportSilence(taken, servers, family)
      if (parts.ipv6 && family === 'IPv6') {
        writeFile(`/run/aria2-initrd/judged6.${taken}`, 'leads nowhere')
      } else {
        writeFile(`/run/aria2-initrd/judged.${taken}`, 'leads nowhere')
      }
      firstLeased = firstLeased === '' ? taken : firstLeased
      asking = now
      patience = isOther(taken, family, present) ? secondChance : 0
      if (wanted !== '' && patience > 0 && family === 'IPv4') {
        demote(taken, family)
      }
      if (wanted === '' && (patience > 0 || taken !== firstLeased)) {
        if (parts.ipv6 && family === 'IPv6') {
          giveUpIpv6(taken, present)
        } else {
          log(`${taken}: given up for another interface`)
          giveUp(taken, present)
        }
      }
    }
    if (!hasLink(present)) {
      checkHardware(wanted, present, started, parameters)
      asking = now
    }
    const left = asking + patience - now
    if (parts.progress && left > 0 && now - reported >= reportEvery) {
      reportWaiting(wanted, present, now - started, left, parameters)
      reported = now
    }
    if (parts.leaseCheck && left <= 0 && firstLeased !== '' && keptInterface === '') {
      log(`no interface reaches the boot server; keeping ${firstLeased}`)
      if (
        wanted !== '' ||
        fileHasLine('/run/aria2-initrd/winner', firstLeased) ||
        (parts.ipv6 && isKeptIpv6(firstLeased))
      ) {
        writeFile(wayFile, firstLeased)
        break
      }
      keptInterface = firstLeased
      remove(`/run/aria2-initrd/dhcp.${firstLeased}`)
      asking = now
      patience = secondChance
    } else if (left <= 0 && parameters.retries !== 0) {
      if (parts.ipv6) {
        reportNoIpv6(present)
      }
      fail(`no ${missing} within ${patience} s on ${withLinks(present)}`)
    }
  }
}
