/**
 * The boot of a command line, rehearsed: the stages as they are, on a simulated machine on which all goes well. Every
 * address gives something, but of mirrors only the last; every digest holds; DHCP answers. So what still goes wrong is
 * the command line's own fault, and what /init starts is its plan.
 */
import { createHash } from 'node:crypto'
import { parametersWithout } from '../compiler/parts/parameters-without.ts'
import { declaredParameters } from '../simulator/boot-program.ts'
import { defaultValues } from '../simulator/kernel-parameters.ts'
import { Ended } from '../simulator/outcome.ts'
import { callStage } from '../simulator/simulate.ts'
import { programIn, SimulatedMachine } from '../simulator/simulated-machine.ts'
import type { Interface, Ipv6, World } from '../simulator/world.ts'
import { defaultLease } from '../simulator/world.ts'
import { leftOutByDefault, type PartName } from '../stages/api/parts.ts'
import { togetherList } from '../stages/fetch/aria2.ts'
import { systemLineFile } from '../stages/handover/switch-root.ts'
import type { Parameters } from '../stages/parameters/parameters.ts'
import {
  digestsOf,
  isSigned,
  lines,
  listOf,
  noMachine,
  rootFiles,
  serverFor,
  signedAddresses,
  trustFiles,
} from './rehearsed-files.ts'

/** A name server that only DHCP can have given. */
export const dhcpNameServer = '192.0.2.53'
/** The interface of a machine whose command line names none. */
export const anyInterface = 'eth0'

/** What is to be fetched. */
export interface Fetch {
  /** The parameter that asks for it. */
  parameter: 'url' | 'kernel_url' | 'initrd_url'
  /** Its number among those of that parameter, from 0. */
  index: number
  /** In the order in which they are tried. */
  addresses: string[]
}

export interface Rehearsal {
  /** What /init took from the line; undefined where it cannot read it. */
  parameters: Parameters | undefined
  /** Values that their parameters do not take, each with what was expected. */
  ignored: string[]
  /** Why the boot failed; undefined where it did not, or where no stage said why. */
  cause: string | undefined
  /** Commands with their words, in order. */
  trace: string[][]
  fetches: Fetch[]
  /** Whether the boot comes as far as the network; what can be told of the parameters alone ends it before. */
  hasNetwork: boolean
  /** Interfaces that the line names, so that the rehearsal had them: by name, or by hardware address for ifname. */
  assumed: string[]
  /** /etc/resolv.conf's name servers. */
  nameServers: string[]
  /** The next kernel's command line, or what a root sees as its own; undefined where none is started, or the root sees this one. */
  nextLine: string | undefined
  /** `kexec`, `switch_root`, or that it ended otherwise. */
  end: 'kexec' | 'switch_root' | 'complete' | 'failed'
}

/** A machine on which every digest is the wanted one, in the order in which they are asked for. */
class TrustingMachine extends SimulatedMachine {
  digests: string[] = []
  /** A manifest has the digests of what is there. */
  isSigned = false
  #next = (length: number): string => {
    const index = this.digests.findIndex(digest => digest.length === length)
    return index === -1 ? '0'.repeat(length) : (this.digests.splice(index, 1)[0] ?? '')
  }
  readonly #known = new Map<string, string>()
  /** The same for the same file. */
  #digestOf(path: string, length: number): string {
    if (this.isSigned)
      return createHash(`sha${length * 4}`)
        .update(this.files.read(path))
        .digest('hex')
    const digest = this.#known.get(`${length} ${path}`) ?? this.#next(length)
    this.#known.set(`${length} ${path}`, digest)
    return digest
  }
  override sha256sum = (path: string): string => this.#digestOf(path, 64)
  override sha512sum = (path: string): string => this.#digestOf(path, 128)
}

const defaultsWithout = (without: readonly PartName[]): Parameters =>
  defaultValues(parametersWithout(declaredParameters(), without))

/** What `/init` takes from a line. */
function readParameters(line: string, without: readonly PartName[]): Parameters | undefined {
  const mounted = (machine: SimulatedMachine) => machine.mount('-t', 'proc', 'proc', '/proc')
  const parameters = defaultsWithout(without)
  callStage('readCommandLine', [parameters], { cmdline: line, without }, mounted)
  const { status } = callStage('decodeNextParameters', [parameters], { cmdline: line, without })
  return status === 0 ? parameters : undefined
}

