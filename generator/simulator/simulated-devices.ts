/** The machine's devices as /sys shows them, brought up to date after each command. */
import { bytesOf } from './captured.ts'
import type { FileSystem } from './file-system.ts'
import { completeInterface, type Interface } from './world.ts'

interface Card {
  interface: Required<Interface>
  pciPath: string
  /** How many of its modaliases modprobe has taken. */
  taken: number
  /** When its driver was there; when it was set up. */
  driverAt: number | undefined
  upAt: number | undefined
}

export class Hardware {
  #cards: Card[]
  readonly #files: FileSystem
  #isMounted = false

  constructor(files: FileSystem, network: Interface[]) {
    this.#files = files
    this.#cards = network.map((given, index) => {
      const complete = completeInterface(given, index)
      const isBuiltIn = complete.aliases.length === 0 && !complete.hasNoDriver
      return {
        interface: complete,
        pciPath: `0000:00:${(3 + index).toString(16).padStart(2, '0')}.0`,
        taken: 0,
        driverAt: isBuiltIn ? 0 : undefined,
        upAt: undefined,
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
      { interface: complete, pciPath: '', taken: 0, driverAt: now, upAt: undefined },
    ]
    if (isBond) this.#files.makeDirectory(`/sys/class/net/${name}/bonding`)
  }

  rename(name: string, newName: string): void {
    for (const card of this.#cards) {
      if (card.interface.name === name) card.interface = { ...card.interface, name: newName }
    }
    this.#files.remove(`/sys/class/net/${name}`)
  }

  /** Takes what modprobe was asked for; whether there was a module for each. */
  loadModules(wanted: string[], now: number): boolean {
    let hasAll = true
    for (const alias of wanted) {
      const owner = this.#cards.find(card => card.interface.aliases.slice(0, card.taken + 1).includes(alias))
      if (owner === undefined || owner.interface.hasNoDriver) hasAll = false
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

  has = (name: string, now: number): boolean => this.#present(name, now) !== undefined

  /** When the link of an interface came up; undefined while there is none. */
  linkSince(name: string, now: number): number | undefined {
    const card = this.#present(name, now)
    if (card?.upAt === undefined || card.interface.linkAfter === 'never') return undefined
    const since = card.upAt + card.interface.linkAfter
    return now >= since ? since : undefined
  }

  setUp(name: string, now: number): void {
    const card = this.#present(name, now)
    if (card !== undefined) card.upAt ??= now
  }

  dhcpNotes = (name: string): string[] | undefined =>
    this.#cards.find(card => card.interface.name === name)?.interface.dhcpNotes

  /** Whether the DHCP server behind an interface keeps udhcpc on for ever. */
  keepsAsking = (name: string, now: number): boolean =>
    this.#present(name, now)?.interface.dhcp === 'refuses' && this.linkSince(name, now) !== undefined

  /** The answer of a DHCP server behind an interface, if one comes between two times. */
  lease(name: string, from: number, to: number): Record<string, string> | undefined {
    const { dhcp, dhcpAfter } = this.#present(name, to)?.interface ?? {}
    const since = this.linkSince(name, to)
    if (dhcp === undefined || typeof dhcp === 'string' || since === undefined) return undefined
    const answersAt = Math.max(from, since + (dhcpAfter ?? 0))
    return answersAt <= to ? dhcp : undefined
  }

  /** Writes /sys as it is at a time. */
  refresh(now: number): void {
    if (!this.#isMounted) return
    for (const card of this.#cards) {
      const { name, address, aliases, is, hasNoDriver } = card.interface
      for (const [index, alias] of aliases.slice(0, card.taken + 1).entries()) {
        if (is !== 'virtual')
          this.#files.place(`/sys/devices/${card.pciPath}/${index}/modalias`, bytesOf(`${alias}\n`))
      }
      const pci = `/sys/bus/pci/devices/${card.pciPath}`
      if (is !== 'virtual' && !hasNoDriver && (card.taken > 0 || aliases.length === 0))
        this.#files.makeDirectory(`${pci}/driver`)
      if (!this.#isPresent(card, now)) continue
      const folder = `/sys/class/net/${name}`
      this.#files.place(`${folder}/address`, bytesOf(`${address}\n`))
      if (is !== 'virtual') this.#files.makeDirectory(`${folder}/device`)
      if (is === 'radio') this.#files.makeDirectory(`${folder}/phy80211`)
      // Nobody can read this while the interface is down.
      if (card.upAt !== undefined) {
        const carrier = this.linkSince(name, now) === undefined ? '0\n' : '1\n'
        this.#files.place(`${folder}/carrier`, bytesOf(carrier))
      }
    }
  }
}
