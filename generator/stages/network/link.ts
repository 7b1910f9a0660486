/** What an `ip=` says of the interface itself. */
import { exists, ip, lines, log, nextEvent, succeeds, uptime, writeFile } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'
import { loadDrivers } from '../start/drivers.ts'
import { takeCards } from './cards.ts'
import { checkHardware, hasCarrier, isSetUp, presentInterfaces } from './interfaces.ts'
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

/** Waits for the interfaces that an `ip=` is for, and prepares them. */
export function prepareLinks(wanted: string, form: IpForm, parameters: Parameters): void {
  const started = uptime()
  let present = presentInterfaces(wanted, parameters)
  while (present === '') {
    checkHardware(wanted, present, started, parameters)
    const event = nextEvent(1)
    if (event === 'device') {
      loadDrivers()
      if (parts.cardWork) {
        takeCards(parameters)
      }
    }
    present = presentInterfaces(wanted, parameters)
  }
  for (const interface_ of lines(present)) {
    prepareLink(interface_, form)
  }
}

/** Sets up those of the interfaces that have appeared. */
export function setUpNew(interfaces: string): void {
  for (const interface_ of lines(interfaces)) {
    if (!exists(`/run/aria2-initrd/up.${interface_}`)) {
      const result = isSetUp(interface_) ? 'up' : 'left out'
      writeFile(`/run/aria2-initrd/up.${interface_}`, result)
    }
  }
}

/** The first of the interfaces that has a link; nothing while there is none. */
export function linkedIn(interfaces: string): string {
  for (const interface_ of lines(interfaces)) {
    if (hasCarrier(interface_)) {
      return interface_
    }
  }
  return ''
}
