/**
 * What aria2 does on a connection, with our patches: DefaultBtInteractive.cc, DefaultPieceStorage.cc and
 * DefaultBtRequestFactory.cc after aria2-cooperative-swarm.patch. Nobody is choked, so interest and choking are left out.
 */
import type { FarPieces } from './far-pieces.ts'
import type { Links } from './links.ts'
import { requestLength } from './physical.ts'
import type { Grain } from './scenario.ts'
import { addPieces, type End, type Host, hasPiece, type Message, setPiece, unsetPiece } from './swarm-host.ts'

/** COOPERATIVE_INTERVAL, in seconds: a peer is asked for what it sent in that time. */
const measureInterval = 0.2
/** COOPERATIVE_MIN_OUTSTANDING_REQUEST and UB_MAX_OUTSTANDING_REQUEST, in bytes. */
const leastAsked = 8 * requestLength
const mostAsked = 256 * requestLength
/** MIN_SHOWN_PIECES. */
const leastShown = 2

export class PeerPolicy {
  /** Blocks that came although they were there: end game asks several peers. */
  wastedBlocks = 0

  constructor(
    readonly links: Links,
    readonly grain: Grain,
    readonly random: () => number,
    /** Seconds that it takes the origin to choose a piece to show. */
    readonly showTime: number,
    /** Tells that a host has a piece more. */
    readonly onPiece: (host: Host) => void,
    readonly far: FarPieces,
  ) {}

