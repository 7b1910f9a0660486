/**
 * What one `ip=` asks for: the forms of nfsroot.rst, dracut.cmdline(7) and nm-initrd-generator(8), told by what stands in
 * them. `METHOD`, `DEV:METHOD[:MORE]` and `CLIENT:PEER:GATEWAY:MASK:HOST:DEV:METHOD[:MORE]`; behind the method stand
 * `MTU[:HARDWARE_ADDRESS]` or `DNS1[:DNS2]`.
 */
import { after, before, consistsOf, fail, withoutPrefix } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { refuseWithout } from '../start/check-parameters.ts'

/** One `ip=`. What it leaves open is empty. */
export interface IpForm {
  /** `dhcp`, `static` or `off`. */
  method: string
  /** A name, or the word BOOTIF. */
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
  if (parts.staticAddress && field.startsWith('[')) {
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
    // An IPv6 address has colons of its own, in brackets.
    if (parts.staticAddress && rest.startsWith('[')) {
      field = before(rest, ']')
      field = `${field}]`
    }
    rest = withoutPrefix(rest, field)
    rest = withoutPrefix(rest, ':')
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
  let method = 'dhcp'
  switch (wanted) {
    case '':
    case 'dhcp':
    case 'on':
    case 'any':
    case 'single-dhcp':
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
    case 'link-local':
    case 'bootp':
    case 'rarp':
    case 'both':
    case 'ibft':
      fail(`ip=${ipForm}: '${wanted}' is not supported; use dhcp or an address`)
      break
    default:
      fail(`ip=${ipForm}: '${wanted}' is neither a method nor a host address`)
  }
  // With an address it is static, whatever the method says: sites write `on` there.
  if (parts.staticAddress && client !== '') {
    method = 'static'
  }
  if (!parts.staticAddress && (client !== '' || rest !== '')) {
    refuseWithout(`ip=${ipForm}`, 'static-address')
  }
  if (parts.staticAddress && client.startsWith('[')) {
    fail(`ip=${ipForm}: IPv6 is not supported yet`)
  }
  let mtu = ''
  let hardwareAddress = ''
  let formServers = ''
  if (parts.staticAddress) {
    mtu = before(rest, ':')
    rest = withoutPrefix(rest, mtu)
    rest = withoutPrefix(rest, ':')
    if (!consistsOf(mtu, '0-9')) {
      formServers = `${mtu}\n`
      mtu = ''
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