/** What an interface's hardware address ends in for BOOTIF or ifname, as the stage reads it; empty where it is none. */
export const addressEndOf = (given: string): string =>
  (callStage('addressEnd', [given], noMachine).value as string | undefined) ?? ''

/** The interface that an `ip=` names, as the stage reads it; empty where it names none, or is refused. */
function interfaceNamedBy(form: string, without: readonly PartName[]): string {
  const { value } = callStage('parseIpForm', [form], { ...noMachine, without })
  const name = (value as { formInterface: string } | undefined)?.formInterface ?? ''
  return name === 'BOOTIF' ? '' : name
}

interface ExpectedNetwork {
  network: Interface[]
  assumed: string[]
}

const expectedIpv6: Ipv6 = { router: 'managed', address: 'fd00::5/64', dhcp6: { address: 'fd00::6' } }

/**
 * The interfaces that the line takes to be there: those that `ip=`, bonds and VLANs name and none of them makes, those of
 * ifname under another name, and BOOTIF's.
 */
function networkFor(parameters: Parameters, without: readonly PartName[]): ExpectedNetwork {
  const { ip, bootif, wantedBonds, wantedVlans, wantedPartitions, interfaceWishes, bootDevice } = parameters
  const { urls, kernelUrl } = parameters
  const bonds = lines(wantedBonds).map(bond => bond.split(':'))
  const vlans = lines(wantedVlans).map(vlan => vlan.split(':'))
  const renamed = lines(interfaceWishes)
    .map(wish => ({ name: wish.replace(/:.*/s, ''), address: addressEndOf(wish.replace(/^[^:]*:/, '')) }))
    .filter(({ address }) => address !== '')
  const partitions = lines(wantedPartitions)
  const made = new Set([
    ...partitions,
    ...[...bonds, ...vlans, ...renamed.map(({ name }) => [name])].map(([name]) => name),
  ])
  const named = [
    ...lines(ip).map(form => interfaceNamedBy(form, without)),
    ...bonds.flatMap(([, links]) => (links || 'eth0,eth1').split(',')),
    ...vlans.map(([, parent = '']) => parent),
    ...partitions.map(partition => partition.replace(/\..*/s, '')),
    bootDevice,
  ].filter(name => /^[a-z][a-z0-9_.-]{0,14}$/i.test(name) && !made.has(name))
  const names = named.length + renamed.length > 0 ? [...new Set(named)] : [anyInterface]
  const booted = addressEndOf(bootif)
  const isBooted = (index: number) =>
    index === 0 && booted !== '' && !renamed.some(({ address }) => address === booted)
  const network = [
    ...names.map((name, index) => ({ name, ...(isBooted(index) ? { address: booted } : {}) })),
    ...renamed.map(({ address }, index) => ({ name: `unnamed${index}`, address })),
  ].map(each => ({
    ...each,
    dhcp: { ...defaultLease, dns: dhcpNameServer },
    // Where the line speaks of IPv6 there is all of it: a router and DHCPv6.
    ...(/6|\[/.test(ip) || /:\/\/\[/.test(`${urls},${kernelUrl}`) ? { ipv6: expectedIpv6 } : {}),
  }))
  return { network, assumed: [...new Set(named), ...renamed.map(({ address }) => `a card ${address}`)] }
}

const isAddress = (word: string): boolean => /^([a-z]+:\/\/|magnet:)/.test(word)

/**
 * The addresses that aria2c was called with. Those of one file go to one folder; files are fetched in the order of url,
 * kernel_url, initrd_url.
 */
function fetchesOf(trace: string[][], parameters: Parameters, together: string): Fetch[] {
  const { urls, kernelUrl, digestList } = parameters
  const signed = isSigned(parameters) ? signedAddresses(parameters).flatMap(([mirrors]) => mirrors) : []
  // A list of digests is none of the files, and what only the manifest names is not told of.
  const others = new Set([...signed, ...listOf(digestList)])
  const folders = new Map<string, Set<string>>()
  for (const [, address = '', folder = ''] of together.matchAll(/^(\S.*)\n dir=(.*)$/gm))
    if (!others.has(address)) folders.set(`--dir=${folder}`, new Set([address]))
  for (const [command, ...words] of trace) {
    // A torrent that is only looked into is none of the files.
    if (command !== 'aria2c' || words.includes('--follow-torrent=false')) continue
    if (words.some(word => word.startsWith('--input-file='))) continue
    if (words.some(word => others.has(word))) continue
    const folder = words.find(word => word.startsWith('--dir=')) ?? ''
    const addresses = folders.get(folder) ?? new Set<string>()
    for (const address of words.filter(isAddress)) addresses.add(address)
    folders.set(folder, addresses)
  }
  const ofUrl = listOf(urls).length
  const beforeInitrds = ofUrl + (kernelUrl === '' ? 0 : 1)
  return [...folders.values()].map((given, position): Fetch => {
    const addresses = [...given]
    if (position < ofUrl) return { parameter: 'url', index: position, addresses }
    if (position < beforeInitrds) return { parameter: 'kernel_url', index: 0, addresses }
    return { parameter: 'initrd_url', index: position - beforeInitrds, addresses }
  })
}

/** A file's text; empty where there is none. */
const textIn = ({ files }: SimulatedMachine, path: string): string =>
  files.isFile(path) ? files.read(path).toString('latin1') : ''

/** What a root sees as its command line where it is not this one. */
const shownLine = (machine: SimulatedMachine): string | undefined =>
  textIn(machine, systemLineFile).replace(/\n$/, '') || undefined

/** A machine that addresses may ask for. */
const examples: Record<string, string> = {
  ...{ mac: '52:54:00:12:34:56', ip: '10.0.2.15', hostname: 'node1', serial: 'SERIAL', arch: 'x86_64' },
  uuid: '00000000-0000-0000-0000-000000000000',
}
const forExample = (line: string): string =>
  line.replace(/\{(mac|ip|hostname|uuid|serial|arch)\}/g, (_, name: string) => examples[name] ?? '')

/** What is in the image, and what it says of signatures. */
const imageOf = (parameters: Parameters): Pick<World, 'files' | 'programs'> =>
  isSigned(parameters)
    ? {
        files: { ...rootFiles, ...trustFiles },
        programs: { 'cms-verify': { stdout: 'one whom the image trusts\n' } },
      }
    : { files: rootFiles }

/** @param given the bytes of /proc/cmdline, one character each; placeholders stand for an example */
export function rehearse(given: string, without = leftOutByDefault): Rehearsal {
  const line = without.includes('placeholders') ? given : forExample(given)
  const parameters = readParameters(line, without)
  const expected = parameters === undefined ? undefined : networkFor(parameters, without)
  const world: World = {
    cmdline: line,
    without,
    memory: 64 * 1024 * 1024,
    // A site's stages may run programs of the site's: they do well, and say nothing.
    otherPrograms: {},
    ...(parameters === undefined || expected === undefined
      ? {}
      : { network: expected.network, serve: serverFor(parameters), ...imageOf(parameters) }),
  }
  const digests = parameters === undefined ? [] : digestsOf(parameters)
  let machine: TrustingMachine | undefined
  let end: Rehearsal['end']
  try {
    const prepare = (made: SimulatedMachine) => {
      machine = made as TrustingMachine
      machine.isSigned = parameters !== undefined && isSigned(parameters)
      machine.digests = digests.map(digest => digest.toLowerCase())
    }
    const { status } = callStage('boot', [defaultsWithout(without)], world, prepare, TrustingMachine)
    end = status === 0 ? 'complete' : 'failed'
  } catch (error) {
    if (!(error instanceof Ended)) throw error
    end = error.message === 'kexec' || error.message === 'switch_root' ? error.message : 'failed'
  }
  if (machine === undefined) throw new Error('the rehearsal has no machine')
  const trace = machine.calls.map(({ words }) => programIn(words))
  const { ignored, failures, commands } = machine
  const resolver = textIn(machine, '/etc/resolv.conf')
  return {
    parameters,
    ignored,
    cause: end === 'failed' ? failures.at(-1) : undefined,
    trace,
    fetches: parameters === undefined ? [] : fetchesOf(trace, parameters, textIn(machine, togetherList)),
    assumed: expected?.assumed ?? [],
    hasNetwork: trace.some(([command]) => command === 'modprobe'),
    nameServers: [...resolver.matchAll(/^nameserver (\S+)/gm)].map(([, server = '']) => server),
    nextLine: commands.loaded?.commandLine ?? shownLine(machine),
    end,
  }
}
