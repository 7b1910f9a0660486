/** Cables and switches: each link is a server with a queue, each host's connections take turns at its own link. */
import type { EventQueue } from './event-queue.ts'
import { frameShare, roundTrip } from './physical.ts'
import type { Grain, Scenario } from './scenario.ts'
import type { End, Host, Message } from './swarm-host.ts'

/** Kinds of events, by what they are about. */
export const event = { sent: 0, block: 1, message: 2, tick: 3, announce: 4, dial: 5, joined: 6, call: 7 }

/** Bytes that may be on their way over one connection: what TCP's windows allow where no queue overflows. */
const windowBytes = 1 << 20

export class Links {
  now = 0
  /** When what is on its way over a rack's uplink has passed, to the others and from them. */
  readonly #out: Float64Array
  readonly #in: Float64Array
  readonly #uplinkTime: number
  /** Bytes that crossed uplinks, each counted once for each that it crossed. */
  uplinkBytes = 0
  readonly #blockBytes: number
  readonly #window: number

  constructor(
    readonly events: EventQueue,
    readonly scenario: Scenario,
    grain: Grain,
  ) {
    this.#out = new Float64Array(scenario.racks)
    this.#in = new Float64Array(scenario.racks)
    this.#uplinkTime = scenario.uplink === undefined ? 0 : 8 / frameShare / scenario.uplink
    this.#blockBytes = grain.blockLength
    this.#window = Math.max(2, Math.ceil(windowBytes / grain.blockLength))
  }

  /** A message goes behind the blocks that wait on its connection, or at once. */
  send(end: End, message: Message): void {
    if (end.out.length > 0 || end.owner.sending === end) end.out.push(message)
    else this.#deliver(end, message, this.now + this.#delay(end))
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
    if (!end.open) {
      this.#next(host)
      return
    }
    const block = end.out.shift() as number
    const arrives = this.#arrival(host, end.peer.owner)
    host.bytesSent += this.#blockBytes
    end.sent += this.#blockBytes
    end.inFlight += 1
    if (!host.cut && !end.peer.owner.cut) this.events.add(arrives, event.block, end.peer, block)
    let order = 0
    while (end.out.length > 0 && typeof end.out[0] !== 'number') {
      order += 1
      this.#deliver(end, end.out.shift() as Message, arrives + order * 1e-9)
    }
    this.#takeTurn(end)
    this.#next(host)
  }

  /** A block has arrived: there is room for another one. */
  arrived(end: End): void {
    end.peer.inFlight -= 1
    this.#takeTurn(end.peer)
  }

  #takeTurn(end: End): void {
    if (end.inTurn || !end.open || end.inFlight >= this.#window || end.out.length === 0) return
    end.inTurn = true
    end.owner.turns.push(end)
    if (end.owner.sending === undefined) this.#next(end.owner)
  }

  #next(host: Host): void {
    if (host.sending !== undefined) return
    for (let end = host.turns.shift(); end !== undefined; end = host.turns.shift()) {
      end.inTurn = false
      if (!end.open || end.out.length === 0) continue
      host.sending = end
      const bytes = this.#blockBytes
      host.sendFree = Math.max(this.now, host.sendFree) + bytes * host.sendWork
      this.events.add(Math.max(this.now + bytes * host.upTime, host.sendFree), event.sent, end)
      return
    }
  }

  #arrival(from: Host, to: Host): number {
    const bytes = this.#blockBytes
    let time = this.now
    if (from.rack !== to.rack) {
      if (from.rack !== 0) time = this.#pass(this.#out, from.rack, time, bytes)
      if (to.rack !== 0) time = this.#pass(this.#in, to.rack, time, bytes)
    }
    to.downFree = Math.max(time, to.downFree) + bytes * to.downTime
    to.workFree = Math.max(to.downFree, to.workFree) + bytes * to.receiveWork
    return to.workFree + roundTrip / 2
  }

  #pass(free: Float64Array, rack: number, time: number, bytes: number): number {
    this.uplinkBytes += bytes
    free[rack] = Math.max(time, free[rack] as number) + bytes * this.#uplinkTime
    return free[rack] as number
  }

  /** How long a message without blocks before it takes: it stands in the queues of both links. */
  #delay({ owner, peer }: End): number {
    const { scenario } = this
    const limit = (time: number) => scenario.queue(8 / frameShare / time)
    const mine = Math.min(limit(owner.upTime), owner.turns.length * this.#blockBytes * owner.upTime)
    const theirs = Math.min(limit(peer.owner.downTime), Math.max(0, peer.owner.downFree - this.now))
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
