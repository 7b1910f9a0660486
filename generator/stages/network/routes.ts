/** Routes from `rd.route=NETWORK/PREFIX:GATEWAY[:DEV]` (dracut.cmdline(7)). */
import { after, before, consistsOf, ip, lines, log, succeeds, withoutPrefix } from '../api/machine.ts'

/** The first field of a route: an IPv6 one has colons of its own, in brackets. */
function routeField(rest: string): string {
  if (!rest.startsWith('[')) {
    return before(rest, ':')
  }
  const inside = before(rest, ']')
  const behind = after(rest, ']')
  const suffix = before(behind, ':')
  return `${inside}]${suffix}`
}

/** Whether a text can be an address or a network, and no option of ip. */
function isAddressText(text: string): boolean {
  return text === 'default' || consistsOf(text, '0-9A-Fa-f.:/')
}

/** An address without its brackets. */
function withoutBrackets(bracketed: string): string {
  const opened = withoutPrefix(bracketed, '[')
  const head = before(opened, ']')
  const tail = after(opened, ']', '')
  return `${head}${tail}`
}

/** Sets the routes; what the kernel does not take is said, and no failure. */
export function setRoutes(routes: string): void {
  for (const route of lines(routes)) {
    let rest = route
    const destination = routeField(rest)
    rest = withoutPrefix(rest, destination)
    rest = withoutPrefix(rest, ':')
    const via = routeField(rest)
    rest = withoutPrefix(rest, via)
    const device = withoutPrefix(rest, ':')
    const network = withoutBrackets(destination)
    const router = withoutBrackets(via)
    if (network === '' || !isAddressText(network) || !isAddressText(router)) {
      log(`rd.route=${route}: ignored; expected NETWORK/PREFIX:GATEWAY`)
      continue
    }
    const wanted: string[] = ['route', 'replace', network]
    if (router !== '') {
      wanted.push('via', router)
    }
    if (device !== '') {
      wanted.push('dev', device)
    }
    if (succeeds(() => ip(...wanted))) {
      log(`route to ${destination} (rd.route)`)
    } else {
      log(`rd.route=${route}: the kernel does not take it`)
    }
  }
}
