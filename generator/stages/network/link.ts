/** What an `ip=` says of the interface itself. */
import { ip, log, succeeds } from '../api/machine.ts'
import type { IpForm } from './ip-form.ts'

/** Gives an interface the hardware address and the MTU of an `ip=`. What the card refuses is said, and no failure. */
export function prepareLink(interface_: string, form: IpForm): void {
  if (form.hardwareAddress !== '') {
    // Many drivers take an address only while the interface is down.
    ip('link', 'set', 'dev', interface_, 'down')
    if (!succeeds(() => ip('link', 'set', 'dev', interface_, 'address', form.hardwareAddress))) {
      log(`${interface_}: hardware address ${form.hardwareAddress} refused`)
    }
    ip('link', 'set', 'dev', interface_, 'up')
  }
  if (form.mtu !== '' && !succeeds(() => ip('link', 'set', 'dev', interface_, 'mtu', form.mtu))) {
    log(`${interface_}: MTU ${form.mtu} refused`)
  }
}
