import type { Socket } from 'node:net'

/** Requests that may wait for their turn: on one connection until it is read on, and on all together. */
const mostWaiting = { connection: 1000, all: 10_000 }

interface Queue {
  last: Promise<void>
  waiting: number
}

/** One answer at a time on a connection: a client that asks for thousands in a row opens no thousands of files. */
export class AnswersInTurn {
  readonly #queues = new WeakMap<Socket, Queue>()
  #waiting = 0

  /** Answers when those before are over. False when too many wait already: such a client is to be hung up on. */
  add(socket: Socket, answer: () => Promise<void>): boolean {
    const queue = this.#queues.get(socket) ?? { last: Promise.resolve(), waiting: 0 }
    this.#queues.set(socket, queue)
    if (this.#waiting >= mostWaiting.all && queue.waiting > 0) return false
    this.#waiting += 1
    queue.waiting += 1
    if (queue.waiting >= mostWaiting.connection) socket.pause()
    queue.last = queue.last.then(answer).finally(() => {
      this.#waiting -= 1
      queue.waiting -= 1
      if (queue.waiting < mostWaiting.connection / 2 && socket.isPaused()) socket.resume()
    })
    return true
  }
}
