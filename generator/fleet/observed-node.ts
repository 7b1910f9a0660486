/** One node, as it is seen: what it says of itself, and what servers see of it. */
import { randomBytes } from 'node:crypto'
import type { BootEvent } from '../stages/api/boot-event.ts'
import { type Aria2Progress, aria2Progress } from './aria2-progress.ts'
import type { FleetNode, FleetState, Sighting, TimelineEntry } from './fleet-view.ts'
import { keptText } from './kept-text.ts'
import { silenceOf } from './silence.ts'

/** A served file, as the HTTP log has it. */
export interface FileAnswer {
  path: string
  sent: number
  whole: boolean
  trouble?: string
}

/** What a peer told the tracker. */
export interface SwarmNews {
  infoHash: string
  left: number
  downloaded: number
}

/** A clock may be wrong, and a node may lie: no boot takes longer. */
const longestMs = 30 * 24 * 3600 * 1000
/** Bytes of a boot that are believed. */
const mostBytes = 2 ** 40
/** Torrents of one node. */
const mostTorrents = 16
/** What a node without reports asks for after so long is another boot (ms). */
const anotherBoot = 120_000
/** A rate is of a moment: progress comes every ten seconds (ms). */
const rateLasts = 25_000

const ended: readonly FleetState[] = ['failed', 'handed-over', 'complete', 'up']
export const isEnded = (state: FleetState): boolean => ended.includes(state)

/** A download's last words are that it gave up, and after how many tries; why is what its last try has said. */
const tellsTries = (text: string): boolean => text.startsWith('gave up')

/** publish puts the first stage there, and calls boot scripts so. */
const isStageOne = (path: string): boolean => /\/stage-one\/|\.ipxe(\?|$)|\/(grub|pxelinux)\.cfg/.test(path)

/** What one boot has shown so far. */
function freshBoot(now: number) {
  return {
    /** Tells it from this node's other boots. */
    boot: randomBytes(9).toString('base64url'),
    state: 'booting' as FleetState,
    stage: '',
    began: now,
    stageBegan: now,
    lastSeen: now,
    endedAt: 0,
    /** Of its own clock: its last word, and the first of the stage. */
    lastMs: 0,
    stageMs: 0,
    cause: '',
    said: '',
    /** What it has reported of files that are there, and what comes just now. */
    fromServer: 0,
    fromSwarm: 0,
    coming: undefined as Aria2Progress | undefined,
    rateAt: 0,
    /** What servers saw. */
    httpBytes: 0,
    isBroken: false,
    torrents: new Map<string, { left: number; downloaded: number }>(),
    timeline: [] as TimelineEntry[],
    usualSeconds: undefined as number | undefined,
  }
}

export class ObservedNode {
  readonly key = randomBytes(9).toString('base64url')
  readonly address: string
  mac = ''
  ip = ''
  hostname = ''
  serial = ''
  uuid = ''
  rack = ''
  /** What its first stage says of its devices. */
  hardware = ''
  contested = false
  /** Grows with each change; the store's count. */
  version = 0
  readonly seenBy = new Set<Sighting>()
  now: ReturnType<typeof freshBoot>

  constructor(address: string, now: number) {
    this.address = address
    this.now = freshBoot(now)
  }

  get reports(): boolean {
    return this.seenBy.has('report')
  }

  /** Whether an event is of another boot than the one that was seen last: its clock has begun anew. */
  isOfNewBoot({ event, ms }: BootEvent): boolean {
    const { state, lastMs } = this.now
    if (event === 'up' || lastMs === 0) return false
    return isEnded(state) ? event === 'entered' || ms < lastMs : ms + 1000 < lastMs
  }

  /** Whether a request begins another boot: nobody asks for stage one in the middle of one. */
  isNewBootBy(path: string, now: number): boolean {
    const { state, lastSeen } = this.now
    if (!isEnded(state) && state !== 'silent') return false
    return isStageOne(path) || (!this.reports && now - lastSeen > anotherBoot)
  }

  contest(): void {
    this.contested = true
  }

  beginBoot(now: number, usualSeconds: number | undefined): void {
    this.now = { ...freshBoot(now), usualSeconds }
    this.hardware = ''
  }

  /** An event of its own. */
  reported(given: BootEvent, now: number): void {
    const { event, text, cause } = given
    const ms = Math.min(given.ms, longestMs)
    const stage = keptText(given.stage, 32)
    const boot = this.now
    this.#identify(given)
    this.#seen('report', now)
    if (event === 'up') {
      // The next system's clock has begun anew, at the jump.
      this.#end('up', boot.lastMs === 0 ? now - ms : boot.began, now)
      boot.said = keptText(text)
      return
    }
    // What is told later than it happened makes a power-on later than it was.
    boot.began = Math.min(boot.began, now - ms)
    if (boot.state === 'silent' || boot.lastMs === 0) this.#goOn()
    boot.lastMs = ms
    if (stage !== boot.stage) boot.stageMs = ms
    this.#enter(stage, now)
    boot.stageBegan = boot.began + boot.stageMs
    boot.fromServer = Math.min(given.kibFromServer * 1024, mostBytes)
    boot.fromSwarm = Math.min(given.kibFromSwarm * 1024, mostBytes)
    boot.coming = event === 'progress' ? (aria2Progress(text) ?? boot.coming) : undefined
    boot.rateAt = now
    // What was fetched, and how far it is, are numbers: they are shown as such.
    if (text !== '' && event !== 'fetched' && event !== 'progress') boot.said = keptText(text)
    if (stage === 'drivers' && event === 'says')
      this.hardware = keptText(this.hardware === '' ? text : `${this.hardware}; ${text}`)
    if (event === 'failed' && !tellsTries(text)) boot.cause = keptText(text)
    if (event === 'gave-up') {
      if (boot.cause === '' || !tellsTries(cause)) boot.cause = keptText(cause || text)
      this.#end('failed', boot.began, boot.began + ms)
    } else if (event === 'complete' || event === 'handed-over') {
      boot.cause = ''
      this.#end(event, boot.began, boot.began + ms)
    }
  }

