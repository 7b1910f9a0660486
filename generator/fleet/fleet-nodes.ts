/** All nodes of a site, as reports, the HTTP log and the tracker show them. Nothing in it grows without bound. */
import { countedAs } from '../serve/client-address.ts'
import type { BootEvent, BootEventKind } from '../stages/api/boot-event.ts'
import type { FleetNode, FleetState, TimelineEntry } from './fleet-view.ts'
import { keptText } from './kept-text.ts'
import { type FileAnswer, isEnded, ObservedNode, type SwarmNews } from './observed-node.ts'

/** More nodes than any site has are not kept, nor more of one address than a site behind NAT has. */
const mostNodes = { all: 20_000, ofAddress: 1024 }
/** Events of a boot, the last ones; when all boots together have so many, each has few. */
const mostEntries = { ofBoot: 100, all: 200_000, ofBootThen: 10 }
/** Keys that are remembered as gone, for those who look on. */
const mostGone = 20_000
/** Nodes that nobody has seen for so long are forgotten (ms). */
const forgottenAfter = 24 * 3600 * 1000
/** Two addresses with one MAC are no node that has got another address when both have spoken within this time (ms). */
const atOnce = 600_000

/** Something that happened to a node: an event that it reported, or that it fell silent. */
export interface FleetEvent {
  at: number
  event: BootEventKind | 'silent'
  ms: number
  text: string
}

export interface FleetListener {
  /** After each event. */
  happened?(node: FleetNode, event: FleetEvent): void
  /** A boot has come to an end, or gave way to the next one; again when the next system calls. */
  ended?(node: FleetNode, boot: string): void
}

export interface FleetOptions {
  /** Where a node stands. */
  rackOf?: (mac: string, address: string) => string
  /** What its boots took until now. */
  usualSeconds?: (mac: string, address: string) => number | undefined
}

export class Fleet {
  readonly #options: FleetOptions
  readonly #listeners = new Set<FleetListener>()
  readonly #nodes = new Map<string, ObservedNode>()
  readonly #ofAddress = new Map<string, Set<ObservedNode>>()
  /** By address and MAC; one that has not said its MAC by its address alone. */
  readonly #named = new Map<string, ObservedNode>()
  /** What limits count by. */
  readonly #ofClient = new Map<string, number>()
  readonly #ofMac = new Map<string, Set<ObservedNode>>()
  #gone: { key: string; version: number }[] = []
  #version = 0
  #entries = 0
  #received = { server: 0, swarm: 0 }

  constructor(options: FleetOptions = {}) {
    this.#options = options
  }

  /** Grows with each change. */
  get version(): number {
    return this.#version
  }

