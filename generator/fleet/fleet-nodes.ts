/** All nodes of a site, as reports, the HTTP log and the tracker show them. Nothing in it grows without bound. */
import type { BootEvent } from '../stages/api/boot-event.ts'
import type { SwarmNews } from './boot-facts.ts'
import { asksAsNode, type FileAnswer } from './file-request.ts'
import { FileVisitors } from './file-visitors.ts'
import { FleetChanges } from './fleet-changes.ts'
import { type FleetListener, FleetListeners } from './fleet-listener.ts'
import {
  type FileVisitor,
  type FleetNode,
  type FleetState,
  isEnded,
  type TimelineEntry,
} from './fleet-view.ts'
import { keptText } from './kept-text.ts'
import { KeptTimelines } from './kept-timelines.ts'
import { NodeIndex } from './node-index.ts'
import { type KeptNode, ObservedNode } from './observed-node.ts'

/** Nodes that nobody has seen for so long are forgotten (ms). */
const forgottenAfter = 24 * 3600 * 1000
/** Two addresses with one MAC are no node that has got another address when both have spoken within this time (ms). */
const atOnce = 600_000

export interface FleetOptions {
  /** Where a node stands. */
  rackOf?: (mac: string, address: string) => string
  /** What its boots took until now. */
  usualSeconds?: (mac: string, address: string) => number | undefined
}

export class Fleet {
  readonly #options: FleetOptions
  readonly #listeners = new FleetListeners()
  readonly #nodes = new NodeIndex()
  readonly #timelines = new KeptTimelines()
  readonly #visitors = new FileVisitors()
  readonly #changes = new FleetChanges()

  constructor(options: FleetOptions = {}) {
    this.#options = options
  }

  /** Grows with each change. */
  get version(): number {
    return this.#changes.version
  }

