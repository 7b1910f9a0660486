/** Others are told what happens: a syslog server, and whoever takes reports. No boot waits for them, or fails because of them. */
import {
  after,
  afterLast,
  before,
  beforeAny,
  consistsOf,
  exists,
  fail,
  flushReports,
  kibUnder,
  readFile,
  record,
  startReporter,
  succeeds,
  writeFile,
} from '../api/machine.ts'
import { serverOf } from '../network/reach.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** There where the kernel's log has the events, too (record.sh). */
const kernelLogMark = '/run/aria2-initrd/kernel-log'
const consoleLevel = '/proc/sys/kernel/printk'
const levelEnds = '\t '
const wholeLog = '/sys/module/printk/parameters/ignore_loglevel'

/** The kernel's log has the events, too, unless the console shows all of that: each would stand there twice. */
export function chooseKernelLog(): void {
  if (!exists(consoleLevel) || !exists(wholeLog)) {
    return
  }
  const levels = readFile(consoleLevel)
  const level = beforeAny(levels, levelEnds)
  const showsAll = readFile(wholeLog)
  // Events are of level 7, and the console shows those that are below its own; 10 is another one.
  if (showsAll === 'N' && level.length === 1 && level !== '8' && level !== '9') {
    writeFile(kernelLogMark, '')
  }
}

/** `HOST PORT` of what syslog= says; empty where it says nothing. */
function syslogServer(given: string): string {
  let address = given
  // Behind the brackets of an IPv6 address, if it has some.
  const tail = afterLast(address, ']')
  if (given !== '' && !tail.includes(':')) {
    address = `${given}:514`
  }
  return serverOf(`syslog://${address}`)
}

/** Refuses what is no host and port: both become words of nc. */
function checkServer(parameter: string, server: string): void {
  const host = before(server, ' ')
  const port = after(server, ' ')
  if (
    host === '' ||
    host.startsWith('-') ||
    !consistsOf(host, 'A-Za-z0-9.:_%-') ||
    port === '' ||
    port.length > 5 ||
    !consistsOf(port, '0-9')
  ) {
    fail(`${parameter}: not a host and port; IPv6 addresses stand in brackets`)
  }
}

/** What stands behind the host and its slash. */
function collectorPath(url: string): string {
  const address = after(url, '://')
  return after(address, '/', '')
}

/** Refuses addresses that nothing could be sent to. */
export function checkReports(parameters: Parameters): void {
  if (parameters.syslog !== '') {
    checkServer(`syslog=${parameters.syslog}`, syslogServer(parameters.syslog))
  }
  if (parameters.collector === '') {
    return
  }
  if (parameters.collector.startsWith('https://')) {
    fail(`report=${parameters.collector}: reports cannot be sent by HTTPS; use http://`)
  }
  const path = collectorPath(parameters.collector)
  if (
    !parameters.collector.startsWith('http://') ||
    parameters.collector.includes('@') ||
    !consistsOf(path, 'A-Za-z0-9_./:,%+=-')
  ) {
    fail(`report=${parameters.collector}: not written http://HOST[:PORT]/PATH, with letters and digits`)
  }
  checkServer(`report=${parameters.collector}`, serverOf(parameters.collector))
}

/** Starts to tell those who are to be told, with what has happened so far. */
export function startReports(parameters: Parameters): void {
  if (parameters.syslog === '' && parameters.collector === '') {
    return
  }
  const syslogAt = syslogServer(parameters.syslog)
  const collectorAt = serverOf(parameters.collector)
  const path = collectorPath(parameters.collector)
  succeeds(() => startReporter(syslogAt, collectorAt, `/${path}`))
}

/** Takes down what came from an address. */
export function recordFetched(source: string, address: string, folder: string): void {
  record('fetched', `${source} ${kibUnder(folder)} ${address}`)
}

/** Gives those who are to be told so many seconds for what has happened last. */
export function endReports(seconds: string, parameters: Parameters): void {
  if (parameters.syslog !== '' || parameters.collector !== '') {
    succeeds(() => flushReports(seconds))
  }
}
