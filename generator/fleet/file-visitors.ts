/** Those who fetch files and are no nodes, as far as is known: they are shown apart, so that nobody is lost. */
import type { FileAnswer } from './file-request.ts'
import type { FileVisitor } from './fleet-view.ts'
import { keptText } from './kept-text.ts'

/** The last ones; and how long each is remembered (ms). */
const most = 50
const forgottenAfter = 3600_000

export class FileVisitors {
  /** By address, the last one at the end. */
  readonly #visitors = new Map<string, FileVisitor>()
  #version = 0

  /** The store's count when they last changed. */
  get version(): number {
    return this.#version
  }

  /** Takes an answer to one. */
  answered(address: string, { path, userAgent = '' }: FileAnswer, now: number, version: number): void {
    this.#version = version
    this.#visitors.delete(address)
    this.#visitors.set(address, {
      ...{ address, at: now },
      ...{ program: keptText(userAgent.split(' ')[0] ?? '', 64), path: keptText(path) },
    })
    const [oldest] = this.#visitors.keys()
    if (this.#visitors.size > most && oldest !== undefined) this.#visitors.delete(oldest)
  }

  /** It has turned out to be a node. */
  leave(address: string, count: () => number): void {
    if (this.#visitors.delete(address)) this.#version = count()
  }

  /** Forgets those who were here long ago. */
  forget(now: number, count: () => number): void {
    const old = [...this.#visitors.values()].filter(({ at }) => now - at > forgottenAfter)
    for (const { address } of old) this.#visitors.delete(address)
    if (old.length > 0) this.#version = count()
  }

  /** The last one first. */
  list(): FileVisitor[] {
    return [...this.#visitors.values()].reverse()
  }
}
