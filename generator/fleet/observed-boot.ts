/** One boot of a node, as it is seen: what it says of itself, and what servers see of it. */
import type { BootEvent } from '../stages/api/boot-event.ts'
import { aria2Progress } from './aria2-progress.ts'
import { type BootFacts, freshBoot, lacksOf, type SwarmNews } from './boot-facts.ts'
import { type FileAnswer, isStageOne } from './file-request.ts'
import { type FleetState, isEnded } from './fleet-view.ts'
import { keptText } from './kept-text.ts'
import { silenceOf } from './silence.ts'

/** A clock may be wrong, and a node may lie: no boot takes longer. */
const longestMs = 30 * 24 * 3600 * 1000
/** Bytes of a boot that are believed. */
const mostBytes = 2 ** 40
/** Torrents of one node. */
const mostTorrents = 16
/** A rate is of a moment: progress comes every ten seconds (ms). */
const rateLasts = 25_000

/** A download's last words are that it gave up, and after how many tries; why is what its last try has said. */
const tellsTries = (text: string): boolean => text.startsWith('gave up')

export class ObservedBoot {
  readonly facts: BootFacts
  /** What its node's boots took until now. */
  usualSeconds: number | undefined
  /** Since when it could have been heard, and was not. */
  #quietSince: number

  /** @param facts of a boot that was seen by a server before this one */
  constructor(now: number, usualSeconds: number | undefined, facts: BootFacts = freshBoot(now)) {
    this.facts = facts
    this.usualSeconds = usualSeconds
    this.#quietSince = now
  }

  get isEnded(): boolean {
    return isEnded(this.facts.state)
  }

  /** Whether an event is of another boot than this one: its clock has begun anew. */
  isBefore({ event, ms }: BootEvent): boolean {
    const { lastMs } = this.facts
    if (event === 'up' || lastMs === 0) return false
    return this.isEnded ? event === 'entered' || ms < lastMs : ms + 1000 < lastMs
  }

  /** An event of its own. */
  reported(given: BootEvent, now: number): void {
    const { event, text, cause } = given
    const ms = Math.min(given.ms, longestMs)
    const stage = keptText(given.stage, 32)
    const boot = this.facts
    this.#seen(now)
    if (event === 'up') {
      // The next system's clock has begun anew, at the jump.
      this.#end('up', boot.lastMs === 0 ? now - ms : boot.began, now)
      // Its last tries may have been told, and the jump not.
      boot.cause = ''
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
    boot.coming = event === 'progress' ? (aria2Progress(text) ?? boot.coming) : null
    boot.rateAt = now
    // What was fetched, and how far it is, are numbers: they are shown as such.
    if (text !== '' && event !== 'fetched' && event !== 'progress') boot.said = keptText(text)
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
    const boot = this.facts
    this.#seen(now)
    boot.httpBytes += sent
    if (boot.lastMs > 0) return
    this.#goOn()
    boot.isBroken = !whole || trouble !== undefined
    boot.said = keptText(trouble === undefined ? `GET ${path}` : `GET ${path}: ${trouble}`)
    this.#enter(isStageOne(path) ? 'stage one' : boot.stage === 'swarm' ? 'swarm' : 'files', now)
  }

  /** What it told the tracker. */
  announced({ infoHash, left, downloaded }: SwarmNews, now: number): void {
    const boot = this.facts
    this.#seen(now)
    const known = boot.torrents.findIndex(torrent => torrent.infoHash === infoHash)
    const amounts = { left: Math.min(left, mostBytes), downloaded: Math.min(downloaded, mostBytes) }
    if (known >= 0) boot.torrents[known] = { infoHash, ...amounts }
    else if (boot.torrents.length < mostTorrents) boot.torrents.push({ infoHash, ...amounts })
    if (boot.lastMs > 0) return
    this.#goOn()
    this.#enter('swarm', now)
    if (lacksOf(boot) > 0) return
    boot.said = 'has all of the torrent'
    this.#end('complete', boot.began, now)
  }

  /** Marks it when it has said nothing for too long. @returns whether it is marked now */
  fellSilent(now: number): boolean {
    const boot = this.facts
    if (boot.state !== 'booting') return false
    const { seconds, usually } = silenceOf(boot.stage)
    if (now - this.#quietSince < seconds * 1000) return false
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

  /** Forgets a rate that is no longer true. @returns whether there was one */
  forgetRate(now: number): boolean {
    if (this.facts.coming === null || now - this.facts.rateAt <= rateLasts) return false
    this.facts.coming = null
    return true
  }

  #seen(now: number): void {
    this.facts.lastSeen = now
    this.#quietSince = now
  }

  #enter(stage: string, at: number): void {
    if (this.facts.stage === stage) return
    this.facts.stage = stage
    this.facts.stageBegan = at
  }

  #goOn(): void {
    Object.assign(this.facts, { state: 'booting', cause: '', endedAt: 0 })
  }

  #end(state: FleetState, began: number, at: number): void {
    Object.assign(this.facts, { state, began, endedAt: at, coming: null })
  }
}