  /** Bytes that nodes have got until now, those that are forgotten included. */
  get received(): { server: number; swarm: number } {
    return { ...this.#received }
  }

  listen(listener: FleetListener): void {
    this.#listeners.add(listener)
  }

  unlisten(listener: FleetListener): void {
    this.#listeners.delete(listener)
  }

  /** Takes an event that a node has sent from an address: nobody can report in the place of another address. */
  reported(address: string, event: BootEvent, now = Date.now()): void {
    // What was seen of an address before is of its first node that says its name.
    const name = nameOf(address, keptText(event.node.mac, 64))
    const isNameless = event.event === 'up' && event.node.mac === ''
    const found =
      this.#named.get(name) ??
      (isNameless ? this.#seenAt(address, now, true) : (this.#named.get(address) ?? this.#add(address, now)))
    if (found === undefined) return
    const wasNamed = found.mac !== ''
    if (found.isOfNewBoot(event)) this.#beginBoot(found, now)
    const before = found.now.state
    this.#changed(found, () => found.reported(event, now))
    if (!wasNamed && found.mac !== '') this.#name(found)
    this.#contest(found, now)
    const { ms, text } = event
    this.#keep(found, { ms, stage: keptText(event.stage, 32), event: event.event, text: keptText(text) })
    this.#tell(found, { at: now, event: event.event, ms, text: keptText(text) })
    if (found.now.state !== before && isEnded(found.now.state)) this.#ended(found)
  }

  /** Takes a line of the HTTP log. */
  answered(address: string, answer: FileAnswer, now = Date.now()): void {
    const node = this.#seenAt(address, now, answer.trouble === undefined)
    if (node === undefined) return
    if (node.isNewBootBy(answer.path, now)) this.#beginBoot(node, now)
    this.#changed(node, () => node.answered(answer, now))
  }

  /** Takes what a peer told the tracker. */
  announced(address: string, news: SwarmNews, now = Date.now()): void {
    const node = this.#seenAt(address, now, true)
    if (node === undefined) return
    const wasEnded = isEnded(node.now.state)
    this.#changed(node, () => node.announced(news, now))
    if (!wasEnded && isEnded(node.now.state)) this.#ended(node)
  }

  /** Marks those that have fallen silent, and forgets those that nobody has seen for a day. Call it each second. */
  sweep(now = Date.now()): void {
    for (const node of this.#nodes.values()) {
      if (node.hasStaleRate(now)) this.#changed(node, () => node.forgetRate())
      if (node.fellSilent(now)) {
        this.#changed(node, () => {})
        if (isEnded(node.now.state)) this.#ended(node)
        else this.#tell(node, { at: now, event: 'silent', ms: node.now.lastMs, text: node.now.cause })
      }
      if (now - node.now.lastSeen > forgottenAfter) this.#forget(node)
    }
  }

  /** All nodes, or those that have changed since a version. */
  nodes(since = 0): FleetNode[] {
    const found: FleetNode[] = []
    for (const node of this.#nodes.values()) if (node.version > since) found.push(node.view())
    return found
  }

  /** Keys that were forgotten since a version; undefined where that is longer ago than is remembered. */
  gone(since: number): string[] | undefined {
    const [oldest] = this.#gone
    if (this.#gone.length >= mostGone && oldest !== undefined && oldest.version > since) return undefined
    return this.#gone.filter(({ version }) => version > since).map(({ key }) => key)
  }

  node(key: string): FleetNode | undefined {
    return this.#nodes.get(key)?.view()
  }

  /** The boot that is under way, or was the last. */
  timeline(key: string): TimelineEntry[] {
    return this.#nodes.get(key)?.now.timeline ?? []
  }

  /** How many are in each state. */
  states(): Record<FleetState, number> {
    const counts: Record<FleetState, number> = {
      ...{ booting: 0, silent: 0, failed: 0, 'handed-over': 0, complete: 0, up: 0 },
    }
    for (const node of this.#nodes.values()) counts[node.now.state] += 1
    return counts
  }

  /** The node that a server sees: several behind one address are told apart by their reports alone. */
  #seenAt(address: string, now: number, mayBeNew: boolean): ObservedNode | undefined {
    const [first, another] = this.#ofAddress.get(address) ?? []
    if (another !== undefined) return undefined
    return first ?? (mayBeNew ? this.#add(address, now) : undefined)
  }

  #add(address: string, now: number): ObservedNode | undefined {
    const client = countedAs(address)
    const others = this.#ofClient.get(client) ?? 0
    if (address === '' || this.#nodes.size >= mostNodes.all || others >= mostNodes.ofAddress) return undefined
    const node = new ObservedNode(address, now)
    node.rack = this.#options.rackOf?.('', address) ?? ''
    node.beginBoot(now, this.#options.usualSeconds?.('', address))
    this.#ofClient.set(client, others + 1)
    this.#nodes.set(node.key, node)
    this.#named.set(address, node)
    enter(this.#ofAddress, address, node)
    return node
  }

  /** It has said which one it is. */
  #name(node: ObservedNode): void {
    const { mac, address } = node
    this.#named.delete(address)
    this.#named.set(nameOf(address, mac), node)
    enter(this.#ofMac, mac, node)
    node.rack = this.#options.rackOf?.(mac, address) ?? ''
    node.now.usualSeconds = this.#options.usualSeconds?.(mac, address)
  }

  /** Two addresses that say that they are the same machine: one of both may lie. */
  #contest(node: ObservedNode, now: number): void {
    if (node.contested) return
    for (const other of this.#ofMac.get(node.mac) ?? []) {
      if (other === node || now - other.now.lastSeen > atOnce) continue
      for (const each of [node, other]) if (!each.contested) this.#changed(each, () => each.contest())
    }
  }

  #beginBoot(node: ObservedNode, now: number): void {
    if (!isEnded(node.now.state)) this.#ended(node)
    this.#entries -= node.now.timeline.length
    node.beginBoot(now, this.#options.usualSeconds?.(node.mac, node.address))
  }

  #forget(node: ObservedNode): void {
    if (!isEnded(node.now.state)) this.#ended(node)
    const client = countedAs(node.address)
    const others = (this.#ofClient.get(client) ?? 1) - 1
    if (others === 0) this.#ofClient.delete(client)
    else this.#ofClient.set(client, others)
    this.#nodes.delete(node.key)
    this.#named.delete(node.mac === '' ? node.address : nameOf(node.address, node.mac))
    leave(this.#ofAddress, node.address, node)
    leave(this.#ofMac, node.mac, node)
    this.#entries -= node.now.timeline.length
    this.#version += 1
    this.#gone.push({ key: node.key, version: this.#version })
    if (this.#gone.length > mostGone) this.#gone = this.#gone.slice(-mostGone)
  }

  #changed(node: ObservedNode, change: () => void): void {
    const before = { server: node.fromServer, swarm: node.fromSwarm }
    change()
    this.#received.server += Math.max(0, node.fromServer - before.server)
    this.#received.swarm += Math.max(0, node.fromSwarm - before.swarm)
    this.#version += 1
    node.version = this.#version
  }

  /** Of progress the last line tells all. */
  #keep(node: ObservedNode, entry: TimelineEntry): void {
    const { timeline } = node.now
    if (entry.event === 'progress' && timeline.at(-1)?.event === 'progress') {
      timeline[timeline.length - 1] = entry
      return
    }
    timeline.push(entry)
    this.#entries += 1
    const { ofBoot, all, ofBootThen } = mostEntries
    if (timeline.length <= (this.#entries > all ? ofBootThen : ofBoot)) return
    timeline.shift()
    this.#entries -= 1
  }

  #tell(node: ObservedNode, event: FleetEvent): void {
    if (this.#listeners.size === 0) return
    const view = node.view()
    for (const listener of this.#listeners) listener.happened?.(view, event)
  }

  #ended(node: ObservedNode): void {
    const view = node.view()
    for (const listener of this.#listeners) listener.ended?.(view, node.now.boot)
  }
}

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