  /** Bytes that nodes have got until now, those that are forgotten included. */
  get received(): { server: number; swarm: number } {
    return { ...this.#changes.received }
  }

  listen(listener: FleetListener): void {
    this.#listeners.add(listener)
  }

  unlisten(listener: FleetListener): void {
    this.#listeners.remove(listener)
  }

  /** Takes an event that a node has sent from an address: nobody can report in the place of another address. */
  reported(address: string, event: BootEvent, now = Date.now()): void {
    // What was seen of an address before is of its first node that says its name.
    const isNameless = event.event === 'up' && event.node.mac === ''
    const found =
      this.#nodes.named(address, keptText(event.node.mac, 64)) ??
      (isNameless
        ? this.#seenAt(address, now, true)
        : (this.#nodes.nameless(address) ?? this.#add(address, now)))
    if (found === undefined) return
    const wasNamed = found.mac !== ''
    if (found.boot.isBefore(event)) this.#beginBoot(found, now)
    const { facts } = found.boot
    const before = facts.state
    this.#changes.changed(found, () => found.reported(event, now))
    if (!wasNamed && found.mac !== '') this.#name(found)
    this.#contest(found, now)
    const { event: kind, ms } = event
    const text = keptText(event.text)
    this.#timelines.add(facts.timeline, { ms, stage: keptText(event.stage, 32), event: kind, text })
    this.#listeners.happened(found, { at: now, event: kind, ms, text })
    if (facts.state !== before && isEnded(facts.state)) this.#listeners.ended(found)
  }

  /** Takes a line of the HTTP log. */
  answered(address: string, answer: FileAnswer, now = Date.now()): void {
    const mayBeNew = answer.trouble === undefined
    if (mayBeNew && !asksAsNode(answer) && this.#nodes.at(address).size === 0) {
      this.#visitors.answered(address, answer, now, this.#changes.count())
      return
    }
    const node = this.#seenAt(address, now, mayBeNew)
    if (node === undefined) return
    if (node.isNewBootBy(answer.path, now)) this.#beginBoot(node, now)
    this.#changes.changed(node, () => node.answered(answer, now))
  }

  /** Takes what a peer told the tracker. */
  announced(address: string, news: SwarmNews, now = Date.now()): void {
    const node = this.#seenAt(address, now, true)
    if (node === undefined) return
    const wasEnded = node.boot.isEnded
    this.#changes.changed(node, () => node.announced(news, now))
    if (!wasEnded && node.boot.isEnded) this.#listeners.ended(node)
  }

  /** Where the site's own map has an address, or the hardware address that was reported from it; empty where it has neither. */
  rackAt(address: string): string {
    const [node] = this.#nodes.at(address)
    return this.#options.rackOf?.(node?.mac ?? '', address) ?? ''
  }

  /** Marks those that have fallen silent, and forgets those that nobody has seen for a day. Call it each second. */
  sweep(now = Date.now()): void {
    for (const node of this.#nodes.all()) {
      const { boot } = node
      const { lastMs, lastSeen } = boot.facts
      if (boot.forgetRate(now)) this.#changes.changed(node, () => {})
      if (boot.fellSilent(now)) {
        this.#changes.changed(node, () => {})
        if (boot.isEnded) this.#listeners.ended(node)
        else this.#listeners.happened(node, { at: now, event: 'silent', ms: lastMs, text: boot.facts.cause })
      }
      if (now - lastSeen > forgottenAfter) this.#forget(node)
    }
    this.#visitors.forget(now, () => this.#changes.count())
  }

  /** All nodes, or those that have changed since a version. */
  nodes(since = 0): FleetNode[] {
    const found: FleetNode[] = []
    for (const node of this.#nodes.all()) if (node.version > since) found.push(node.view())
    return found
  }

  /** Keys that were forgotten since a version; undefined where that is longer ago than is remembered. */
  gone(since: number): string[] | undefined {
    return this.#changes.goneSince(since)
  }

  /** Those who fetch files and are no nodes, the last one first; undefined where they are the same since a version. */
  visitors(since = -1): FileVisitor[] | undefined {
    return this.#visitors.version > since ? this.#visitors.list() : undefined
  }

  node(key: string): FleetNode | undefined {
    return this.#nodes.get(key)?.view()
  }

  /** The boot that is under way, or was the last. */
  timeline(key: string): TimelineEntry[] {
    return this.#nodes.get(key)?.boot.facts.timeline ?? []
  }

  /** How many are in each state. */
  states(): Record<FleetState, number> {
    const counts: Record<FleetState, number> = {
      ...{ booting: 0, silent: 0, failed: 0, 'handed-over': 0, complete: 0, up: 0 },
    }
    for (const { boot } of this.#nodes.all()) counts[boot.facts.state] += 1
    return counts
  }

  /** All nodes, as a file keeps them. */
  kept(): KeptNode[] {
    return Array.from(this.#nodes.all(), node => node.kept())
  }

  /** Goes on with the nodes of a server before this one. Nobody is told of what they did then. */
  restore(kept: KeptNode[], now = Date.now()): void {
    for (const each of kept) {
      if (now - each.boot.lastSeen > forgottenAfter || !this.#nodes.hasRoom(each.address)) continue
      const node = new ObservedNode(each.address, now, each)
      this.#nodes.add(node)
      this.#placeInSite(node)
      this.#timelines.took(node.boot.facts.timeline)
      node.version = this.#changes.count()
    }
  }

  /** The node that a server sees: several behind one address are told apart by their reports alone. */
  #seenAt(address: string, now: number, mayBeNew: boolean): ObservedNode | undefined {
    const [first, another] = this.#nodes.at(address)
    if (another !== undefined) return undefined
    return first ?? (mayBeNew ? this.#add(address, now) : undefined)
  }

  #add(address: string, now: number): ObservedNode | undefined {
    if (!this.#nodes.hasRoom(address)) return undefined
    const node = new ObservedNode(address, now)
    this.#nodes.add(node)
    this.#placeInSite(node)
    this.#visitors.leave(address, () => this.#changes.count())
    return node
  }

  /** It has said which one it is. */
  #name(node: ObservedNode): void {
    this.#nodes.name(node)
    this.#placeInSite(node)
  }

  #placeInSite(node: ObservedNode): void {
    const { mac, address } = node
    node.rack = this.#options.rackOf?.(mac, address) || node.rack
    node.boot.usualSeconds = this.#options.usualSeconds?.(mac, address)
  }

  /** Two addresses that say that they are the same machine: one of both may lie. */
  #contest(node: ObservedNode, now: number): void {
    if (node.contested) return
    for (const other of this.#nodes.claiming(node.mac)) {
      if (other === node || now - other.boot.facts.lastSeen > atOnce) continue
      for (const each of [node, other])
        if (!each.contested)
          this.#changes.changed(each, () => {
            each.contested = true
          })
    }
  }

  #beginBoot(node: ObservedNode, now: number): void {
    if (!node.boot.isEnded) this.#listeners.ended(node)
    this.#timelines.dropped(node.boot.facts.timeline)
    node.beginBoot(now, this.#options.usualSeconds?.(node.mac, node.address))
  }

  #forget(node: ObservedNode): void {
    if (!node.boot.isEnded) this.#listeners.ended(node)
    this.#nodes.remove(node)
    this.#timelines.dropped(node.boot.facts.timeline)
    this.#changes.gone(node.key)
  }
}
