/** The machine's clock: with a dead battery it begins in 1970 or so, and no certificate counts then. */
import {
  after,
  exists,
  lastLineWith,
  log,
  ntpd,
  outputOf,
  readFile,
  setClock,
  succeeds,
  wholeNumber,
} from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import { wayFile } from '../network/interfaces.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** Seconds since 1970 of what the image is made of: whatever the clock says, it is later. */
const imageTimeFile = '/etc/aria2-initrd/time'

/** What the clock says, in UTC: `2026-11-29T12:00:00Z`. */
export function clockNow(): string {
  return outputOf('date', '-u', '+%Y-%m-%dT%H:%M:%SZ')
}

/** Sets a clock that is behind the image's own time to that. */
export function keepClock(): void {
  if (!exists(imageTimeFile)) {
    return
  }
  const imageText = readFile(imageTimeFile)
  const imageTime = wholeNumber(imageText)
  const secondsText = outputOf('date', '-u', '+%s')
  let seconds = 0
  if (!secondsText.startsWith('-')) {
    seconds = wholeNumber(secondsText)
  }
  if (seconds < imageTime) {
    const clock = clockNow()
    if (succeeds(() => setClock(`@${imageTime}`))) {
      const corrected = clockNow()
      log(`the clock said ${clock}; set to the time of this image, ${corrected}`)
    }
  }
}

/** Whether a certificate's dates will be looked at. */
function looksAtDates(parameters: Parameters): boolean {
  if (parts.signatures && parameters.manifest !== '') {
    return true
  }
  const sources = parts.fileRoles
    ? `${parameters.urls}${parameters.kernelUrl}${parameters.initrdUrl}`
    : `${parameters.kernelUrl}${parameters.initrdUrl}`
  return sources.includes('https://')
}

/** Asks the time server of rd.ntp, or where dates count that of the lease; what it does not answer is no failure. */
export function askTime(parameters: Parameters): void {
  let timeServer = after(parameters.ntp, 'server:')
  if (timeServer === '' && looksAtDates(parameters) && exists(wayFile)) {
    const way = readFile(wayFile)
    const lease = `/run/aria2-initrd/lease.${way}`
    if (exists(lease)) {
      const line = lastLineWith(lease, 'ntp=')
      timeServer = after(line, 'ntp=')
    }
  }
  if (timeServer === '') {
    return
  }
  if (succeeds(() => ntpd(timeServer))) {
    const now = clockNow()
    log(`${timeServer} says ${now}`)
  } else {
    const clock = clockNow()
    log(`time server ${timeServer} does not answer; this machine's clock says ${clock}`)
  }
}
