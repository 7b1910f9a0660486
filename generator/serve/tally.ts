import { readableSize } from '../host/console/progress.ts'
import type { EventLines } from './event-lines.ts'
import type { OriginRequest } from './origin.ts'
import { peersOfAddress } from './swarm-peers.ts'
import type { FoundTorrent } from './torrent-folder.ts'
import type { Announce } from './tracker.ts'

/** More nodes than any site has are not counted one by one, in all and at one address. */
const mostNodes = { all: 100_000, ofAddress: peersOfAddress }

/** Tells what nodes do, and counts it for the closing summary. */
export class Tally {
  readonly #lines: EventLines
  readonly #nodes = new Set<string>()
  readonly #ofAddress = new Map<string, number>()
  #requests = 0
  #httpBytes = 0
  #whole = 0
  #refused = 0

  constructor(lines: EventLines) {
    this.#lines = lines
  }

  /** Bytes that were sent over HTTP. */
  get httpBytes(): number {
    return this.#httpBytes
  }

  answered({ peer, method, path, status, sent, whole, trouble }: OriginRequest): void {
    this.#requests += 1
    this.#httpBytes += sent
    if (trouble !== undefined) {
      this.#refused += 1
      this.#lines.about(peer, `${method} ${path}: ${status} ${trouble}`)
    } else if (whole && status === 200 && method === 'GET') {
      this.#whole += 1
      this.#lines.achieved(peer, `has ${path} (${readableSize(sent)} over HTTP)`)
    }
  }

  /** A node that gives nothing to others afterwards says only that it stops, with nothing left. */
  announced({ infoHash, peer, event, left, downloaded }: Announce, found: FoundTorrent | undefined): void {
    const finished = event === 'complete' || (left === 0 && downloaded > 0)
    if (!finished || found === undefined) return
    const key = `${infoHash} ${peer}`
    const address = peer.replace(/:\d+$/, '')
    const place = `${infoHash} ${address}`
    const others = this.#ofAddress.get(place) ?? 0
    if (this.#nodes.has(key) || this.#nodes.size >= mostNodes.all || others >= mostNodes.ofAddress) return
    this.#nodes.add(key)
    this.#ofAddress.set(place, others + 1)
    const size = readableSize(found.torrent.size)
    this.#lines.achieved(address, `has all of ${found.name} (${size} over BitTorrent)`, peer)
  }

  /** @param given bytes that the seeder gave */
  summary(given: number): string[] {
    const sent = `${readableSize(this.#httpBytes)} sent in ${counted(this.#requests, 'answer')}`
    return [
      `HTTP        ${sent}, ${counted(this.#whole, 'whole file')} among them, ${counted(this.#refused, 'refusal')}`,
      `BitTorrent  ${readableSize(given)} given by the seeder; what nodes gave each other is not counted`,
      `nodes       ${counted(this.#nodes.size, 'download')} of a torrent completed`,
    ]
  }
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`