  /** An answer to one of its requests. */
  answered({ path, sent, whole, trouble }: FileAnswer, now: number): void {
    const boot = this.now
    this.#seen('http', now)
    boot.httpBytes += sent
    if (boot.lastMs > 0) return
    this.#goOn()
    boot.isBroken = !whole || trouble !== undefined
    boot.said = keptText(trouble === undefined ? `GET ${path}` : `GET ${path}: ${trouble}`)
    this.#enter(isStageOne(path) ? 'stage one' : boot.stage === 'swarm' ? 'swarm' : 'files', now)
  }

  /** What it told the tracker. */
  announced({ infoHash, left, downloaded }: SwarmNews, now: number): void {
    const boot = this.now
    this.#seen('tracker', now)
    if (boot.torrents.has(infoHash) || boot.torrents.size < mostTorrents)
      boot.torrents.set(infoHash, {
        left: Math.min(left, mostBytes),
        downloaded: Math.min(downloaded, mostBytes),
      })
    if (boot.lastMs > 0) return
    this.#goOn()
    this.#enter('swarm', now)
    if (this.#lacks() > 0) return
    boot.said = 'has all of the torrent'
    this.#end('complete', boot.began, now)
  }

  /** Marks it when it has said nothing for too long. @returns whether it is marked now */
  fellSilent(now: number): boolean {
    const boot = this.now
    if (boot.state !== 'booting') return false
    const { seconds, usually } = silenceOf(boot.stage)
    if (now - boot.lastSeen < seconds * 1000) return false
    if (boot.stage === 'files' && !boot.isBroken) {
      // It does not report: it has what it has asked for.
      this.#end('complete', boot.began, boot.lastSeen)
      return true
    }
    boot.state = 'silent'
    const tried = boot.cause === '' ? '' : `, after: ${boot.cause}`
    boot.cause = keptText(`no word for ${seconds} s: ${usually}${tried}`)
    return true
  }

  /** Whether a rate is no longer true. */
  hasStaleRate(now: number): boolean {
    return this.now.coming !== undefined && now - this.now.rateAt > rateLasts
  }

  forgetRate(): void {
    this.now.coming = undefined
  }

  get fromServer(): number {
    const { fromServer, coming, httpBytes, lastMs } = this.now
    return lastMs === 0 ? httpBytes : fromServer + (coming?.isSwarm === false ? coming.have : 0)
  }

  get fromSwarm(): number {
    const { fromSwarm, coming, torrents, lastMs } = this.now
    if (lastMs > 0) return fromSwarm + (coming?.isSwarm === true ? coming.have : 0)
    return [...torrents.values()].reduce((sum, { downloaded }) => sum + downloaded, 0)
  }

  /** As others see it. */
  view(): FleetNode {
    const { key, address, mac, ip, hostname, serial, uuid, rack, hardware, contested } = this
    const { state, stage, cause, said, began, stageBegan, lastSeen, endedAt, coming, usualSeconds } = this.now
    const percent = this.#percent()
    return {
      ...{ key, address, mac, ip, hostname, serial, uuid, rack, hardware, contested },
      ...{ state, stage, cause, said, began, stageBegan, lastSeen },
      seenBy: [...this.seenBy],
      ...(percent === undefined ? {} : { percent }),
      rateFromServer: coming?.isSwarm === false ? coming.rate : 0,
      rateFromSwarm: coming?.isSwarm === true ? coming.rate : 0,
      fromServer: this.fromServer,
      fromSwarm: this.fromSwarm,
      seconds: ((endedAt || lastSeen) - began) / 1000,
      ...(usualSeconds === undefined ? {} : { usualSeconds }),
    }
  }

  #identify({ node }: BootEvent): void {
    // The next system may know less of itself.
    this.mac = keptText(node.mac, 64) || this.mac
    this.ip = keptText(node.ip, 64) || this.ip
    this.hostname = keptText(node.hostname, 64) || this.hostname
    this.serial = keptText(node.serial, 64) || this.serial
    this.uuid = keptText(node.uuid, 64) || this.uuid
  }

  #seen(by: Sighting, now: number): void {
    this.seenBy.add(by)
    this.now.lastSeen = now
  }

  #enter(stage: string, at: number): void {
    if (this.now.stage === stage) return
    this.now.stage = stage
    this.now.stageBegan = at
  }

  #goOn(): void {
    this.now.state = 'booting'
    this.now.cause = ''
    this.now.endedAt = 0
  }

  #end(state: FleetState, began: number, at: number): void {
    Object.assign(this.now, { state, began, endedAt: at, coming: undefined })
  }

  #lacks(): number {
    return [...this.now.torrents.values()].reduce((sum, { left }) => sum + left, 0)
  }

  #percent(): number | undefined {
    const { coming, torrents, state, stage, lastMs } = this.now
    if (state === 'up' || state === 'handed-over' || state === 'complete') return 100
    if (coming !== undefined)
      return coming.total === 0 ? 0 : Math.min(100, (100 * coming.have) / coming.total)
    if (stage === 'verify' || stage === 'kexec') return 100
    if (lastMs > 0 || torrents.size === 0) return undefined
    const has = this.fromSwarm
    return has + this.#lacks() === 0 ? 0 : (100 * has) / (has + this.#lacks())
  }
}
