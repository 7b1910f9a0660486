/**
 * IPv6 addresses that others give. The kernel takes router advertisements by itself; nd6watch tells what it has learned, and
 * udhcpc6 asks where a router says so, or `ip=`. Their hook (rootfs-skel/usr/share/udhcpc/ipv6.script) writes down what
 * came.
 */
import {
  attribute,
  exists,
  fileHasLine,
  lastLineWith,
  lines,
  log,
  readFile,
  remove,
  stopUdhcpc,
  succeeds,
  udhcpc6,
  watchIpv6,
  writeFile,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { hasCarrier, onOneLine } from './interfaces.ts'

/** Whether the kernel has IPv6, and is not told to do without it (ipv6.disable=1). */
export function hasIpv6(): boolean {
  return exists('/proc/net/if_inet6')
}

/** From here on what happens to IPv6 is written down and announced. */
export function openIpv6Events(): void {
  const status = watchIpv6()
  if (status !== 0) {
    log(`nd6watch ended with status ${status}: no IPv6`)
  }
}

/** Whether DHCP for IPv4 is part of a method. */
function isForIpv4(given: string): boolean {
  return given === 'both' || given === 'dhcp' || given === 'dhcp,dhcp6'
}

/**
 * Takes down what an `ip=` asks for on interfaces, one a line, or on all. Two that ask one interface for different things
 * ask it for both.
 */
export function wantMethod(interfaces: string, ipMethod: string): void {
  const holders = interfaces === '' ? 'all' : interfaces
  for (const interface_ of lines(holders)) {
    const file = `/run/aria2-initrd/method.${interface_}`
    let wanted = ipMethod
    if (exists(file) && !fileHasLine(file, ipMethod)) {
      const former = lastLineWith(file, '')
      wanted = 'either6'
      if (isForIpv4(former) || isForIpv4(ipMethod)) {
        wanted = 'dhcp,dhcp6'
      }
    }
    writeFile(file, wanted)
  }
}

/**
 * What an interface is asked for: `dhcp` (IPv4 alone), `both` (that, and what routers say), `auto6` (what routers say),
 * `dhcp6`, `dhcp,dhcp6`, `either6` (auto6 and dhcp6) or `link6`.
 */
export function methodOf(interface_: string): string {
  let file = `/run/aria2-initrd/method.${interface_}`
  if (!exists(file)) {
    file = '/run/aria2-initrd/method.all'
  }
  if (!exists(file)) {
    return 'both'
  }
  return attribute(file)
}

/** Whether DHCP for IPv4 is asked for on an interface. */
export function asksIpv4(interface_: string): boolean {
  return isForIpv4(methodOf(interface_))
}

/** Whether DHCP, for IPv4 or IPv6, is asked for on one of the interfaces that ip= names, or on all. */
export function asksDhcp(wanted: string): boolean {
  const named = wanted === '' ? 'all' : wanted
  for (const interface_ of lines(named)) {
    const ipMethod = methodOf(interface_)
    if (ipMethod !== 'auto6' && ipMethod !== 'link6') {
      return true
    }
  }
  return false
}

/** Seconds that an interface has for an IPv6 address where nothing else is asked for. */
export function ipv6Patience(wanted: string, parameters: Parameters): number {
  const named = wanted === '' ? 'all' : wanted
  for (const interface_ of lines(named)) {
    if (methodOf(interface_) !== 'link6') {
      return parameters.ipv6AutoTimeout
    }
  }
  return parameters.ipv6DadTimeout
}

/** Starts udhcpc6 on an interface, for an address or (`stateless`) for the rest. */
function startUdhcpc6(interface_: string, purpose: string): void {
  const options: string[] = ['-i', interface_, '-p', `/run/udhcpc.${interface_}.ipv6.pid`]
  if (purpose === 'stateless') {
    options.push('-l')
  }
  if (parts.dhcpIdentity) {
    // The user class `aria2-initrd` (RFC 8415, 21.15) and the architecture (RFC 5970, 3.3).
    options.push('-x', '0x0f:000c61726961322d696e69747264')
    options.push('-x', exists('/sys/firmware/efi') ? '0x3d:0007' : '0x3d:0000')
  }
  const status = udhcpc6(...options)
  if (status !== 0) {
    log(`${interface_}: udhcpc6 ended with status ${status}`)
  }
}

/** Says what the hook did not take, and why. */
function reportIpv6Notes(interface_: string): void {
  const file = `/run/aria2-initrd/notes6.${interface_}`
  if (exists(file)) {
    const notes = readFile(file)
    // The hook may be adding to it: what has been said is remembered, and the file stays.
    const saidFile = `/run/aria2-initrd/reported6.${interface_}`
    for (const note of lines(notes)) {
      if (!fileHasLine(saidFile, note)) {
        log(`${interface_}: ${note}`)
      }
    }
    writeFile(saidFile, notes)
  }
}

/** Asks DHCPv6 on the interfaces whose link-local address can be used, where a router or an `ip=` says so. */
export function followIpv6(interfaces: string): void {
  for (const interface_ of lines(interfaces)) {
    reportIpv6Notes(interface_)
    if (
      !exists(`/run/aria2-initrd/link6.${interface_}`) ||
      exists(`/run/aria2-initrd/asked6.${interface_}`) ||
      !exists(`/run/aria2-initrd/dhcp.${interface_}`)
    ) {
      continue
    }
    let purpose = ''
    const ipMethod = methodOf(interface_)
    switch (ipMethod) {
      case 'dhcp6':
      case 'dhcp,dhcp6':
      case 'either6':
        purpose = 'stateful'
        break
      case 'both':
      case 'auto6':
        if (fileHasLine(`/run/aria2-initrd/router6.${interface_}`, 'other')) {
          purpose = 'stateless'
        }
        if (fileHasLine(`/run/aria2-initrd/router6.${interface_}`, 'managed')) {
          purpose = 'stateful'
        }
    }
    if (purpose !== '') {
      log(`${interface_}: asking DHCPv6 (${purpose})`)
      // Its process id is written down only when it has gone to the background.
      writeFile(`/run/aria2-initrd/asked6.${interface_}`, purpose)
      startUdhcpc6(interface_, purpose)
    }
  }
}

/**
 * The first of the interfaces that are asked on which has an IPv6 address of which nobody knows yet where it leads; empty
 * without one.
 */
export function newIpv6(interfaces: string): string {
  for (const interface_ of lines(interfaces)) {
    if (
      exists(`/run/aria2-initrd/judged6.${interface_}`) ||
      !exists(`/run/aria2-initrd/dhcp.${interface_}`)
    ) {
      continue
    }
    const ipMethod = methodOf(interface_)
    if (ipMethod === 'link6' && exists(`/run/aria2-initrd/link6.${interface_}`)) {
      return interface_
    }
    if (ipMethod !== 'dhcp' && exists(`/run/aria2-initrd/ipv6.${interface_}`)) {
      return interface_
    }
  }
  return ''
}

/** Shows the IPv6 addresses of an interface. */
export function reportIpv6(interface_: string): void {
  let file = `/run/aria2-initrd/ipv6.${interface_}`
  if (!exists(file)) {
    file = `/run/aria2-initrd/link6.${interface_}`
  }
  const ipv6Addresses = readFile(file)
  const row = onOneLine(ipv6Addresses)
  log(`${interface_}: IPv6 address ${row}`)
}

/** Whether a router has said that there is IPv6 on an interface, and more may come of it. */
export function mayHaveIpv6(interface_: string): boolean {
  return (
    exists(`/run/aria2-initrd/router6.${interface_}`) && !exists(`/run/aria2-initrd/judged6.${interface_}`)
  )
}

/** Says why the interfaces that have a link have no IPv6. */
export function reportNoIpv6(interfaces: string): void {
  for (const interface_ of lines(interfaces)) {
    const ipMethod = methodOf(interface_)
    if (ipMethod === 'dhcp' || !hasCarrier(interface_) || exists(`/run/aria2-initrd/ipv6.${interface_}`)) {
      continue
    }
    if (!exists(`/run/aria2-initrd/link6.${interface_}`)) {
      log(`${interface_}: no link-local IPv6 address`)
    } else if (!exists(`/run/aria2-initrd/router6.${interface_}`)) {
      log(`${interface_}: no router advertisement`)
    }
    if (
      exists(`/run/udhcpc.${interface_}.ipv6.pid`) &&
      !exists(`/run/aria2-initrd/dhcp6.${interface_}`) &&
      !exists(`/run/aria2-initrd/refused6.${interface_}`)
    ) {
      log(`${interface_}: DHCPv6: no answer`)
    }
  }
}

/** Takes IPv6 away from an interface, or gives it back: the kernel begins anew then. */
function disableIpv6(interface_: string, isDisabled: string): void {
  const setting = `/proc/sys/net/ipv6/conf/${interface_}/disable_ipv6`
  if (exists(setting)) {
    writeFile(setting, isDisabled)
  }
}

/** Takes away what routers and DHCPv6 have said on an interface. */
export function forgetIpv6(interface_: string): void {
  stopUdhcpc(`${interface_}.ipv6`)
  for (const state of ['ipv6', 'link6', 'router6', 'dhcp6', 'asked6', 'refused6']) {
    remove(`/run/aria2-initrd/${state}.${interface_}`)
  }
  remove(`/run/aria2-initrd/resolv.${interface_}.ipv6`)
}

/** Takes IPv6 away from an interface for another on which a router has said that there is IPv6, too. */
export function giveUpIpv6(given: string, interfaces: string): void {
  for (const other of lines(interfaces)) {
    if (other !== given && mayHaveIpv6(other)) {
      log(`${given}: IPv6 given up for ${other}`)
      forgetIpv6(given)
      disableIpv6(given, '1')
      return
    }
  }
}

/** Whether an interface has had an IPv6 address that leads nowhere; it keeps that, or gets it back. */
export function isKeptIpv6(interface_: string): boolean {
  if (!fileHasLine(`/run/aria2-initrd/judged6.${interface_}`, 'leads nowhere')) {
    return false
  }
  succeeds(() => disableIpv6(interface_, '0'))
  return true
}
