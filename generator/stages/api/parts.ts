/**
 * The parts of the boot that a site chooses when it builds: what stands behind `if (parts.bittorrent)` is then not in
 * /init, nor is what only that calls. In TypeScript the same constant is what `leaveOut` has set (the simulator, in tests).
 */

/** Each part, and what goes with it. */
export const partTable = {
  bittorrent: 'torrents and magnet links: peers, trackers, seeding',
  metalink: 'Metalink files',
  ftp: 'files from FTP servers',
  together: 'all files at once, in one aria2c; without it one after another',
  placeholders: '{mac} and its like in addresses; without it they are asked for as they stand',
  mirrors: 'several addresses of the same file, tried in turn until one has the digest',
  connections: 'connections=: several connections for a file',
  'aria2-options': 'aria2_options=: more options for aria2c',
  'http-headers': 'http_header=: headers for the servers',
  'file-roles': 'url=: what the files are for is told by their content: kernel, initrds, images',
  unpacking: 'what compressed files hold: kernel, initrd or image; compressed kernels',
  'digest-lists': 'sha=, sha256sums=: digests of the files of url=, and lists of them',
  proxy: 'proxy=, no_proxy=: servers that are asked by way of a proxy',
  'ip-forms':
    'ip=: interfaces by their names, and how each gets its address; without it DHCP on all wired ones',
  'static-address': 'an address from ip=, without DHCP',
  'dhcp-identity': 'what DHCP servers are told: classes, client identifier, architecture, UUID',
  'lease-check': 'a lease counts where the boot server answers through it',
  'card-reports': 'what network cards lack, in words: a driver, firmware',
  'name-servers': 'nameserver=, rd.peerdns=: name servers besides those of DHCP',
  bootif: 'BOOTIF=, rd.bootif=: the interface that the firmware booted from',
  ipv6: 'IPv6: router advertisements, DHCPv6, link-local and fixed addresses',
  vlan: 'vlan=: VLANs',
  bond: 'bond=: several links as one',
  infiniband: 'ib.pkey=: partitions of InfiniBand',
  ifname: 'ifname=: names for interfaces by their hardware addresses',
  'driver-choice': 'rd.driver.blacklist=, rd.driver.pre=, rd.driver.post=: which drivers are loaded',
  'foreign-parameters': 'what dracut would do to the network and this boot does not, by name: bridge=, team=',
  'interface-names': 'names of interfaces as udev gives them: eno1, ens3, enp1s0, enx525400123456',
  clock: 'rd.ntp=: the clock is right before a certificate counts',
  signatures: 'manifest=: what is booted is signed by those whom the image trusts',
  'image-segments': 'images beside a kernel: a part of the next initramfs',
  'switch-root': 'boot=, rd.overlay=: an image is the root of this kernel, without a second one',
  verity: 'roothash=: the root is what a hash tree of dm-verity says',
  cache: 'cache=: a local partition keeps files for the next boot',
  'encoded-line': 'next_kernel_params_b64=: the next command line as base64url',
  inherit: 'inherit=: parameters for the next system from this command line',
  uki: 'unified kernel images: what they hold',
  'several-initrds': 'initrds that are joined; without it one at most',
  microcode: 'early microcode goes before the other initrds',
  'kexec-reports':
    'what kexec fails at, in words: memory, length of the command line, signatures, foreign files',
  'kexec-load': 'kexec=, and kernels without kexec_file_load: the older call loads the next one',
  progress: 'what the network waits for, how far a large digest is, that a large initrd is being loaded',
  reports: 'syslog=, report=: others are told what happens; the timeline, and the kernel’s log',
  insecure: 'insecure: certificates of servers are not checked',
  'rescue-shell': 'a shell on the console: break=, on_failure=shell, on_complete=shell',
  debug: 'debug: every command on the console',
} as const

export type PartName = keyof typeof partTable

export const partNames = Object.keys(partTable) as PartName[]

/** What an image does without where nobody has chosen: these parts are in one that was built `--with` them. */
export const leftOutByDefault: readonly PartName[] = ['insecure']

/** What several parts need: it is in where one of them is. */
export const partGroups = {
  /** What aria2c is told in a file. */
  settings: ['http-headers', 'proxy', 'insecure'],
  /** Name servers that the command line gives. */
  givenServers: ['name-servers', 'static-address'],
  /** Interfaces that the command line calls by their names. */
  namedInterfaces: ['ip-forms', 'static-address', 'bond', 'vlan', 'infiniband'],
  /** Interfaces that are chosen from all wired ones. */
  chosenInterfaces: ['ip-forms', 'static-address', 'bond', 'vlan', 'infiniband', 'bootif'],
  /** Ways to more leases than the first. */
  furtherLeases: ['ip-forms', 'static-address', 'bond', 'vlan', 'infiniband', 'ipv6', 'lease-check'],
  /** Interfaces that stand on others. */
  layers: ['bond', 'vlan', 'infiniband'],
  /** What is to be done with a card when it appears. */
  cardWork: ['ifname', 'interface-names', 'bond', 'vlan', 'infiniband'],
  /** Lists of addresses, with commas between them. */
  addressLists: ['mirrors', 'file-roles'],
  /** Digests that count while there are other files to choose from, or before a file is kept. */
  earlyDigests: ['mirrors', 'cache', 'signatures', 'digest-lists'],
  /** Where a second initrd may come from. */
  furtherInitrds: ['several-initrds', 'file-roles', 'signatures', 'uki'],
  /** Files by the dozen. */
  manyFiles: ['bittorrent', 'metalink', 'file-roles'],
  /** Manners of fetching a file, besides one aria2c for its address. */
  manners: ['together', 'cache'],
  /** How a boot comes to its end without a next kernel. */
  completion: ['file-roles', 'switch-root'],
  /** What becomes of images. */
  images: ['image-segments', 'switch-root'],
  /** What has to be known of every `ip=` before the first is acted on. */
  checkedForms: ['static-address', 'ipv6', 'interface-names', 'infiniband'],
} as const satisfies Record<string, readonly PartName[]>

type PartGroup = keyof typeof partGroups

export const isPartName = (name: string): name is PartName => Object.hasOwn(partTable, name)

/** `static-address` as a stage writes it: `parts.staticAddress`. */
type FieldOf<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<FieldOf<Tail>>}`
  : Name

export const partField = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())

let leftOut = leftOutByDefault

/** Whether the part, or one of the group, that a stage calls so is in an image without some parts; undefined for no part. */
export function isIn(field: string, without: readonly PartName[]): boolean | undefined {
  const part = partNames.find(name => partField(name) === field)
  if (part !== undefined) return !without.includes(part)
  const group = Object.hasOwn(partGroups, field) ? partGroups[field as PartGroup] : undefined
  return group?.some(name => !without.includes(name))
}

/** Whether a part is in this image; the compiler knows the answer. */
export const parts = Object.defineProperties(
  {},
  Object.fromEntries(
    [...partNames.map(partField), ...Object.keys(partGroups)].map(field => [
      field,
      { enumerable: true, get: () => isIn(field, leftOut) === true },
    ]),
  ),
) as { readonly [Name in PartName as FieldOf<Name>]: boolean } & { readonly [Group in PartGroup]: boolean }

/** From now on the stages run as they are compiled without these parts. */
export function leaveOut(without: readonly PartName[]): void {
  leftOut = without
}
