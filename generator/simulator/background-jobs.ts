/**
 * Commands that go on while the boot does. One is run as it is started, with a clock of its own and the files as they are
 * then; what it does comes to the machine when the boot's clock has come to that time. So a boot is the same each time.
 */
import type { Change, FileSystem } from './file-system.ts'

/** Something that a started command does, and when. */
interface Deed {
  at: number
  changes: Change[]
  console: string
  events: string[]
}

interface Job {
  status: number
  endsAt: number
  deeds: Deed[]
}

/** What a shell calls the end by TERM: 128 + 15. */
const terminated = 143

export class Background {
  readonly #files: FileSystem
  readonly #jobs = new Map<number, Job>()
  /** The deeds of the command that is being run just now. */
  #current: Deed[] | undefined
  /** Events that nobody has read; undefined until they are open. */
  events: string[] | undefined

  constructor(files: FileSystem) {
    this.#files = files
  }

  /** Takes down what the command that is being run has done so far. */
  note(at: number, console: string, events: string[] = []): void {
    this.#current?.push({ at, console, events, changes: this.#files.takeChanges() })
  }

  get isRunning(): boolean {
    return this.#current !== undefined
  }

  /** Runs a command to its end; `run` gives its status and the time at which it ends. Its process id. */
  add(run: () => { status: number; endsAt: number }): number {
    if (this.#current !== undefined)
      throw new Error('a started command starts another: this is not simulated')
    this.#files.takeChanges()
    const restore = this.#files.save()
    this.#current = []
    try {
      const ended = run()
      const id = 1000 + this.#jobs.size
      this.#jobs.set(id, { ...ended, deeds: this.#current })
      return id
    } finally {
      this.#current = undefined
      restore()
    }
  }

  /** What happens up to a time, in its order: `tell` gets what it says on the console. */
  settle(now: number, tell: (console: string) => void): void {
    const due = [...this.#jobs.values()].flatMap(({ deeds }) => deeds.filter(({ at }) => at <= now))
    for (const job of this.#jobs.values()) job.deeds = job.deeds.filter(({ at }) => at > now)
    for (const { changes, console, events } of due.sort((a, b) => a.at - b.at)) {
      for (const change of changes) this.#files.apply(change)
      if (console !== '') tell(console)
      this.events?.push(...events)
    }
  }

  /** When the next event comes; undefined where none does. */
  nextEventAt(): number | undefined {
    const times = [...this.#jobs.values()].flatMap(({ deeds }) =>
      deeds.filter(({ events }) => events.length > 0).map(({ at }) => at),
    )
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** How and when a command ends; a shell calls one that it does not know 127. */
  endOf = (id: number): { status: number; endsAt: number } => this.#jobs.get(id) ?? { status: 127, endsAt: 0 }

  stop(id: number, now: number): void {
    const job = this.#jobs.get(id)
    if (job === undefined || job.endsAt <= now) return
    this.#jobs.set(id, { status: terminated, endsAt: now, deeds: [] })
  }
}