  /** Blocks so long that whole pieces' worth of them is asked for in vain would make end game costlier than it is. */
  get #asksTwice(): boolean {
    return this.grain.blockLength <= leastAsked
  }

  /** One turn of a connection (doInteractionProcessing). */
  interact(end: End): void {
    const { owner } = end
    if (!end.open || owner.gone) return
    this.#measure(end)
    if (end.isShown) this.#show(end)
    else if (end.told < owner.got.length) this.links.sendHave(end, owner.got.length)
    if (owner.complete) return
    this.#dropCompleted(end)
    this.#ask(end)
  }

  /** What a new connection begins with: the bitfield, or super seeding (BEP 16). */
  begin(end: End): void {
    end.measuredAt = this.links.now
    end.movedAt = this.links.now
    end.newsAt = this.links.now
    end.owner.nearUntil = 0
    if (end.owner.gotAt < 0) end.owner.gotAt = this.links.now
    end.isShown = end.owner.unshown !== undefined
    this.far.count(end)
    this.far.count(end.peer)
    if (!end.isShown) this.links.sendHave(end, end.owner.got.length)
    this.interact(end)
  }

  /** The peer has the first so many of the pieces that came to it. */
  takeHave(end: End, upTo: number): void {
    const { got } = end.peer.owner
    for (; end.heard < upTo; end.heard += 1) this.#learn(end, got[end.heard] as number)
    this.interact(end)
  }

  takeMessage(end: End, message: Message): void {
    const peer = end.peer.owner
    switch (message.kind) {
      case 'have':
        this.takeHave(end, message.upTo)
        return
      case 'show':
        for (const piece of message.pieces) this.#learn(end, piece)
        break
      case 'all':
        for (const piece of peer.got) this.#learn(end, piece)
        break
      case 'fetching':
        setPiece(end.fetching, message.piece)
        setPiece(end.owner.nearFetching, message.piece)
        this.far.hear(end)
        break
      case 'request': {
        const { blocks } = this.grain
        const there = message.blocks.filter(block => hasPiece(end.owner.have, Math.floor(block / blocks)))
        if (there.length > 0) this.links.queue(end, there)
      }
    }
    this.interact(end)
  }

  takeBlock(end: End, block: number): void {
    const { owner } = end
    const { blocks, blockLength } = this.grain
    end.received += blockLength
    const piece = Math.floor(block / blocks)
    const at = end.asked.indexOf(block)
    const progress = owner.progress.get(piece)
    if (at >= 0) {
      end.asked.splice(at, 1)
      if (end.isCounted) owner.farAsked -= 1
    }
    if (at < 0 || progress === undefined) this.wastedBlocks += 1
    else {
      const index = block - piece * blocks
      progress.asked[index] = (progress.asked[index] as number) - 1
      if (progress.came[index] === 1) this.wastedBlocks += 1
      else {
        progress.came[index] = 1
        progress.missing -= 1
        if (progress.missing === 0) this.#complete(owner, piece)
      }
    }
    this.interact(end)
  }

  /** A connection is over: what was asked of the peer may be asked of others (cancelAllPiece). */
  end(end: End): void {
    const { owner } = end
    end.open = false
    this.far.count(end)
    for (const block of end.asked) this.#unask(owner, block)
    end.asked = []
    for (const piece of end.targets) this.#release(owner, piece)
    end.targets = []
    for (let piece = 0; piece < this.grain.pieces; piece += 1)
      if (hasPiece(end.has, piece)) owner.counts[piece] = (owner.counts[piece] as number) - 1
    owner.ends.splice(owner.ends.indexOf(end), 1)
    if (!end.isNear) return
    owner.nearEnds.splice(owner.nearEnds.indexOf(end), 1)
    owner.nearHas.fill(0)
    for (const { has } of owner.nearEnds) addPieces(owner.nearHas, has)
    owner.nearUntil = 0
  }

  #learn(end: End, piece: number): void {
    const { owner, has } = end
    if (hasPiece(has, piece)) return
    setPiece(has, piece)
    if (end.isNear) setPiece(owner.nearHas, piece)
    this.far.hear(end)
    owner.counts[piece] = (owner.counts[piece] as number) + 1
  }

  #measure(end: End): void {
    const { now } = this.links
    if (now - end.measuredAt < measureInterval) return
    end.measuredAt = now
    const recent = end.received - end.receivedThen
    if (end.isCounted) end.owner.farRecent += recent - end.recentReceived
    end.recentReceived = recent
    end.recentSent = end.sent - end.sentThen
    end.receivedThen = end.received
    end.sentThen = end.sent
    if (recent > 0 || end.asked.length === 0) end.movedAt = now
    this.far.count(end)
  }

  #dropCompleted(end: End): void {
    const { owner } = end
    if (!end.targets.some(piece => hasPiece(owner.have, piece))) return
    end.targets = end.targets.filter(piece => !hasPiece(owner.have, piece))
    const before = end.asked.length
    end.asked = end.asked.filter(block => !hasPiece(owner.have, Math.floor(block / this.grain.blocks)))
    if (end.isCounted) owner.farAsked -= before - end.asked.length
  }

  /** addRequests, fillPiece and createRequestMessages. */
  #ask(end: End): void {
    const { owner } = end
    const isRationed = this.far.isRationed(end)
    const least = isRationed ? this.far.profile.farLeast : leastAsked
    const bytes = Math.max(least, Math.min(mostAsked, end.recentReceived))
    let most = Math.max(1, Math.round(bytes / this.grain.blockLength))
    if (isRationed) {
      most = Math.min(most, end.asked.length + this.far.room(end))
      if (most <= end.asked.length) {
        this.far.onWait(owner)
        return
      }
    }
    if (owner.unused === 0) owner.endGame = true
    let missing = 0
    for (const piece of end.targets) missing += owner.progress.get(piece)?.missing ?? 0
    if (missing < most) this.#checkOut(end, most - missing)
    const wanted: number[] = []
    for (const piece of end.targets) {
      const free = most - end.asked.length
      if (free <= 0) break
      this.#askPiece(end, piece, free, wanted)
    }
    if (wanted.length > 0) this.links.send(end, { kind: 'request', blocks: wanted })
  }

  #askPiece(end: End, piece: number, free: number, wanted: number[]): void {
    const { owner } = end
    const { blocks } = this.grain
    const progress = owner.progress.get(piece)
    if (progress === undefined) return
    const asksTwice = owner.endGame && this.#asksTwice
    // In end game blocks are taken in any order, and also those that others were asked for.
    const first = owner.endGame ? Math.floor(this.random() * blocks) : 0
    for (let step = 0; step < blocks && free > 0; step += 1) {
      const index = (first + step) % blocks
      if (progress.came[index] === 1) continue
      const block = piece * blocks + index
      if (asksTwice ? end.asked.includes(block) : progress.asked[index] !== 0) continue
      progress.asked[index] = (progress.asked[index] as number) + 1
      end.asked.push(block)
      if (end.isCounted) owner.farAsked += 1
      wanted.push(block)
      free -= 1
    }
  }

  /** getMissingPiece: the rarest pieces that nobody was asked for; in end game any that are missing. */
  #checkOut(end: End, blocks: number): void {
    const { owner } = end
    let needed = blocks
    const among = this.far.isRationed(end) ? this.far.choose(end) : end.has
    const endGame = owner.endGame ? this.#missingAt(end, among) : []
    while (needed > 0) {
      const piece = owner.endGame ? (endGame.pop() ?? -1) : rarest(owner, among, owner.have, owner.used)
      if (piece < 0) return
      if (!end.isNear) this.far.ask(owner, piece)
      let progress = owner.progress.get(piece)
      if (progress === undefined) {
        const { blocks: all } = this.grain
        progress = { came: new Uint8Array(all), asked: new Uint8Array(all), missing: all, users: 0 }
        owner.progress.set(piece, progress)
      }
      if (progress.users === 0) {
        setPiece(owner.used, piece)
        owner.unused -= 1
      }
      progress.users += 1
      end.targets.push(piece)
      needed -= progress.missing
    }
  }

  /** In any order. */
  #missingAt({ owner, targets }: End, among: Uint32Array): number[] {
    const pieces: number[] = []
    for (let word = 0; word < among.length; word += 1) {
      let bits = (among[word] as number) & ~(owner.have[word] as number)
      for (; bits !== 0; bits &= bits - 1) {
        const piece = word * 32 + 31 - Math.clz32(bits & -bits)
        if (!targets.includes(piece)) pieces.splice(Math.floor(this.random() * (pieces.length + 1)), 0, piece)
      }
    }
    return pieces
  }

  #unask(owner: Host, block: number): void {
    const piece = Math.floor(block / this.grain.blocks)
    const asked = owner.progress.get(piece)?.asked
    const index = block - piece * this.grain.blocks
    if (asked !== undefined) asked[index] = (asked[index] as number) - 1
  }

  #release(owner: Host, piece: number): void {
    const progress = owner.progress.get(piece)
    if (progress === undefined) return
    progress.users -= 1
    if (progress.users > 0) return
    unsetPiece(owner.used, piece)
    owner.unused += 1
  }

  #complete(owner: Host, piece: number): void {
    owner.progress.delete(piece)
    setPiece(owner.have, piece)
    owner.got.push(piece)
    owner.gotAt = this.links.now
    this.onPiece(owner)
  }

  /** showPieces: as many ahead as the peer took lately, each piece to one peer; then all to all. */
  #show(end: End): void {
    const { owner } = end
    const { blocks, blockLength } = this.grain
    const ahead = Math.max(leastShown, Math.floor(end.recentSent / (blocks * blockLength)))
    end.shown = end.shown.filter(piece => !hasPiece(end.has, piece))
    const news: number[] = []
    while (end.shown.length < ahead && owner.unshown !== undefined) {
      const piece = rarest(owner, owner.unshown, end.has, owner.used)
      if (piece < 0) break
      unsetPiece(owner.unshown, piece)
      owner.sendFree = Math.max(this.links.now, owner.sendFree) + this.showTime
      end.shown.push(piece)
      news.push(piece)
      if (owner.unshown.every(word => word === 0)) owner.unshown = undefined
    }
    if (news.length > 0) this.links.send(end, { kind: 'show', pieces: news })
    if (owner.unshown !== undefined && end.shown.length > 0) return
    end.isShown = false
    this.far.count(end.peer)
    end.told = owner.got.length
    this.links.send(end, { kind: 'all' })
  }
}

/** RarestPieceSelector.cc: of the pieces in the first set and in neither of the others. */
function rarest({ counts, rank }: Host, among: Uint32Array, without: Uint32Array, nor: Uint32Array): number {
  let best = -1
  let least = Infinity
  for (let word = 0; word < among.length; word += 1) {
    let bits = (among[word] as number) & ~(without[word] as number) & ~(nor[word] as number)
    for (; bits !== 0; bits &= bits - 1) {
      const piece = word * 32 + 31 - Math.clz32(bits & -bits)
      const key = (counts[piece] as number) * 65536 + (rank[piece] as number)
      if (key < least) {
        least = key
        best = piece
      }
    }
  }
  return best
}
