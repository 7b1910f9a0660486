/** What is around a simulated machine. Defaults are a machine that boots well; a test says only what is special. */

import type { PartName } from '../stages/api/parts.ts'

/** Text is bytes, one character each. */
export type Content = string | Uint8Array

/** A wired network interface, and what answers behind it. */
export interface Interface {
  name: string
  /** Hardware address; `52:54:00:12:34:56` and counting up when left out. */
  address?: string
  /**
   * Modaliases from the bus to the device: when modprobe takes one, the next comes to light, and the interface after
   * the last. Empty: its driver is built into the kernel.
   */
  aliases?: string[]
  /** This initrd packs no driver for it. */
  hasNoDriver?: boolean
  /** Seconds from the driver to the interface; 0 when left out. */
  appearsAfter?: number
  /** Seconds from `ip link set … up` to the link; 0 when left out. */
  linkAfter?: number | 'never'
  /** What stands behind it: a radio has phy80211, a bridge or lo has no device. */
  is?: 'wired' | 'radio' | 'virtual'
  /**
   * What the hook takes of what the DHCP server gives, as it writes it down; 10.0.2.15/24 and so on when left out. A
   * server that `refuses` its own offers keeps udhcpc on for ever.
   */
  dhcp?: Record<string, string> | 'no answer' | 'refuses'
  /** What the hook has to say of it: a line each. */
  dhcpNotes?: string[]
  /** What answers through a lease of it: the boot server, its host but not its port, the gateway alone, or nobody. */
  reaches?: 'server' | 'host' | 'gateway' | 'nothing'
  /** What `ip` says when it is set up, where that fails. */
  failsUp?: string
  /** The name of its driver. */
  driver?: string
  /** The device that it belongs to, as sysfs has it: `/sys/devices/pci0000:00/0000:00:03.0`. */
  device?: string
  /** Files of the interface itself in sysfs, such as `dev_port`. */
  attributes?: Record<string, string>
  /** Seconds from the link until a DHCP server can answer (a switch port that does not forward yet). */
  dhcpAfter?: number
  /** What there is of IPv6 behind it; the kernel has no IPv6 where no interface says. */
  ipv6?: Ipv6 | undefined
}

/** IPv6 on a link. A second after the link the link-local address is there, and a second later the router's. */
export interface Ipv6 {
  /** What the router says that DHCPv6 is for; without it there is no router. */
  router?: '' | 'other' | 'managed' | 'managed other'
  /** The address that is made of its advertisement; none where it advertises no network. */
  address?: string
  /** Name servers, and a search list, that it advertises. */
  dns?: string[]
  search?: string[]
  /** The address that DHCPv6 gives, or nothing but name servers; or a refusal in words. No answer when left out. */
  dhcp6?: { address?: string; dns?: string[]; refuses?: string }
  /** What the hook did not take. */
  notes?: string[]
  /** Another machine has all addresses that we take. */
  duplicates?: boolean
  /** What answers by IPv6. */
  reaches?: 'server' | 'host' | 'nothing'
}

/** What a server gives for an address. */
export type Served =
  /** The file, with the name that the address ends in. */
  | Content
  /** The files that a torrent or a Metalink names, and those whose digests it gives; with a status: what a try has left that failed. */
  | { files: Record<string, Content>; proven?: string[]; status?: number; cause?: string }
  /** A file of a server whose certificate nobody vouches for. */
  | { untrusted: Content }
  /** aria2's exit status (aria2c(1)) and what its log gives as the cause. */
  | { status: number; cause?: string }

/** A command that ends badly, every time, or never: its name, a later word that it must have, what it says. */
export type Broken = { command: string; with?: string } & (
  | { status: number; stderr?: string }
  | { hangs: true }
)

/** What a program of the site's does: how it ends, what it prints and writes, how long it takes. */
export interface Answer {
  status?: number
  stdout?: string
  stderr?: string
  seconds?: number
  files?: Record<string, Content>
}

export interface World {
  /** /proc/cmdline, without its newline. */
  cmdline: string
  /** Parts of the boot that the image does without. */
  without?: readonly PartName[]
  /** Files that are there when /init starts. What lies below a mount point appears with its mount. */
  files?: Record<string, Content>
  /** Symbolic links that lead nowhere from here: where each says that it does. */
  links?: Record<string, string>
  /** One interface with a link and a DHCP server when left out. */
  network?: Interface[]
  /** What each address gives: always the same, or one after the other and then the last again. */
  serve?: Record<string, Served | Served[]>
  /**
   * A disk with an ext4: what it is called by (`LABEL=x`), and its size in KiB (1 GiB when left out). What it holds is among
   * `files`, below /run/aria2-initrd/cache.
   */
  disk?: { named: string; kib?: number }
  /** What the clock says, in UTC: `2026-11-29T12:00:00Z` when left out. */
  clock?: string
  /** What time servers say, by their addresses; others do not answer. */
  timeServers?: Record<string, string>
  /** What dmesg prints. */
  kernelLog?: string
  /** What chance says, from 0 to 1: the most when left out. */
  chance?: number
  /** MemAvailable when /init starts, in KiB; 2 GiB when left out. */
  memory?: number
  /**
   * What kexec does: the kernel does not know kexec_file_load (`no file load`), loads nothing, does not jump, or refuses with
   * an error in words, as musl says it, or in kexec's own (`Cannot …`).
   */
  kexec?: 'works' | 'no file load' | 'no load' | 'no jump' | { refuses: string }
  broken?: Broken[]
  /** Programs that stages run by their names: always the same answer, or one for the words that it is given. */
  programs?: Record<string, Answer | ((words: string[]) => Answer)>
  /** What all programs answer that nothing else is known of; calling one is an error when left out. */
  otherPrograms?: Answer
  /** Seconds after which somebody switches the machine off; 3,600 when left out. */
  until?: number
}

const virtio = ['pci:v00001AF4d00001000sv00001AF4sd00000001bc02sc00i00', 'virtio:d00000001v00001AF4']

export const defaultLease: Record<string, string> = {
  ip: '10.0.2.15/24',
  router: '10.0.2.2',
  dns: '10.0.2.3',
  seconds: '86400',
}

/** An interface with all that may be left out; IPv6 is there or not. */
export type CompleteInterface = Required<Omit<Interface, 'ipv6'>> & { ipv6: Ipv6 | undefined }

/** An interface with all that was left out; `index` counts from 0. */
export function completeInterface(given: Interface, index: number): CompleteInterface {
  return {
    address: `52:54:00:12:34:${(0x56 + index).toString(16)}`,
    aliases: index === 0 ? virtio : virtio.map(alias => `${alias}n${index}`),
    hasNoDriver: false,
    appearsAfter: 0,
    linkAfter: 0,
    is: 'wired',
    dhcp: defaultLease,
    dhcpNotes: [],
    dhcpAfter: 0,
    reaches: 'server',
    failsUp: '',
    driver: 'virtio_net',
    device: `/sys/devices/pci0000:00/0000:00:${(3 + index).toString(16).padStart(2, '0')}.0`,
    attributes: {},
    ipv6: undefined,
    ...given,
  }
}
