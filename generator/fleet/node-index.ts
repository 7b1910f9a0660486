/** Nodes by all that they are found by: their key, their address, their name, their hardware address. */
import { countedAs } from '../serve/client-address.ts'
import type { ObservedNode } from './observed-node.ts'

/** More nodes than any site has are not kept, nor more of one address than a site behind NAT has. */
const mostNodes = { all: 20_000, ofAddress: 1024 }

export class NodeIndex {
  readonly #byKey = new Map<string, ObservedNode>()
  readonly #byAddress = new Map<string, Set<ObservedNode>>()
  /** By address and MAC; one that has not said its MAC by its address alone. */
  readonly #byName = new Map<string, ObservedNode>()
  readonly #byMac = new Map<string, Set<ObservedNode>>()
  /** How many a client has, as limits count clients. */
  readonly #ofClient = new Map<string, number>()

  all(): Iterable<ObservedNode> {
    return this.#byKey.values()
  }

  get(key: string): ObservedNode | undefined {
    return this.#byKey.get(key)
  }

  /** The node with this MAC at this address. */
  named(address: string, mac: string): ObservedNode | undefined {
    return this.#byName.get(nameOf(address, mac))
  }

  /** The one at this address that has not said its MAC. */
  nameless(address: string): ObservedNode | undefined {
    return this.#byName.get(address)
  }

  /** All at this address. */
  at(address: string): ReadonlySet<ObservedNode> {
    return this.#byAddress.get(address) ?? none
  }

  /** All that say that they have this MAC. */
  claiming(mac: string): ReadonlySet<ObservedNode> {
    return this.#byMac.get(mac) ?? none
  }

  /** Whether another node at this address is kept. */
  hasRoom(address: string): boolean {
    const others = this.#ofClient.get(countedAs(address)) ?? 0
    return address !== '' && this.#byKey.size < mostNodes.all && others < mostNodes.ofAddress
  }

  add(node: ObservedNode): void {
    const { key, address, mac } = node
    const client = countedAs(address)
    this.#ofClient.set(client, (this.#ofClient.get(client) ?? 0) + 1)
    this.#byKey.set(key, node)
    enter(this.#byAddress, address, node)
    this.#byName.set(mac === '' ? address : nameOf(address, mac), node)
    if (mac !== '') enter(this.#byMac, mac, node)
  }

  /** It has said its MAC. */
  name(node: ObservedNode): void {
    this.#byName.delete(node.address)
    this.#byName.set(nameOf(node.address, node.mac), node)
    enter(this.#byMac, node.mac, node)
  }

  remove(node: ObservedNode): void {
    const { key, address, mac } = node
    const client = countedAs(address)
    const others = (this.#ofClient.get(client) ?? 1) - 1
    if (others === 0) this.#ofClient.delete(client)
    else this.#ofClient.set(client, others)
    this.#byKey.delete(key)
    leave(this.#byAddress, address, node)
    this.#byName.delete(mac === '' ? address : nameOf(address, mac))
    leave(this.#byMac, mac, node)
  }
}

const none: ReadonlySet<ObservedNode> = new Set()

/** No address has a blank in it. */
const nameOf = (address: string, mac: string): string => `${address} ${mac}`

function enter(groups: Map<string, Set<ObservedNode>>, name: string, node: ObservedNode): void {
  groups.set(name, (groups.get(name) ?? new Set()).add(node))
}

function leave(groups: Map<string, Set<ObservedNode>>, name: string, node: ObservedNode): void {
  const group = groups.get(name)
  group?.delete(node)
  if (group?.size === 0) groups.delete(name)
}
