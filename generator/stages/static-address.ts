/** A fixed address from `ip=CLIENT:PEER:GATEWAY:MASK:HOST:DEVICE:AUTOCONF[:DNS1[:DNS2]]` (nfsroot.rst, dracut.cmdline(7)). */
import { consistsOf, fail, ip, log, setHostname, split } from './machine.ts'

/** One field of a record with colons, counted from 1; empty where the record ends before. */
export function fieldOf(record: string, wantedField: number): string {
  let fieldNumber = 0
  for (const content of split(record, ':')) {
    fieldNumber += 1
    if (fieldNumber === wantedField) {
      return content
    }
  }
  return ''
}

/** Gives an interface the address, route and host name of a static `ip=`. */
export function configureStatic(staticForm: string, staticName: string): void {
  const client = fieldOf(staticForm, 1)
  const gateway = fieldOf(staticForm, 3)
  const mask = fieldOf(staticForm, 4)
  const hostname = fieldOf(staticForm, 5)
  if (mask === '') {
    fail(`ip=${staticForm}: the fourth field, the netmask, is missing`)
  }
  if (!consistsOf(client, '0-9.') || !consistsOf(mask, '0-9.') || !consistsOf(gateway, '0-9.')) {
    fail(`ip=${staticForm}: address, gateway and netmask want digits and dots`)
  }
  ip('addr', 'add', `${client}/${mask}`, 'dev', staticName)
  if (gateway !== '') {
    ip('route', 'add', 'default', 'via', gateway, 'dev', staticName)
  }
  if (hostname !== '') {
    setHostname(hostname)
  }
  log(`${staticName}: has ${client}/${mask}, gateway ${gateway}, as ip= says`)
}
