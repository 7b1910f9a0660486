/** A fixed IPv6 address from `ip=`. */
import { consistsOf, exists, fail, ip, log, nextEvent, remove, uptime, writeFile } from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { loadDrivers } from '../start/drivers.ts'
import type { IpForm } from './ip-form.ts'
import { hasIpv6 } from './ipv6.ts'
import { isIpv6Host, isLinkLocal } from './ipv6-address.ts'
import { useHostname } from './static-address.ts'

/** The length of a form's prefix: 64, as on every link that advertises one, where none is given. */
function prefixOf(form: IpForm): string {
  if (form.netmask !== '') {
    return form.netmask
  }
  return form.peer === '' ? '64' : '128'
}

/** Whether a text is the length of a prefix. */
function isPrefix(text: string): boolean {
  if (text === '' || text.length > 3 || text.startsWith('0') || !consistsOf(text, '0-9')) {
    return false
  }
  return (
    text.length < 3 ||
    text.startsWith('10') ||
    text.startsWith('11') ||
    (text.startsWith('12') && !text.endsWith('9'))
  )
}

/** Refuses a static IPv6 `ip=` that cannot be right, before anything is configured. */
export function checkStaticIpv6(ipForm: string, form: IpForm): void {
  if (!hasIpv6()) {
    fail(`ip=${ipForm}: this kernel has no IPv6`)
  }
  if (!isIpv6Host(form.client)) {
    fail(`ip=${ipForm}: '${form.client}' is not a host address`)
  }
  if (form.peer !== '' && !isIpv6Host(form.peer)) {
    fail(`ip=${ipForm}: peer '${form.peer}' is not a host address`)
  }
  const prefix = prefixOf(form)
  if (!isPrefix(prefix)) {
    fail(`ip=${ipForm}: '${form.netmask}' is not the length of a prefix; use a number from 1 to 128`)
  }
  if (form.gateway !== '' && !isIpv6Host(form.gateway)) {
    fail(`ip=${ipForm}: gateway '${form.gateway}' is not a host address`)
  }
  if (form.gateway !== '' && form.gateway === form.client) {
    fail(`ip=${ipForm}: the gateway is the address itself`)
  }
}

/** Waits until no other machine has the address of an interface (RFC 4862, 5.4). */
function waitForAddress(interface_: string, address: string, parameters: Parameters): void {
  const deadline = uptime() + parameters.ipv6DadTimeout
  while (!exists(`/run/aria2-initrd/ipv6.${interface_}`)) {
    if (exists(`/run/aria2-initrd/duplicate6.${interface_}`)) {
      fail(`${interface_}: another machine has ${address} (duplicate address detection)`)
    }
    if (uptime() >= deadline) {
      fail(`${interface_}: ${address} is still tentative after ${parameters.ipv6DadTimeout} s`)
    }
    const event = nextEvent(1)
    if (event === 'device') {
      loadDrivers()
    }
  }
}

/** Writes a setting of the kernel for IPv6 on an interface, where it has that. */
function setIpv6(interface_: string, setting: string, content: string): void {
  const file = `/proc/sys/net/ipv6/conf/${interface_}/${setting}`
  if (exists(file)) {
    writeFile(file, content)
  }
}

/** Configures the address, route and host name of a checked static IPv6 `ip=`. */
export function configureStaticIpv6(
  interface_: string,
  form: IpForm,
  metric: number,
  parameters: Parameters,
): void {
  const prefix = prefixOf(form)
  const done = `/run/aria2-initrd/static6.${interface_}.${form.client}`
  if (exists(done)) {
    return
  }
  writeFile(done, prefix)
  // Addresses are the command line's to give here; routes, too, where it has a gateway.
  setIpv6(interface_, 'autoconf', '0')
  if (form.gateway !== '') {
    setIpv6(interface_, 'accept_ra', '0')
  }
  remove(`/run/aria2-initrd/ipv6.${interface_}`)
  // In a network the second field is a boot server.
  if (prefix === '128' && form.peer !== '') {
    ip('-6', 'addr', 'replace', form.client, 'peer', form.peer, 'dev', interface_)
  } else {
    ip('-6', 'addr', 'replace', `${form.client}/${prefix}`, 'dev', interface_)
  }
  waitForAddress(interface_, form.client, parameters)
  if (form.gateway !== '') {
    // It may lie outside of the address's own network.
    if (!isLinkLocal(form.gateway)) {
      ip('-6', 'route', 'replace', `${form.gateway}/128`, 'dev', interface_)
    }
    // 0 is 1024 here, the metric of what routers advertise.
    ip('-6', 'route', 'replace', 'default', 'via', form.gateway, 'dev', interface_, 'metric', `${metric + 1}`)
  }
  useHostname(form.clientName)
  const wayOut = form.gateway === '' ? 'no gateway' : `gateway ${form.gateway}`
  log(`${interface_}: ${form.client}/${prefix}, ${wayOut}, from ip=`)
}
