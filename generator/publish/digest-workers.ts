/** The two digesters, each in a thread of its own, or both in this one where starting threads would take longer. */
import { Worker } from 'node:worker_threads'
import type { Question } from './digest-worker.ts'
import { type Cut, type Digester, type FileDigests, PieceDigester, WholeDigester } from './digester.ts'

/** A digester that is asked for one file after the other. */
export interface Digesters {
  begin(cut: Cut): Promise<void>
  /** Comes back when the block may be written over. */
  take(block: SharedArrayBuffer, length: number): Promise<void>
  end(): Promise<FileDigests>
  close(): Promise<void>
}

/** In a checkout the thread first learns to read TypeScript. */
const threadModule = import.meta.url.endsWith('.ts') ? './digest-thread.mjs' : './digest-worker.js'

/** What two threads save here is what their start takes: 0.7 s, measured. */
const worthThreads = 512 * 1024 * 1024

export function startDigesters(bytes: number): Digesters {
  return bytes < worthThreads ? new InThisThread() : new InTwoThreads()
}

export class InThisThread implements Digesters {
  readonly #whole = new WholeDigester()
  readonly #pieces = new PieceDigester()

  async begin(cut: Cut): Promise<void> {
    for (const digester of [this.#whole, this.#pieces] as Digester[]) digester.begin(cut)
  }

  async take(block: SharedArrayBuffer, length: number): Promise<void> {
    const bytes = new Uint8Array(block, 0, length)
    this.#whole.take(bytes)
    this.#pieces.take(bytes)
  }

  async end(): Promise<FileDigests> {
    return { ...this.#whole.end(), ...this.#pieces.end() }
  }

  async close(): Promise<void> {}
}

export class InTwoThreads implements Digesters {
  readonly #threads = [new DigestThread('whole'), new DigestThread('pieces')]

  async #askAll(question: Question): Promise<unknown[]> {
    return await Promise.all(this.#threads.map(thread => thread.ask(question)))
  }

  async begin(cut: Cut): Promise<void> {
    await this.#askAll({ begin: cut })
  }

  async take(block: SharedArrayBuffer, length: number): Promise<void> {
    await this.#askAll({ block, length })
  }

  async end(): Promise<FileDigests> {
    return Object.assign({}, ...(await this.#askAll('end'))) as FileDigests
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.close()))
  }
}

class DigestThread {
  readonly #worker: Worker
  readonly #waiting: { resolve(answer: unknown): void; reject(error: Error): void }[] = []

  constructor(kind: 'whole' | 'pieces') {
    this.#worker = new Worker(new URL(threadModule, import.meta.url), {
      workerData: kind,
      execArgv: [],
    })
    this.#worker.on('message', answer => this.#waiting.shift()?.resolve(answer))
    this.#worker.on('error', error => {
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    })
  }

  ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#worker.postMessage(question)
    })
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }
}
