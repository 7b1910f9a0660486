/** The machine's devices as /sys shows them, brought up to date after each command. */
import { bytesOf, textOf } from './captured.ts'
import type { FileSystem } from './file-system.ts'
import { type Link, SimulatedIpv6 } from './simulated-ipv6.ts'
import { type CompleteInterface, completeInterface, type Interface } from './world.ts'

interface Card {
  interface: CompleteInterface
  pciPath: string
  /** How many of its modaliases modprobe has taken. */
  taken: number
  /** When its driver was there; when it was set up. */
  driverAt: number | undefined
  upAt: number | undefined
  /** When its udhcpc was started, or asked once more. */
  askedAt: number | undefined
  hasLease: boolean
  /** It has a fixed address. */
  hasAddress?: boolean
  /** The metrics of its default routes, where /init has set any. */
  metrics?: number[] | undefined
}

/** Process ids of udhcpc: none that Linux has (PID_MAX_LIMIT), should a shell ever send it a signal. */
const firstClient = 5_000_000

const state = '/run/aria2-initrd'

export class Hardware {
  #cards: Card[]
  readonly #files: FileSystem
  #isMounted = false
  readonly #ipv6: SimulatedIpv6

  constructor(files: FileSystem, network: Interface[]) {
    this.#files = files
    this.#ipv6 = new SimulatedIpv6(files)
    this.#cards = network.map((given, index) => {
      const complete = completeInterface(given, index)
      const isBuiltIn = complete.aliases.length === 0 && !complete.hasNoDriver
      return {
        interface: complete,
        pciPath: `0000:00:${(3 + index).toString(16).padStart(2, '0')}.0`,
        taken: 0,
        driverAt: isBuiltIn ? 0 : undefined,
        upAt: undefined,
        askedAt: undefined,
        hasLease: false,
      }
    })
  }

  /** /sys is there from now on. */
  mount(now: number): void {
    this.#isMounted = true
    this.#files.makeDirectory('/sys/devices')
    this.#files.makeDirectory('/sys/class/net')
    this.#files.makeDirectory('/sys/bus/pci/devices')
    for (const { interface: behind, pciPath } of this.#cards) {
      if (behind.is === 'virtual') continue
      const card = `/sys/bus/pci/devices/${pciPath}`
      this.#files.place(`${card}/class`, bytesOf('0x020000\n'))
      this.#files.place(`${card}/vendor`, bytesOf('0x1af4\n'))
      this.#files.place(`${card}/device`, bytesOf('0x1000\n'))
    }
    this.refresh(now)
  }

  /** A link on others: its DHCP server and its cable are those of the first, unless the world says otherwise. */
  addLink(name: string, parent: string | undefined, isBond: boolean, now: number): void {
    const below = this.#cards.find(card => card.interface.name === parent) ?? this.#cards[0]
    const complete = completeInterface({ ...below?.interface, name, is: 'virtual' }, 0)
    this.#cards = [
      ...this.#cards,
      {
        interface: complete,
        pciPath: '',
        taken: 0,
        driverAt: now,
        upAt: undefined,
        askedAt: undefined,
        hasLease: false,
      },
    ]
    this.#ipv6.addSettings(name)
    if (isBond) this.#files.makeDirectory(`/sys/class/net/${name}/bonding`)
  }

  /** A link becomes one of a bond's. */
  join(name: string): void {
    this.#files.place(`/sys/class/net/${name}/master/address`, bytesOf(''))
  }

  rename(name: string, newName: string): void {
    for (const names of [this.#watched?.present, this.#watched?.linked])
      if (names?.has(name)) names.add(newName)
    for (const card of this.#cards) {
      if (card.interface.name === name) card.interface = { ...card.interface, name: newName }
    }
    this.#files.remove(`/sys/class/net/${name}`)
    const device = this.#card(newName)?.interface.device
    this.#files.remove(`${device}/net/${name}`)
  }

  /** Takes what modprobe was asked for, but for excluded drivers; whether there was a module for each. */
  loadModules(wanted: string[], excluded: string[], now: number): boolean {
    const plain = (module: string) => module.replaceAll('-', '_')
    let hasAll = true
    for (const alias of wanted) {
      // By its own name a driver is loaded, whatever is excluded.
      const named = this.#cards.filter(({ interface: { driver, hasNoDriver } }) => {
        return !hasNoDriver && plain(driver) === plain(alias)
      })
      for (const card of named) {
        if (card.driverAt !== undefined) continue
        card.taken = card.interface.aliases.length
        card.driverAt = now
      }
      if (named.length > 0) continue
      const owner = this.#cards.find(card => card.interface.aliases.slice(0, card.taken + 1).includes(alias))
      const driver = plain(owner?.interface.driver ?? '')
      if (owner === undefined || owner.interface.hasNoDriver) hasAll = false
      else if (excluded.some(module => plain(module) === driver)) continue
      else if (owner.interface.aliases[owner.taken] === alias) {
        owner.taken += 1
        if (owner.taken === owner.interface.aliases.length) owner.driverAt = now
      }
    }
    return hasAll
  }

  #isPresent({ driverAt, interface: { is, appearsAfter } }: Card, now: number): boolean {
    return is === 'virtual' || (driverAt !== undefined && now >= driverAt + appearsAfter)
  }

  #present(name: string, now: number): Card | undefined {
    return this.#cards.find(card => card.interface.name === name && this.#isPresent(card, now))
  }

  // ---- linkwatch

  /** The interfaces that it knows, and those that have a link; undefined until it is started. */
  #watched: { present: Set<string>; linked: Set<string> } | undefined
  #hasLooked = true

  watchDevices(now: number): void {
    this.#watched = this.#interfacesAt(now)
    this.#hasLooked = false
  }

  #interfacesAt(now: number): { present: Set<string>; linked: Set<string> } {
    const present = this.#cards.filter(card => this.#isPresent(card, now)).map(card => card.interface.name)
    const linked = present.filter(name => this.linkSince(name, now) !== undefined)
    return { present: new Set(present), linked: new Set(linked) }
  }

  /** What it announces: what comes together is one line. */
  #watchEvents(now: number): string[] {
    const former = this.#watched
    if (former === undefined) return []
    const { present, linked } = this.#interfacesAt(now)
    this.#watched = { present, linked }
    const hasNew = !this.#hasLooked || [...present].some(name => !former.present.has(name))
    this.#hasLooked = true
    if (hasNew) return ['device']
    const changed = [...present].some(name => linked.has(name) !== former.linked.has(name))
    return changed ? ['link'] : []
  }

  /** When an interface or a link comes of which it tells. */
  #nextWatched(now: number): number[] {
    if (this.#watched === undefined) return []
    const times = this.#cards.flatMap(({ driverAt, upAt, interface: { appearsAfter, linkAfter } }) => [
      ...(driverAt === undefined ? [] : [driverAt + appearsAfter]),
      ...(upAt === undefined || linkAfter === 'never' ? [] : [upAt + linkAfter]),
    ])
    return times.filter(time => time > now)
  }

  has = (name: string, now: number): boolean => this.#present(name, now) !== undefined

  /** When the link of an interface came up; undefined while there is none. */
  linkSince(name: string, now: number): number | undefined {
    const card = this.#present(name, now)
    if (card?.upAt === undefined || card.interface.linkAfter === 'never') return undefined
    const since = card.upAt + card.interface.linkAfter
    return now >= since ? since : undefined
  }

  /** What keeps an interface from being set up, in `ip`'s words; undefined where it is up from now on. */
  setUp(name: string, now: number): string | undefined {
    const card = this.#present(name, now)
    if (card === undefined) return undefined
    if (card.interface.failsUp !== '') return card.interface.failsUp
    card.upAt ??= now
    return undefined
  }

  setDown(name: string): void {
    const card = this.#card(name)
    if (card !== undefined) card.upAt = undefined
    this.#files.remove(`/sys/class/net/${name}/carrier`)
  }

  #card = (name: string): Card | undefined => this.#cards.find(card => card.interface.name === name)

  // ---- DHCP: udhcpc in the background, and what its hook does (rootfs-skel/usr/share/udhcpc/default.script)

  /** Starts the client of an interface. */
  startClient(name: string, asked: string[], now: number): void {
    const card = this.#card(name)
    if (card === undefined) return
    card.askedAt = now
    this.#asked = asked
    this.#files.place(`/run/udhcpc.${name}.pid`, bytesOf(`${firstClient + this.#cards.indexOf(card)}\n`))
    this.#files.place(`${state}/notes.${name}`, bytesOf(''))
  }

  /** The options that clients ask for. */
  #asked: string[] = []

  stopClient(name: string): void {
    const card = this.#card(name)
    // That of udhcpc6, perhaps.
    if (card === undefined) this.#files.remove(`/run/udhcpc.${name}.pid`)
    if (card === undefined) return
    card.askedAt = undefined
    card.hasLease = false
    this.#files.remove(`/run/udhcpc.${name}.pid`)
  }

  /** Lets a client that runs ask once more. */
  askAgain(name: string, now: number): void {
    const card = this.#card(name)
    if (card !== undefined && this.#files.exists(`/run/udhcpc.${name}.pid`)) card.askedAt = now
  }

  /** When a client has its answer; undefined where none comes. */
  #answerAt({ askedAt, interface: { name, dhcp, dhcpAfter } }: Card, now: number): number | undefined {
    const since = this.linkSince(name, now)
    if (askedAt === undefined || dhcp === 'no answer' || since === undefined) return undefined
    return Math.max(askedAt, since + dhcpAfter)
  }

  // ---- IPv6

  #links = (now: number): Link[] =>
    this.#cards.map(({ interface: { name, ipv6 } }) => ({ name, ipv6, since: this.linkSince(name, now) }))

  #link = (name: string, now: number): Link | undefined => this.#links(now).find(link => link.name === name)

  /** The kernel's settings are there from now on. */
  mountProc = (now: number): void => this.#ipv6.mount(this.#links(now))

  watchIpv6 = (): void => this.#ipv6.watch()

  startClient6(name: string, isStateless: boolean, now: number): void {
    const link = this.#link(name, now)
    if (link !== undefined) this.#ipv6.startClient(link, isStateless, now)
  }

  setIpv6Address(name: string, address: string, now: number): void {
    const link = this.#link(name, now)
    if (link !== undefined) this.#ipv6.setAddress(link, address, now)
  }

  /** Whether a host answers by IPv6. */
  answersIpv6(who: 'server' | 'host', host: string): boolean {
    const reached = who === 'server' ? ['server'] : ['server', 'host']
    return this.#cards.some(
      ({ interface: { name, ipv6 } }) =>
        ipv6 !== undefined && this.#ipv6.mayReach(name, host) && reached.includes(ipv6.reaches ?? 'server'),
    )
  }

  /** When something changes by itself: a link, an answer. */
  nextChange(now: number): number | undefined {
    const times = this.#cards.flatMap(card => {
      const {
        upAt,
        interface: { linkAfter },
      } = card
      const linkAt = upAt === undefined || linkAfter === 'never' ? undefined : upAt + linkAfter
      return linkAt === undefined ? [] : [this.#answerAt(card, Math.max(now, linkAt))]
    })
    this.#ipv6.plan(this.#links(now))
    const later = [
      ...times,
      this.#ipv6.nextChange(now),
      this.#nextLink(now),
      ...this.#nextWatched(now),
    ].filter(time => time !== undefined && time >= now) as number[]
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** When the next link comes up of which IPv6 will have something to say. */
  #nextLink(now: number): number | undefined {
    const times = this.#cards.flatMap(({ upAt, interface: { linkAfter, ipv6 } }) =>
      ipv6 === undefined || upAt === undefined || linkAfter === 'never' ? [] : [upAt + linkAfter],
    )
    const later = times.filter(time => time > now)
    return later.length === 0 ? undefined : Math.min(...later)
  }

  /** What the hooks do up to a time; the events that they announce. */
  settle(now: number): string[] {
    this.#ipv6.plan(this.#links(now))
    const due = this.#cards
      .map(card => ({ card, at: this.#answerAt(card, now) }))
      .filter((each): each is { card: Card; at: number } => each.at !== undefined && each.at <= now)
    const leases = due.sort((one, other) => one.at - other.at).flatMap(({ card }) => this.#answer(card))
    return [...this.#watchEvents(now), ...leases, ...this.#ipv6.settle(now)]
  }

  #answer(card: Card): string[] {
    const { name, dhcp, dhcpNotes } = card.interface
    card.askedAt = undefined
    if (dhcp === 'no answer') return []
    const notes = dhcpNotes.map(note => `${note}\n`).join('')
    if (dhcp === 'refuses') {
      this.#files.place(`${state}/notes.${name}`, bytesOf(notes))
      return [`refused ${name}`]
    }
    if (!this.#isWanted(name)) return []
    card.hasLease = true
    this.#files.place(`${state}/notes.${name}`, bytesOf(notes))
    // A server sends these only when it is asked to.
    const options: Record<string, string> = { mtu: 'mtu', search: 'search', routes: 'staticroutes' }
    const lines = Object.entries(dhcp)
      .filter(([option]) => options[option] === undefined || this.#asked.includes(options[option]))
      .map(([option, given]) => `${option}=${given}\n`)
    this.#files.place(`${state}/lease.${name}`, bytesOf(lines.join('')))
    if (dhcp.dns !== undefined) {
      const resolver = [
        ...(dhcp.search === undefined ? [] : [`search ${dhcp.search}\n`]),
        ...dhcp.dns.split(' ').map(server => `nameserver ${server}\n`),
      ]
      this.#files.place(`${state}/resolv.${name}`, bytesOf(resolver.join('')))
    }
    return [`lease ${name}`]
  }

  /** Of interfaces that nobody has named the first one counts. */
  #isWanted(name: string): boolean {
    const text = (path: string) => (this.#files.isFile(path) ? textOf(this.#files.read(path)) : undefined)
    if (text(`${state}/dhcp.${name}`) !== '\n') return true
    if (!this.#files.exists(`${state}/winner`)) this.#files.place(`${state}/winner`, bytesOf(`${name}\n`))
    return text(`${state}/winner`) === `${name}\n`
  }

  /** Whether somebody answers through the leases that there are; without any, through an address from elsewhere. */
  answers(who: 'server' | 'host' | 'gateway'): boolean {
    const order = ['nothing', 'gateway', 'host', 'server']
    const metricOf = (card: Card) =>
      card.metrics?.toSorted((a, b) => a - b)[0] ?? (card.hasLease ? this.#leaseMetric(card) : undefined)
    const addressed = this.#cards.filter(({ hasLease, hasAddress }) => hasLease || hasAddress)
    const metrics = addressed.map(metricOf).filter(metric => metric !== undefined)
    const least = Math.min(...metrics)
    // What has the route that counts; without any route each is asked on its own wire.
    const asked = metrics.length === 0 ? addressed : addressed.filter(card => metricOf(card) === least)
    const hasIpv6 = this.#cards.some(({ interface: { name } }) => this.#ipv6.mayReach(name, ''))
    return (
      (asked.length === 0 && !hasIpv6) ||
      asked.some(({ interface: { reaches } }) => order.indexOf(reaches) >= order.indexOf(who))
    )
  }

  /** The hook's: what the file of an interface says, 1 where it says nothing. */
  #leaseMetric({ interface: { name } }: Card): number {
    const path = `${state}/dhcp.${name}`
    return this.#files.isFile(path) ? Number(textOf(this.#files.read(path))) || 1 : 1
  }

  isLeased = (name: string): boolean => this.#card(name)?.hasLease === true

  /** The address of a lease, with its prefix. */
  leasedAddress(name: string): string | undefined {
    const card = this.#card(name)
    return card?.hasLease === true && typeof card.interface.dhcp === 'object'
      ? card.interface.dhcp.ip
      : undefined
  }

  /** `ip addr` gives an interface a fixed address, or takes all addresses away. */
  setAddress(name: string, hasAddress: boolean): void {
    const card = this.#card(name)
    if (card === undefined) return
    card.hasAddress = hasAddress
    if (!hasAddress) card.metrics = undefined
  }

  /** `ip route` gives an interface a default route. */
  addDefaultRoute(name: string, metric: number): void {
    const card = this.#card(name)
    if (card === undefined) return
    const hook = card.hasLease && card.metrics === undefined ? [this.#leaseMetric(card)] : []
    card.metrics = [...(card.metrics ?? hook), metric]
  }

  /** `ip route del default` takes the one with the least metric. */
  dropDefaultRoute(name: string): void {
    const card = this.#card(name)
    if (card?.metrics !== undefined) card.metrics = card.metrics.sort((a, b) => a - b).slice(1)
  }

  /** Writes /sys as it is at a time. */
  refresh(now: number): void {
    if (!this.#isMounted) return
    for (const card of this.#cards) {
      const { name, address, aliases, is, hasNoDriver, driver, device, attributes } = card.interface
      for (const [index, alias] of aliases.slice(0, card.taken + 1).entries()) {
        const at = index === 0 ? `pci/devices/${card.pciPath}` : `virtio/devices/${card.pciPath}-${index}`
        if (is !== 'virtual') this.#files.place(`/sys/bus/${at}/modalias`, bytesOf(`${alias}\n`))
      }
      const pci = `/sys/bus/pci/devices/${card.pciPath}`
      if (is !== 'virtual' && !hasNoDriver && (card.taken > 0 || aliases.length === 0))
        this.#files.makeDirectory(`${pci}/driver`)
      if (!this.#isPresent(card, now)) continue
      const folder = `/sys/class/net/${name}`
      this.#files.place(`${folder}/address`, bytesOf(`${address}\n`))
      this.#files.place(`${folder}/ifindex`, bytesOf(`${this.#cards.indexOf(card) + 2}\n`))
      if (is !== 'virtual') this.#files.place(`${folder}/device/uevent`, bytesOf(`DRIVER=${driver}\n`))
      if (is !== 'virtual') {
        const own = Object.entries({ address: `${address}\n`, type: '1\n', ...attributes })
        for (const [file, text] of own) this.#files.place(`${device}/net/${name}/${file}`, bytesOf(text))
      }
      // 20 bytes of address are InfiniBand's.
      if (address.length > 17) this.#files.place(`${folder}/create_child`, bytesOf(''))
      if (is === 'radio') this.#files.makeDirectory(`${folder}/phy80211`)
      // Nobody can read this while the interface is down.
      if (card.upAt !== undefined) {
        const carrier = this.linkSince(name, now) === undefined ? '0\n' : '1\n'
        this.#files.place(`${folder}/carrier`, bytesOf(carrier))
      }
    }
  }
}
