/** The nodes as they stand, in a file beside the history: a `serve` that was killed goes on with them. */
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { reasonOf, writeWholeFiles } from '../host/files/whole-file.ts'
import type { Fleet } from './fleet-nodes.ts'
import type { KeptNode } from './observed-node.ts'

/** Of the file: another one is not read. */
const version = 1
/** Milliseconds between two writings, and how many times longer than the work of one: of a large site they are fewer. */
const pause = { least: 250, times: 20 }

export class KeptNodes {
  readonly #fleet: Fleet
  readonly #file: string
  readonly #say: (line: string) => void
  #version = 0
  #timer: NodeJS.Timeout
  #writing: Promise<unknown> = Promise.resolve()
  #isBroken = false

  /** Puts the nodes of a folder, which is one's own, into a fleet, and keeps them there from then on. */
  constructor(fleet: Fleet, folder: string, say: (line: string) => void) {
    this.#fleet = fleet
    this.#file = join(folder, 'nodes.json')
    this.#say = say
    removeHalfWritten(this.#file)
    fleet.restore(this.#read())
    this.#version = fleet.version
    this.#timer = this.#after(pause.least)
  }

  /** Writes what has changed. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#writing
    await this.#write()
  }

  #after(ms: number): NodeJS.Timeout {
    const turn = () => {
      this.#writing = this.#write().then(worked => {
        this.#timer = this.#after(Math.max(pause.least, pause.times * worked))
      })
    }
    return setTimeout(turn, ms).unref()
  }

  /** @returns for how many ms nothing else could be done */
  async #write(): Promise<number> {
    if (this.#version === this.#fleet.version) return 0
    const now = this.#fleet.version
    const began = performance.now()
    const content = JSON.stringify({ version, nodes: this.#fleet.kept() })
    const worked = performance.now() - began
    try {
      await writeWholeFiles([{ path: this.#file, content, mode: 0o600 }])
      this.#version = now
      this.#isBroken = false
    } catch (error) {
      if (!this.#isBroken) this.#say(`--state: ${(error as Error).message}`)
      this.#isBroken = true
    }
    return worked
  }

  #read(): KeptNode[] {
    let text: string
    try {
      text = readFileSync(this.#file, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#startAnew(reasonOf(error))
      return []
    }
    try {
      const kept = JSON.parse(text) as { version: number; nodes: KeptNode[] }
      if (kept.version === version) return kept.nodes
      this.#startAnew(`it is of version ${kept.version}`)
    } catch {
      this.#startAnew('it is not whole')
    }
    return []
  }

  #startAnew(reason: string): void {
    this.#say(`--state: ${this.#file} is not read: ${reason}; nodes are seen again when they speak`)
  }
}

/** One that was killed while it wrote leaves its file beside the place. */
function removeHalfWritten(file: string): void {
  const folder = dirname(file)
  for (const name of readdirSync(folder))
    if (name.startsWith(`${basename(file)}.`) && name.endsWith('.tmp'))
      rmSync(join(folder, name), { force: true })
}
