/** What /init will do with a command line, told from its rehearsal. */
import { type AddressKind, kindOfAddress } from './addresses.ts'
import { addressEndOf, anyInterface, dhcpNameServer, type Fetch, type Rehearsal } from './rehearsal.ts'
import { isSigned, lines, listOf } from './rehearsed-files.ts'

export interface PlannedFile {
  /** What it is for: a role that the line gives, or `by its content`; `none`: it is fetched and nothing more. */
  role: 'kernel' | 'initrd' | 'by its content' | 'none'
  /** In the order in which they are tried. */
  addresses: string[]
  kind: AddressKind
  /** The digest that the file, or the kernel in it, is held against; `none`: it is taken as it is. */
  check: 'sha256' | 'sha512' | 'none'
  /** Whose digest that is, where content gives the role: the kernel's alone, or each file's (sha=, sha256sums=). */
  checked?: 'kernel' | 'each'
}

export interface PlannedNetwork {
  /** Empty: no address is set up. */
  means: ('DHCP' | 'static')[]
  interface: string
  /** With its prefix; empty for DHCP. */
  address: string
  gateway: string
  nameServers: string[]
  /** Interfaces that the line takes to be there: the rehearsal has them, and the machine must. */
  assumed: string[]
}

export interface Plan {
  /** Undefined where the boot ends before it. */
  network: PlannedNetwork | undefined
  files: PlannedFile[]
  /** What the boot leads to: the next kernel, a root for this one, or nothing (boot=none); undefined where it fails before. */
  start: 'kexec' | 'switch_root' | 'none' | undefined
  /** Addresses of the manifest that says what boots, in the order in which they are tried; none: the line says it. */
  manifest: string[]
  /** Whether a hash tree proves the root (roothash=). */
  isProven: boolean
  /** That of the next kernel, or of a root where it is not this one; undefined where none is started, or a manifest says it. */
  nextLine: string | undefined
  /** Whether a kernel is sure to be among the files, as far as addresses tell. */
  hasKernel: boolean
  /** Tries of each download; 0: for ever. */
  retries: number
  onFailure: string
  failureDelay: number
  /** What follows when no kernel is among the files. */
  onComplete: string
}

const after = (words: string[], word: string): string => {
  const index = words.indexOf(word)
  return index === -1 ? '' : (words[index + 1] ?? '')
}

function interfaceText(
  command: string,
  name: string,
  { ip, bootif, useBootif }: NonNullable<Rehearsal['parameters']>,
): string {
  if (ip.split(/[:\n]/).includes(name)) return name
  const address = addressEndOf(bootif)
  if (address !== '' && useBootif !== '0') return `the interface with the hardware address ${address}`
  if (name !== anyInterface) return name
  return command === 'udhcpc' ? 'all wired interfaces at once' : 'the first wired interface with a link'
}

function networkOf({ trace, nameServers, parameters, assumed }: Rehearsal): PlannedNetwork {
  const network: PlannedNetwork = {
    means: [],
    interface: '',
    address: '',
    gateway: '',
    nameServers: nameServers.map(server => (server === dhcpNameServer ? 'those that DHCP gives' : server)),
    assumed,
  }
  for (const [command = '', ...words] of trace) {
    if (command === 'udhcpc') network.means.push('DHCP')
    else if (command === 'ip' && words.includes('addr')) {
      network.means.push('static')
      network.address = words.find(word => word.includes('/')) ?? ''
    } else if (command === 'ip' && words.includes('route') && words.includes('default')) {
      network.gateway = after(words, 'via')
      continue
    } else continue
    const name = after(words, command === 'ip' ? 'dev' : '-i')
    if (parameters !== undefined) network.interface = interfaceText(command, name, parameters)
  }
  return network
}

function checkOf(digest: string | undefined): PlannedFile['check'] {
  if (digest === undefined || digest === '') return 'none'
  return digest.replace(/^.*:/, '').length === 128 ? 'sha512' : 'sha256'
}

/** @param rehearsal one whose parameters could be read */
export function planOf(rehearsal: Rehearsal): Plan | undefined {
  const { parameters, fetches, end } = rehearsal
  if (parameters === undefined) return undefined
  const { kernelSha, kernelUrl, bootWay, rootHash, urlSha, digestList } = parameters
  const manifest = isSigned(parameters) ? listOf(parameters.manifest) : []
  const isListed = manifest.length > 0
  const hasDigests = isListed || urlSha !== '' || digestList !== ''
  const byContent = (): Pick<PlannedFile, 'role' | 'check' | 'checked'> => {
    const role = 'by its content'
    if (hasDigests)
      return { role, check: urlSha === '' ? 'sha256' : checkOf(lines(urlSha)[0]), checked: 'each' }
    return kernelSha === '' ? { role, check: 'none' } : { role, check: checkOf(kernelSha), checked: 'kernel' }
  }
  const digests = lines(parameters.initrdSha)
  const planned = ({ parameter, index, addresses }: Fetch): PlannedFile => {
    const kind = kindOfAddress(addresses[0] ?? '')
    if (parameter !== 'url' && isListed)
      return { role: parameter === 'kernel_url' ? 'kernel' : 'initrd', addresses, kind, check: 'sha256' }
    if (parameter === 'url' && kernelUrl !== '') return { role: 'none', addresses, kind, check: 'none' }
    if (parameter === 'url') return { ...byContent(), addresses, kind }
    if (parameter === 'initrd_url') return { role: 'initrd', addresses, kind, check: checkOf(digests[index]) }
    return { role: 'kernel', addresses, kind, check: checkOf(kernelSha) }
  }
  const way = bootWay === 'none' ? 'none' : 'kexec'
  const start = end === 'failed' ? undefined : end === 'switch_root' ? 'switch_root' : way
  return {
    network: rehearsal.hasNetwork ? networkOf(rehearsal) : undefined,
    files: fetches.map(planned),
    start,
    manifest,
    isProven: rootHash !== '',
    nextLine: isListed
      ? undefined
      : (rehearsal.nextLine ?? (start === 'kexec' ? parameters.nextKernelParams : undefined)),
    hasKernel: end === 'kexec',
    retries: parameters.retries,
    onFailure: parameters.onFailure,
    failureDelay: parameters.failureDelay,
    onComplete: parameters.onComplete,
  }
}
