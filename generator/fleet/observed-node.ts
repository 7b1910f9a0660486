/** One node, as it is seen: which machine it is, and its boot. */
import { randomBytes } from 'node:crypto'
import type { BootEvent } from '../stages/api/boot-event.ts'
import { type BootFacts, fromServerOf, fromSwarmOf, percentOf, type SwarmNews } from './boot-facts.ts'
import { type FileAnswer, isStageOne } from './file-request.ts'
import type { FleetNode, Sighting } from './fleet-view.ts'
import { keptText } from './kept-text.ts'
import { ObservedBoot } from './observed-boot.ts'

/** What a node without reports asks for after so long is another boot (ms). */
const anotherBoot = 120_000

/** What it says of itself; empty where it has not. */
const nobody = { mac: '', ip: '', hostname: '', serial: '', uuid: '', hardware: '' }

/** A node as a file keeps it. */
export interface KeptNode {
  key: string
  address: string
  identity: typeof nobody
  contested: boolean
  seenBy: Sighting[]
  boot: BootFacts
}

export class ObservedNode {
  readonly key: string
  readonly address: string
  identity = nobody
  rack = ''
  contested = false
  /** Grows with each change; the store's count. */
  version = 0
  boot: ObservedBoot
  readonly #seenBy = new Set<Sighting>()

  /** @param kept of a server before this one */
  constructor(address: string, now: number, kept?: KeptNode) {
    this.address = address
    this.key = kept?.key ?? randomBytes(9).toString('base64url')
    this.boot = new ObservedBoot(now, undefined, kept?.boot)
    if (kept === undefined) return
    this.identity = kept.identity
    this.contested = kept.contested
    for (const sighting of kept.seenBy) this.#seenBy.add(sighting)
  }

  get mac(): string {
    return this.identity.mac
  }

  get fromServer(): number {
    return fromServerOf(this.boot.facts)
  }

  get fromSwarm(): number {
    return fromSwarmOf(this.boot.facts)
  }

  /** Whether a request begins another boot: nobody asks for stage one in the middle of one. */
  isNewBootBy(path: string, now: number): boolean {
    const { state, lastSeen } = this.boot.facts
    if (!this.boot.isEnded && state !== 'silent') return false
    return isStageOne(path) || (!this.#seenBy.has('report') && now - lastSeen > anotherBoot)
  }

  beginBoot(now: number, usualSeconds: number | undefined): void {
    this.boot = new ObservedBoot(now, usualSeconds)
    this.identity = { ...this.identity, hardware: '' }
  }

  /** An event of its own. */
  reported(event: BootEvent, now: number): void {
    this.#identify(event)
    this.#seenBy.add('report')
    this.boot.reported(event, now)
  }

  /** An answer to one of its requests. */
  answered(answer: FileAnswer, now: number): void {
    this.#seenBy.add('http')
    this.boot.answered(answer, now)
  }

  /** What it told the tracker. */
  announced(news: SwarmNews, now: number): void {
    this.#seenBy.add('tracker')
    if (news.rack !== undefined && news.rack !== '') this.rack = news.rack
    this.boot.announced(news, now)
  }

  /** As others see it. */
  view(): FleetNode {
    const { key, address, rack, contested, identity, fromServer, fromSwarm } = this
    const { facts, usualSeconds } = this.boot
    const { state, stage, cause, said, began, stageBegan, lastSeen, endedAt, coming } = facts
    const percent = percentOf(facts)
    return {
      ...{ key, address, ...identity, rack, contested, state, stage, cause, said },
      ...{ began, stageBegan, lastSeen, fromServer, fromSwarm },
      seenBy: [...this.#seenBy],
      ...(percent === undefined ? {} : { percent }),
      rateFromServer: coming?.isSwarm === false ? coming.rate : 0,
      rateFromSwarm: coming?.isSwarm === true ? coming.rate : 0,
      seconds: ((endedAt || lastSeen) - began) / 1000,
      ...(usualSeconds === undefined ? {} : { usualSeconds }),
    }
  }

  /** As a file keeps it. */
  kept(): KeptNode {
    const { key, address, identity, contested, boot } = this
    return { key, address, identity, contested, seenBy: [...this.#seenBy], boot: boot.facts }
  }

  /** The next system may know less of itself. */
  #identify({ node, stage, event, text }: BootEvent): void {
    const { mac, ip, hostname, serial, uuid, hardware } = this.identity
    const tellsHardware = stage === 'drivers' && event === 'says'
    this.identity = {
      mac: keptText(node.mac, 64) || mac,
      ip: keptText(node.ip, 64) || ip,
      hostname: keptText(node.hostname, 64) || hostname,
      serial: keptText(node.serial, 64) || serial,
      uuid: keptText(node.uuid, 64) || uuid,
      hardware: tellsHardware ? keptText(hardware === '' ? text : `${hardware}; ${text}`) : hardware,
    }
  }
}
