/**
 * What one `ip=` asks for: the forms of nfsroot.rst, dracut.cmdline(7) and nm-initrd-generator(8), told by what stands in
 * them. `METHOD`, `DEV:METHOD[:MORE]` and `CLIENT:PEER:GATEWAY:MASK:HOST:DEV:METHOD[:MORE]`; behind the method stand
 * `MTU[:HARDWARE_ADDRESS]` or `DNS1[:DNS2]`.
 */
import { after, before, consistsOf, fail, withoutPrefix } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { refuseWithout } from '../start/command-line.ts'

/** One `ip=`. What it leaves open is empty. */
export interface IpForm {
  /** `static`, `off`, or what is asked: `dhcp`, and those of ipv6.ts. */
  method: string
  /** A name, or the word BOOTIF. Addresses are without brackets. */
  formInterface: string
  client: string
  /** The other end of the line, or the boot server: PXELINUX writes that here. */
  peer: string
  gateway: string
  /** A mask or the length of a prefix. */
  netmask: string
  clientName: string
  /** Digits. */
  mtu: string
  hardwareAddress: string
  /** Name servers, one a line. */
  formServers: string
}

/** Whether a field can only be an address. */
function looksLikeAddress(field: string): boolean {
  if (parts.ipv6 && field.startsWith('[')) {
    return true
  }
  return field !== '' && consistsOf(field, '0-9.')
}

/** The form with its seven fields: `dhcp` is the last one, `eth0:dhcp` are the last two. */
function inFull(ipForm: string): string {
  const first = before(ipForm, ':')
  const others = after(ipForm, ':')
  const second = before(others, ':')
  if (second === '' || looksLikeAddress(first) || looksLikeAddress(second)) {
    return ipForm
  }
  // Without a colon all three are the form itself.
  if (first === ipForm) {
    return `::::::${ipForm}`
  }
  return `:::::${ipForm}`
}

/** Takes an `ip=` apart, and refuses by its name what none of our boots does. */
export function parseIpForm(ipForm: string): IpForm {
  let client = ''
  let peer = ''
  let gateway = ''
  let netmask = ''
  let clientName = ''
  let formInterface = ''
  let wanted = ''
  let rest = inFull(ipForm)
  let number = 0
  while (number < 7) {
    number += 1
    let field = before(rest, ':')
    rest = withoutPrefix(rest, field)
    rest = withoutPrefix(rest, ':')
    if (parts.ipv6 && field.startsWith('[')) {
      // An IPv6 address has colons of its own, in brackets.
      const opened = withoutPrefix(field, '[')
      rest = `${opened}:${rest}`
      field = before(rest, ']')
      rest = after(rest, ']', '')
      rest = withoutPrefix(rest, ':')
    }
    switch (number) {
      case 1:
        client = field
        break
      case 2:
        peer = field
        break
      case 3:
        gateway = field
        break
      case 4:
        netmask = field
        break
      case 5:
        clientName = field
        break
      case 6:
        formInterface = field
        break
      case 7:
        wanted = field
        break
    }
  }
  // The first field of one without brackets.
  if (parts.ipv6 && client !== '' && consistsOf(client, '0-9a-fA-F')) {
    fail(`ip=${ipForm}: write IPv6 addresses in brackets, like [fd00::5]`)
  }
  let method = 'dhcp'
  switch (wanted) {
    case '':
    case 'dhcp':
    case 'single-dhcp':
    case 'on':
    case 'any':
    case 'both':
      break
    case 'off':
    case 'none':
    case 'static':
      method = 'off'
      break
    case 'dhcp6':
    case 'auto6':
    case 'either6':
    case 'link6':
    case 'dhcp,dhcp6':
      if (parts.ipv6) {
        method = wanted
      } else {
        refuseWithout(`ip=${ipForm}`, 'ipv6')
      }
      break
    case 'link-local':
    case 'bootp':
    case 'rarp':
    case 'ibft':
      fail(`ip=${ipForm}: '${wanted}' is not supported; use dhcp or an address`)
      break
    default:
      if (!parts.ipv6 && ipForm.includes('[')) {
        refuseWithout(`ip=${ipForm}`, 'ipv6')
      }
      fail(`ip=${ipForm}: '${wanted}' is neither a method nor a host address`)
  }
  if (parts.ipv6 && (wanted === 'on' || wanted === 'any' || wanted === 'both')) {
    method = 'both'
  }
  // With an address it is static, whatever the method says: sites write `on` there.
  if (parts.staticAddress && client !== '') {
    method = 'static'
  }
  if (!parts.staticAddress && (client !== '' || rest !== '')) {
    refuseWithout(`ip=${ipForm}`, 'static-address')
  }
  let mtu = ''
  let hardwareAddress = ''
  let formServers = ''
  if (parts.staticAddress) {
    if (!parts.ipv6 || !rest.startsWith('[')) {
      mtu = before(rest, ':')
      rest = withoutPrefix(rest, mtu)
      rest = withoutPrefix(rest, ':')
      if (!consistsOf(mtu, '0-9')) {
        formServers = `${mtu}\n`
        mtu = ''
      }
    }
    if (parts.ipv6) {
      while (rest.startsWith('[')) {
        const ipv6Server = before(rest, ']')
        rest = withoutPrefix(rest, `${ipv6Server}]`)
        rest = withoutPrefix(rest, ':')
        formServers = `${formServers}${withoutPrefix(ipv6Server, '[')}\n`
      }
    }
    if (rest.includes('.')) {
      // The kernel has a time server behind them.
      const second = before(rest, ':')
      formServers = `${formServers}${second}\n`
    } else {
      hardwareAddress = rest
    }
  }
  return {
    method,
    formInterface,
    client,
    peer,
    gateway,
    netmask,
    clientName,
    mtu,
    hardwareAddress,
    formServers,
  }
}
