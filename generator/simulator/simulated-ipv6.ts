/**
 * IPv6 of the machine's links: what the kernel does by itself, what nd6watch and udhcpc6 are told, and what their hook does
 * (rootfs-skel/usr/share/udhcpc/ipv6.script).
 */
import { bytesOf, textOf } from './captured.ts'
import type { FileSystem } from './file-system.ts'
import type { Ipv6 } from './world.ts'

/** A link, as far as it is of interest here. */
export interface Link {
  name: string
  ipv6: Ipv6 | undefined
  /** When it came up; undefined while it is down. */
  since: number | undefined
}

/** Something that happens to an interface. */
interface Deed {
  name: string
  at: number
  act: () => void
}

const state = '/run/aria2-initrd'
/** Process ids of udhcpc6: none that Linux has. */
const firstClient = 6_000_000

export class SimulatedIpv6 {
  readonly #files: FileSystem
  /** When a link came up whose advertisements were planned. */
  readonly #planned = new Map<string, number>()
  #deeds: Deed[] = []
  #isWatched = false
  #clients = 0

  constructor(files: FileSystem) {
    this.#files = files
  }

  /** The kernel's settings, once /proc is there. */
  mount(links: Link[]): void {
    if (links.every(({ ipv6 }) => ipv6 === undefined)) return
    this.#files.place('/proc/net/if_inet6', bytesOf(''))
    for (const { name } of links) this.addSettings(name)
  }

  addSettings(name: string): void {
    if (!this.#files.exists('/proc/net/if_inet6')) return
    const folder = `/proc/sys/net/ipv6/conf/${name}`
    for (const setting of ['accept_ra', 'autoconf']) this.#files.place(`${folder}/${setting}`, bytesOf('1\n'))
    this.#files.place(`${folder}/disable_ipv6`, bytesOf('0\n'))
  }

  watch = (): void => {
    this.#isWatched = true
  }

  #setting(name: string, setting: string): string {
    const path = `/proc/sys/net/ipv6/conf/${name}/${setting}`
    return this.#files.isFile(path) ? textOf(this.#files.read(path)).trim() : '0'
  }

  /** Plans what follows from links that have come up since. */
  plan(links: Link[]): void {
    for (const { name, ipv6, since } of links) {
      const before = this.#planned.get(name)
      if (since === undefined) this.#planned.delete(name)
      if (since === undefined || since === before || ipv6 === undefined || !this.#isWatched) continue
      this.#planned.set(name, since)
      this.#deeds.push({ name, at: since + 1, act: () => this.#place(`link6.${name}`, 'fe80::5') })
      if (ipv6.router !== undefined)
        this.#deeds.push({ name, at: since + 2, act: () => this.#advertise(name, ipv6) })
    }
  }

  #advertise(name: string, ipv6: Ipv6): void {
    if (this.#setting(name, 'accept_ra') === '0') return
    const words = (ipv6.router ?? '').split(' ').filter(word => word !== '')
    this.#place(`router6.${name}`, words.join('\n'))
    this.#names(name, ipv6.dns, ipv6.search)
    if (ipv6.notes !== undefined) this.#place(`notes6.${name}`, ipv6.notes.join('\n'))
    if (ipv6.address !== undefined && this.#setting(name, 'autoconf') === '1')
      this.#address(name, ipv6, ipv6.address)
  }

  #place = (file: string, text: string): void => this.#files.place(`${state}/${file}`, bytesOf(`${text}\n`))

  #names(name: string, dns: string[] = [], search: string[] = []): void {
    const lines = [
      ...(search.length === 0 ? [] : [`search ${search.join(' ')}`]),
      ...dns.map(server => `nameserver ${server}`),
    ]
    if (lines.length > 0) this.#place(`resolv.${name}.ipv6`, lines.join('\n'))
  }

  /** An address that is new on an interface, once it is known whether others have it. */
  #address(name: string, { duplicates }: Ipv6, address: string): void {
    if (duplicates === true) {
      this.#place(`duplicate6.${name}`, address.replace(/\/.*/, ''))
      this.#place(`notes6.${name}`, `another machine has ${address} (duplicate address detection)`)
    } else this.#place(`ipv6.${name}`, address)
  }

  /** An address from the command line. */
  setAddress(link: Link, address: string, now: number): void {
    const { name, ipv6 } = link
    if (ipv6 !== undefined && this.#isWatched)
      this.#deeds.push({ name, at: now + 1, act: () => this.#address(name, ipv6, address) })
  }

  /** Starts udhcpc6 on a link. */
  startClient({ name, ipv6 }: Link, isStateless: boolean, now: number): void {
    this.#clients += 1
    this.#place(`../udhcpc.${name}.ipv6.pid`, `${firstClient + this.#clients}`)
    const dhcp6 = ipv6?.dhcp6
    if (ipv6 === undefined || dhcp6 === undefined) return
    const act = () => {
      if (dhcp6.refuses !== undefined) {
        this.#place(`refused6.${name}`, '2')
        this.#place(`notes6.${name}`, dhcp6.refuses)
        return
      }
      this.#names(name, [...(ipv6.dns ?? []), ...(dhcp6.dns ?? [])], ipv6.search)
      if (isStateless || dhcp6.address === undefined) return
      this.#place(`dhcp6.${name}`, dhcp6.address)
      this.#address(name, ipv6, `${dhcp6.address}/128`)
    }
    this.#deeds.push({ name, at: now + 1, act })
  }

  nextChange(now: number): number | undefined {
    const times = this.#deeds.map(({ at }) => at).filter(at => at >= now)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** What happens up to a time; the events that are announced. */
  settle(now: number): string[] {
    const due = this.#deeds.filter(({ at }) => at <= now).sort((one, other) => one.at - other.at)
    this.#deeds = this.#deeds.filter(({ at }) => at > now)
    return due.map(({ name, act }) => {
      act()
      return `ipv6 ${name}`
    })
  }

  /** Whether an interface has an address by which a host may be reached. */
  mayReach = (name: string, host: string): boolean =>
    this.#files.exists(`${state}/${host.startsWith('fe80:') ? 'link6' : 'ipv6'}.${name}`)
}
