/** Cables and switches: each link is a server with a queue, each host's connections take turns at its own link. */
import type { EventQueue } from './event-queue.ts'
import { frameShare, roundTrip } from './physical.ts'
import type { Grain, Scenario } from './scenario.ts'
import { type End, Gate, type Host, type Message } from './swarm-host.ts'

/** Kinds of events, by what they are about. */
export const event = {
  sent: 0,
  block: 1,
  message: 2,
  tick: 3,
  announce: 4,
  dial: 5,
  joined: 6,
  room: 7,
  call: 8,
  have: 9,
}

export class Links {
  now = 0
  /** Bytes that came into racks over their uplinks. */
  uplinkBytes = 0
  /** The uplinks of racks, to the others and from them. */
  readonly #out: Gate[]
  readonly #in: Gate[]
  readonly #blockBytes: number

  constructor(
    readonly events: EventQueue,
    readonly scenario: Scenario,
    grain: Grain,
  ) {
    this.#blockBytes = grain.blockLength
    const { racks, uplink } = scenario
    const uplinks = () =>
      Array.from({ length: racks }, (_, rack) => this.gate(rack === 0 ? undefined : uplink))
    this.#out = uplinks()
    this.#in = uplinks()
  }

  /** A link of so many bits a second; its queue holds two blocks at the least. */
  gate(rate = Infinity): Gate {
    const time = (8 / frameShare / rate) * this.#blockBytes
    return new Gate(time, Math.max(this.scenario.queue(rate), 2 * time))
  }

  /** A message goes behind the blocks that wait on its connection, or at once. */
  send(end: End, message: Message): void {
    if (end.out.length > 0 || end.owner.sending === end) end.out.push(message)
    else this.#deliver(end, message, this.now + this.#delay(end))
  }

  /** The peer is told of the first pieces that are there: the message that there are most of. */
  sendHave(end: End, upTo: number): void {
    end.told = upTo
    if (end.out.length > 0 || end.owner.sending === end) end.out.push({ kind: 'have', upTo })
    else if (!end.owner.cut && !end.peer.owner.cut)
      this.events.add(this.now + this.#delay(end), event.have, end.peer, upTo)
  }

  /** Blocks wait for their connection's turn. */
  queue(end: End, blocks: number[]): void {
    for (const block of blocks) end.out.push(block)
    this.#takeTurn(end)
  }

  /** A block has left its host: where it arrives, and when. The host sends the next one. */
  sent(end: End): void {
    const host = end.owner
    host.sending = undefined
    const block = end.out.shift() as number
    const arrives = this.#arrival(end)
    host.bytesSent += this.#blockBytes
    end.sent += this.#blockBytes
    if (!host.cut && !end.peer.owner.cut) this.events.add(arrives, event.block, end.peer, block)
    let order = 0
    while (end.out.length > 0 && typeof end.out[0] !== 'number') {
      order += 1
      this.#deliver(end, end.out.shift() as Message, arrives + order * 1e-9)
    }
    this.#takeTurn(end)
    this.#next(host)
  }

  /** Whoever has waited longest before a link goes, as soon as there is room. */
  room(gate: Gate): void {
    gate.isWatched = false
    while (gate.waiting.length > gate.firstWaiting) {
      const next = gate.waiting[gate.firstWaiting] as End
      if (gate.backlog(this.now, this.#sendTime(next.owner)) >= gate.queue) break
      gate.firstWaiting += 1
      next.inTurn = false
      next.place = gate
      gate.coming += 1
      if (this.#takeTurn(next, true)) continue
      next.place = undefined
      gate.coming -= 1
    }
    if (gate.firstWaiting > 64 && gate.firstWaiting * 2 > gate.waiting.length) {
      gate.waiting.splice(0, gate.firstWaiting)
      gate.firstWaiting = 0
    }
    if (gate.waiting.length > gate.firstWaiting) this.#watch(gate)
  }

  #wait(end: End, gate: Gate): void {
    end.inTurn = true
    gate.waiting.push(end)
    if (!gate.isWatched) this.#watch(gate)
  }

  #watch(gate: Gate): void {
    gate.isWatched = true
    this.events.add(this.now + Math.max(gate.time, gate.backlog(this.now, 0) - gate.queue), event.room, gate)
  }

  /** Seconds that a host takes to send a block. */
  #sendTime({ up, sendWork }: Host): number {
    return Math.max(up.time, this.#blockBytes * sendWork)
  }

  #takeTurn(end: End, isFirst = false): boolean {
    if (end.inTurn || !end.open || end.out.length === 0) return false
    end.inTurn = true
    if (isFirst) end.owner.turns.unshift(end)
    else end.owner.turns.push(end)
    if (end.owner.sending === undefined) this.#next(end.owner)
    return true
  }

  #next(host: Host): void {
    if (host.sending !== undefined) return
    const sendTime = this.#sendTime(host)
    for (let end = host.turns.shift(); end !== undefined; end = host.turns.shift()) {
      const { place } = end
      end.inTurn = false
      end.place = undefined
      if (!end.open || end.out.length === 0) {
        if (place !== undefined) place.coming -= 1
        continue
      }
      const way = this.#way(end)
      const full =
        place === undefined ? way.find(gate => gate.backlog(this.now, sendTime) >= gate.queue) : undefined
      if (full !== undefined) {
        this.#wait(end, full)
        continue
      }
      for (const gate of way) if (gate !== place) gate.coming += 1
      host.sending = end
      host.sendFree = Math.max(this.now, host.sendFree) + this.#blockBytes * host.sendWork
      this.events.add(Math.max(this.now + host.up.time, host.sendFree), event.sent, end)
      return
    }
  }

  /** The links behind a host's own, to the host at the other end. */
  #way({ owner, peer: { owner: to } }: End): Gate[] {
    if (owner.rack === to.rack) return [to.down]
    const way = [to.down]
    if (to.rack !== 0) way.unshift(this.#in[to.rack] as Gate)
    if (owner.rack !== 0) way.unshift(this.#out[owner.rack] as Gate)
    return way
  }

  #arrival(end: End): number {
    const to = end.peer.owner
    const way = this.#way(end)
    if (to.rack !== 0 && to.rack !== end.owner.rack) this.uplinkBytes += this.#blockBytes
    const time = way.reduce((then, gate) => gate.pass(then), this.now)
    to.workFree = Math.max(time, to.workFree) + this.#blockBytes * to.receiveWork
    return to.workFree + roundTrip / 2
  }

  /** How long a message without blocks before it takes: it stands in the queues of both links. */
  #delay({ owner, peer }: End): number {
    const mine = Math.min(owner.up.queue, owner.turns.length * owner.up.time)
    const theirs = Math.max(0, peer.owner.down.free - this.now)
    return roundTrip / 2 + mine + theirs
  }

  #deliver(end: End, message: Message, time: number): void {
    const { owner, peer } = end
    if (owner.cut || peer.owner.cut) return
    this.events.add(time, event.message, new Arrival(peer, message))
  }
}

/** A message on its way. */
export class Arrival {
  constructor(
    readonly end: End,
    readonly message: Message,
  ) {}
}
