/** Where a lease leads: to the server that the boot needs, or to nowhere, and why. */

import {
  addressesOfName,
  after,
  afterLast,
  answersArp,
  answersPing,
  answersTcp,
  attribute,
  before,
  beforeAny,
  consistsOf,
  exists,
  ip,
  lastLineWith,
  lines,
  log,
  succeeds,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { addressesIn } from '../fetch/url-list.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { isLinkLocal } from './ipv6-address.ts'

/** Ends the part of a URL that names the server (RFC 3986, 3.2). */
const authorityEnds = '/?#'

/** `HOST PORT` of a URL; empty for one that names no server, such as a magnet link. */
export function serverOf(url: string): string {
  const rest = after(url, '://', '')
  const authority = beforeAny(rest, authorityEnds)
  const server = afterLast(authority, '@')
  let host = before(server, ':')
  let port = after(server, ':', '')
  if (server.startsWith('[')) {
    const inside = after(server, '[')
    // %25 is the % of a link's name (RFC 6874).
    host = before(inside, ']')
    const link = after(host, '%25', '')
    if (link !== '') {
      const address = before(host, '%25')
      host = `${address}%${link}`
    }
    port = after(inside, ']:', '')
  }
  if (port === '') {
    const scheme = before(url, ':')
    port = '80'
    if (scheme === 'https') {
      port = '443'
    } else if (parts.ftp && scheme === 'ftp') {
      port = '21'
    }
  }
  return host === '' ? '' : `${host} ${port}`
}

/** The servers that the boot needs one of, those of url= and kernel_url=: `HOST PORT`, one a line. None behind a proxy. */
export function bootServers(parameters: Parameters): string {
  let servers = ''
  if (parts.aria2Options && parameters.aria2Options.includes('proxy')) {
    return ''
  }
  let sources = parts.fileRoles ? `${parameters.urls},${parameters.kernelUrl}` : parameters.kernelUrl
  if (parts.signatures) {
    sources = `${sources},${parameters.manifest}`
  }
  if (parts.proxy && parameters.proxy !== '') {
    sources = parameters.proxy
  }
  const addresses = addressesIn(sources)
  for (const url of lines(addresses)) {
    const server = serverOf(url)
    if (server !== '') {
      servers = `${servers}${server}\n`
    }
  }
  return servers
}

/** Those of the servers that a family of addresses may lead to, `IPv4` or `IPv6`: an address by its own, a name by both. */
export function serversOfFamily(family: string, servers: string): string {
  let some = ''
  for (const server of lines(servers)) {
    const host = before(server, ' ')
    let hostFamily = family
    if (host.includes(':')) {
      hostFamily = 'IPv6'
    } else if (consistsOf(host, '0-9.')) {
      hostFamily = 'IPv4'
    }
    if (hostFamily === family) {
      some = `${some}${server}\n`
    }
  }
  return some
}

/** The first router of an interface's lease, or of its fixed address; empty without one, or where the kernel alone knows it. */
function routerOf(interface_: string, family: string): string {
  const file = family === 'IPv6' ? `lease6.${interface_}` : `lease.${interface_}`
  if (!exists(`/run/aria2-initrd/${file}`)) {
    return ''
  }
  const line = lastLineWith(`/run/aria2-initrd/${file}`, 'router=')
  const routers = after(line, '=')
  return before(routers, ' ')
}

/** Puts the default route of an address that leads nowhere behind those of the other interfaces that ip= names. */
export function demote(interface_: string, family: string): void {
  const formerRouter = routerOf(interface_, family)
  if (formerRouter === '') {
    return
  }
  const kind = family === 'IPv6' ? '-6' : '-4'
  // Of one metric each: another one's would take its place.
  const index = attribute(`/sys/class/net/${interface_}/ifindex`)
  const metric = `900${index}`
  const worse: string[] = ['default', 'via', formerRouter, 'dev', interface_, 'metric', metric]
  if (succeeds(() => ip(kind, 'route', 'replace', ...worse))) {
    succeeds(() => ip(kind, 'route', 'del', 'default', 'dev', interface_))
    log(`${interface_}: its gateway ranks behind the others from now on`)
  }
}

/**
 * The addresses of a server's host, one a line: itself, or what the name servers know of it. Both families are asked one by
 * one: musl, which BusyBox stands on, finds nothing where a server refuses one of both, as dnsmasq does that knows an
 * address of the other.
 */
function addressesOf(host: string, family: string): string {
  if (host.includes(':') || consistsOf(host, '0-9.')) {
    return host
  }
  // No name, and perhaps an option of nslookup.
  if (host.startsWith('-')) {
    return ''
  }
  return addressesOfName(family === 'IPv6' ? 'aaaa' : 'a', host)
}

/** Whether a gateway is there. */
function answersGateway(interface_: string, router: string): boolean {
  if (parts.ipv6 && router.includes(':')) {
    return answersPing(isLinkLocal(router) ? `${router}%${interface_}` : router)
  }
  return answersArp(interface_, router)
}

/** Says why no server answers through a lease or a fixed address: what is true of the first one. */
export function reportSilence(interface_: string, servers: string, family: string): void {
  const server = before(servers, '\n')
  const host = before(server, ' ')
  const port = after(server, ' ')
  const router = routerOf(interface_, family)
  if (router !== '') {
    if (!answersGateway(interface_, router)) {
      log(`${interface_}: the gateway ${router} is silent`)
      return
    }
  }
  const hostAddresses = addressesOf(host, family)
  if (hostAddresses === '') {
    log(`${interface_}: no name server gives an ${family} address of ${host}`)
  } else if (router !== '') {
    log(`${interface_}: the gateway ${router} answers, ${host} port ${port} does not`)
  } else if (family === 'IPv6') {
    log(`${interface_}: ${host} port ${port} does not answer (IPv6)`)
  } else {
    log(`${interface_}: ${host} port ${port} does not answer; the lease has no gateway`)
  }
}

/** Whether one of the servers answers. Where there is none to ask (a magnet link, a proxy) that counts as a yes. */
export function leadsToServer(interface_: string, servers: string, family: string): boolean {
  for (const server of lines(servers)) {
    const host = before(server, ' ')
    const port = after(server, ' ')
    const hostAddresses = addressesOf(host, family)
    for (const address of lines(hostAddresses)) {
      if (answersTcp(address, port)) {
        return true
      }
      if (answersPing(address)) {
        log(`${interface_}: ${host} answers, its port ${port} does not`)
        return true
      }
      // A router that has died is known to be dead only now, and the next one is taken (RFC 4861, 6.3.6).
      if (parts.ipv6 && family === 'IPv6' && answersTcp(address, port)) {
        return true
      }
    }
  }
  return servers === ''
}
