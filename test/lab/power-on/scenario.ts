/** What a run of the lab is given, and what comes back: plain data, since the two ends are different processes. */
import type { Traffic } from './network.ts'

/** A machine, and what is special about it. */
export interface NodeChoice {
  /** A boot script of its own, a path below the web server's root. */
  script?: string
  /** What the TFTP server has for this machine alone, each by its name; DHCP names it the first, and no script. */
  tftp?: Record<string, string>
  /** UEFI firmware that boots by itself, a card without iPXE; else a BIOS, and iPXE as the card's ROM. */
  isUefi?: boolean
}

export interface Scenario {
  nodes: NodeChoice[]
  /** The web server's root, with all that the scripts name. */
  folder: string
  /** What dnsmasq is to read, and through it the boot script of all machines: a path below that root. */
  dnsmasq: string
  /** The torrent of the second stage, a path below that root. */
  torrent: string
  /** Bytes of what it holds. */
  size: number
  /** Path of the static aria2c that seeds it. */
  aria2c: string
  /** MiB for each machine. */
  memory: number
  /** What the server may send, all together, in tc's words: `100mbit`. */
  rate?: string
  /** Seconds from power-on until the DHCP server runs, default 0. */
  dhcpLate?: number
  /**
   * Seconds that the DHCP server is gone when the first /init asks it; it leaves when all machines have stage one.
   * By default it stays.
   */
  dhcpGap?: number
  /** Seconds after which machines are switched off. */
  limit: number
  /** A folder for each machine's console, with times. */
  logs?: string
}

/** The steps of a machine's way, in their order. */
export const milestones = [
  ['dhcp', 'ROM has its address'],
  ['stageOne', 'stage one is fetched'],
  ['init', '/init speaks'],
  ['request', 'first request'],
  ['files', 'all files there'],
  ['kernel', 'second kernel'],
] as const

export type Milestone = (typeof milestones)[number][0]

export interface NodeReport {
  name: string
  /** The address of its last lease. */
  address?: string
  /** Seconds from power-on. */
  reached: Partial<Record<Milestone, number>>
  /** All of its serial console, as plain text; after it what QEMU said where that failed. */
  console: string
  /** `off`: it went off by itself; `limit`: it was switched off. */
  end: string
  /** What its second kernel was told, where one came up. */
  secondParameters?: string
  traffic: Traffic
  /** Payload bytes that it gave to others over BitTorrent, by what it told the tracker. */
  given: number
}

export interface Report {
  nodes: NodeReport[]
  /** When the DHCP server went and came back, in seconds from power-on. */
  dhcp: { gone?: number; back?: number }
  server: {
    traffic: Traffic
    /** Payload bytes that the seeder gave, by what it told the tracker. */
    given: number
  }
  /** Bytes of the second stage. */
  size: number
}
