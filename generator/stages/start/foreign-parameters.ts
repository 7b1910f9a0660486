/**
 * What dracut.cmdline(7) and nm-initrd-generator(8) would do to the network, and this boot does not: what the first
 * stage could not come up without is refused, the rest said.
 */
import { exists, fail, log, readFile, succeeds, writeFile } from '../api/machine.ts'
import { parts } from '../api/parts.ts'

const refusalFile = '/run/aria2-initrd/refused'

/** Keeps a refusal until the whole command line is read: what a failure leads to stands there, too. */
function keepRefusal(refusal: string): void {
  succeeds(() => writeFile(refusalFile, refusal))
}

/** Says what is left out, and keeps what is refused. */
export function noteForeign(name: string, given: string): void {
  switch (name) {
    case 'bridge':
      if (parts.ipForms) {
        keepRefusal(`bridge=${given}: no bridges here; name its card in ip=, as ip=DEV:dhcp`)
      } else {
        keepRefusal(`bridge=${given}: no bridges here; without it DHCP asks on all cards`)
      }
      break
    case 'team':
      if (parts.bond && parts.ipForms) {
        keepRefusal(`team=${given}: no teams here; use bond=, or ip=DEV:dhcp for a card of it`)
      } else if (parts.bond) {
        keepRefusal(`team=${given}: no teams here; use bond=`)
      } else if (parts.ipForms) {
        keepRefusal(`team=${given}: no teams here; name a card of it in ip=, as ip=DEV:dhcp`)
      } else {
        keepRefusal(`team=${given}: no teams here; without it DHCP asks on all cards`)
      }
      break
    case 'rd.znet':
    case 'rd.ctc':
      keepRefusal(`${name}=${given}: no channels of IBM Z here; use a virtio card`)
      break
    case 'rd.ethtool':
    case 'rd.iscsi.firmware':
    case 'rd.iscsi.ibft':
    case 'rd.net.dhcp.dscp':
    case 'rd.net.dns':
    case 'rd.net.dns-backend':
    case 'rd.net.dns-global-mode':
    case 'rd.net.dns-resolve-mode':
    case 'rd.net.timeout.ifdown':
    case 'rd.net.timeout.ifup':
    case 'rd.net.timeout.route':
    case 'rd.znet_ifname':
      log(`${name}=${given}: ignored; for the next system put it in next_kernel_params`)
      break
  }
}

/** Ends the boot where the command line asks for what was refused. */
export function refuseForeign(): void {
  if (exists(refusalFile)) {
    const refusal = readFile(refusalFile)
    fail(refusal)
  }
}
