import {
  afterLast,
  aria2c,
  chown,
  consistsOf,
  fail,
  log,
  makeDirectory,
  readFile,
  remove,
  setHostname,
  sizeOf,
  sleep,
  takeOver,
} from 'aria2-initrd/machine'

/** Where this node learns its name. */
export interface HostNameParameters {
  /**
   * The address of a text with the name of this node in it; without it the name stays as it is.
   * @example host_name_url=http://10.0.0.1/names/rack-3
   */
  hostNameUrl: string

  /**
   * How many times it is asked for before the boot fails.
   * @default 3
   */
  hostNameTries: number
}

/** The folder that aria2c may write to, and the one that only root may. */
const askedFolder = '/run/asked-name'
const nameFolder = '/run/host-name'

/** What a server sends becomes a name only when it is one (RFC 1123): letters, digits and hyphens. */
function takeName(nameFile: string): void {
  const nameSize = sizeOf(nameFile)
  if (nameSize > 64) {
    fail(`${nameFile}: ${nameSize} bytes are too many for the name of a host`)
  }
  const hostName = readFile(nameFile)
  if (hostName === '' || !consistsOf(hostName, 'a-zA-Z0-9-')) {
    fail(`'${hostName}' is not the name of a host`)
  }
  setHostname(hostName)
  log(`this node is called ${hostName}`)
}

/** Asks the boot server for this node's name, a few times, and takes it. */
export function nameHost(parameters: HostNameParameters): void {
  const nameUrl = parameters.hostNameUrl
  if (nameUrl === '') {
    return
  }
  let asked = 0
  while (asked < parameters.hostNameTries) {
    if (asked > 0) {
      sleep(2)
    }
    asked += 1
    remove(askedFolder)
    makeDirectory(askedFolder)
    chown('aria2:aria2', askedFolder)
    const status = aria2c(20, '--no-conf', '--no-netrc', `--dir=${askedFolder}`, nameUrl)
    if (status === 0) {
      takeOver(askedFolder, nameFolder)
      const fileName = afterLast(nameUrl, '/')
      takeName(`${nameFolder}/${fileName}`)
      return
    }
    log(`${nameUrl}: aria2 status ${status}, try ${asked} of ${parameters.hostNameTries}`)
  }
  fail(`${nameUrl} did not give the name of this node`)
}
