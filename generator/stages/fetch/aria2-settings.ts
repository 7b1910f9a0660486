/** What aria2c is told in a file and not on its command line: headers and proxies may hold passwords. */
import { chmod, chown, lines, log, writeFile } from '../api/machine.ts'
import { parts } from '../api/parts.ts'
import type { Parameters } from '../parameters/parameters.ts'

/** A configuration file of aria2c's: unlike words of its command line, nobody else can read it. */
export const aria2Settings = '/run/aria2-initrd/aria2c.conf'

/** Writes it where there is something to say. */
export function writeSettings(parameters: Parameters): void {
  let settings = ''
  if (parts.httpHeaders) {
    for (const header of lines(parameters.headers)) {
      settings = `${settings}header=${header}\n`
    }
  }
  if (parts.proxy && parameters.proxy !== '') {
    settings = `${settings}all-proxy=${parameters.proxy}\nno-proxy=${parameters.noProxy}\n`
  }
  if (parts.insecure && parameters.insecure !== '') {
    log('warning: insecure: certificates of servers are not checked')
    settings = `${settings}check-certificate=false\n`
  }
  if (settings === '') {
    return
  }
  writeFile(aria2Settings, '')
  chmod('600', aria2Settings)
  chown('aria2:aria2', aria2Settings)
  writeFile(aria2Settings, settings)
}
