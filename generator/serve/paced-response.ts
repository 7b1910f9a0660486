import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'

/** A rate that several senders share: each waits until its bytes may go. */
export class SharedRate {
  #free = 0

  constructor(readonly bytesPerSecond: number) {}

  async take(bytes: number): Promise<void> {
    const now = performance.now()
    this.#free = Math.max(now, this.#free) + (bytes / this.bytesPerSecond) * 1000
    await sleep(this.#free - now)
  }
}

/** A response whose body goes out at a shared rate. It has what sirv uses of a response. */
export class PacedResponse extends Writable {
  readonly #response: ServerResponse
  readonly #rate: SharedRate

  constructor(response: ServerResponse, rate: SharedRate) {
    super()
    this.#response = response
    this.#rate = rate
    response.on('close', () => this.destroy())
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.#rate.take(chunk.length).then(() => {
      if (this.destroyed) done()
      else this.#response.write(chunk, done)
    })
  }

  override _final(done: () => void): void {
    this.#response.end(done)
  }

  getHeader(name: string): string | number | string[] | undefined {
    return this.#response.getHeader(name)
  }

  setHeader(name: string, value: string): void {
    this.#response.setHeader(name, value)
  }

  writeHead(status: number, headers: OutgoingHttpHeaders): void {
    this.#response.writeHead(status, headers)
  }

  set statusCode(status: number) {
    this.#response.statusCode = status
  }
}
