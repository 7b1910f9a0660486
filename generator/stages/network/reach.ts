/** Where a lease leads: to the server that the boot needs, or to nowhere, and why. */

import {
  after,
  afterLast,
  answersArp,
  answersPing,
  answersTcp,
  before,
  beforeAny,
  consistsOf,
  lastLineWith,
  log,
  resolves,
  split,
} from '../api/machine.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** Ends the part of a URL that names the server (RFC 3986, 3.2). */
const authorityEnds = '/?#'

/** `HOST PORT` of a URL; empty for one that names no server, such as a magnet link. */
function serverOf(url: string): string {
  const rest = after(url, '://', '')
  const authority = beforeAny(rest, authorityEnds)
  const server = afterLast(authority, '@')
  let host = before(server, ':')
  let port = after(server, ':', '')
  if (server.startsWith('[')) {
    const inside = after(server, '[')
    host = before(inside, ']')
    port = after(inside, ']:', '')
  }
  if (port === '') {
    const scheme = before(url, ':')
    switch (scheme) {
      case 'https':
        port = '443'
        break
      case 'ftp':
        port = '21'
        break
      default:
        port = '80'
    }
  }
  return host === '' ? '' : `${host} ${port}`
}

/** The first router of an interface's lease; empty without one. */
function routerOf(interface_: string): string {
  const line = lastLineWith(`/run/aria2-initrd/lease.${interface_}`, 'router=')
  const routers = after(line, '=')
  return before(routers, ' ')
}

/** Says why a server does not answer. */
function reportSilence(interface_: string, server: string): void {
  const host = before(server, ' ')
  const port = after(server, ' ')
  const router = routerOf(interface_)
  if (router !== '') {
    if (!answersArp(interface_, router)) {
      log(`${interface_}: the gateway ${router} is silent`)
      return
    }
  }
  if (!host.includes(':') && !consistsOf(host, '0-9.') && !resolves(host)) {
    log(`${interface_}: no name server answers for ${host}`)
  } else if (router !== '') {
    log(`${interface_}: the gateway ${router} answers, ${host} port ${port} does not`)
  } else {
    log(`${interface_}: ${host} port ${port} does not answer; the lease has no gateway`)
  }
}

/**
 * Whether the boot server answers through a lease: one of the servers of url= and kernel_url=. What cannot be told (a
 * magnet link, a proxy) counts as a yes.
 */
export function leadsToServer(interface_: string, parameters: Parameters): boolean {
  if (parameters.aria2Options.includes('proxy')) {
    return true
  }
  let silent = ''
  const sources = `${parameters.urls},${parameters.kernelUrl}`
  for (const url of split(sources, ',')) {
    const server = serverOf(url)
    const host = before(server, ' ')
    const port = after(server, ' ')
    if (server === '') {
      continue
    }
    if (answersTcp(host, port)) {
      return true
    }
    if (answersPing(host)) {
      log(`${interface_}: ${host} answers, its port ${port} does not`)
      return true
    }
    if (silent === '') {
      silent = server
    }
  }
  if (silent === '') {
    return true
  }
  reportSilence(interface_, silent)
  return false
}
