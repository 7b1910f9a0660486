import { setTimeout as sleep } from 'node:timers/promises'

/** A rate that several senders share: each waits until its bytes may go. */
export class SharedRate {
  #free = 0

  constructor(readonly bytesPerSecond: number) {}

  async take(bytes: number): Promise<void> {
    const now = performance.now()
    this.#free = Math.max(now, this.#free) + (bytes / this.bytesPerSecond) * 1000
    // An answer that nobody waits for any more keeps no process alive.
    await sleep(this.#free - now, undefined, { ref: false })
  }
}
